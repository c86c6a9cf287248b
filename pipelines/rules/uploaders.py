"""Judging one line of an English book: credits of scanners and uploaders, and the notices of novel sites."""

import re

_ADDRESS = re.compile(
    r"(?i)\b(?:https?://|www\.)[\w\-./?=&%#~]{3,80}|\b[a-z0-9\-]{2,30}(?:\s?\.\s?|\(\.\)|\[\.\])(?:com|net|org|info"
    r"|co|me|cc|example|invalid|test)\b(?:/[\w\-./?=&%#]{0,60})?"
)
_TRADE = re.compile(
    r"(?i)\b(?:original|stolen|downloads?(?:ed)?|upload(?:ed|er)?|e-?books?|free (?:books|novels)|visit|torrents?"
    r"|epub|mobi|pdf|txt"
    r"|scann?(?:ed)?|proof(?:ed|read)|ocr"
    r"|converte[dr]|chapters?|updates?d?|latest|read (?:more|online|free|on|at)|novels?|website|web ?site|support"
    r"|patreon|discord|published|posted|courtesy)\b"
)
_CREDIT = re.compile(
    r"\W{0,6}(?:This (?:e-?[bB]ook|file|book|text|novel|document|edition)(?: \w+)? (?:was|is|has been) )?(?i:scanned"
    r"|proofed|proof-?read|uploaded|ocr'?e?d|ripped|converted"
    r"|formatted|downloaded|digiti[sz]ed|typed|e-?book(?: made| created| version)?|epub)(?:(?:,|,? and|,? &"
    r"| /) ?[\w-]+){0,3},? (?i:by|from|at|with|using|for):? ?(?=[A-Z\d\[<\"'])"
)
_NOTICE = re.compile(
    r"(?i)ABC Amber \w+ Converter|\be-?book version \d|^\W{0,6}(?:scan(?:s|ned)?|ocr)(?: ?[/&,] ?| and )(?:ocr"
    r"|proof\w*|scan\w*)\b|(?:more|other) (?:free )?e-?books (?:at|from|on|visit)"
    r"|if you (?:like|enjoy|liked|enjoyed) (?:this|the) (?:book|e-?book|novel).{0,40}(?:buy|purchase|support)"
    r"|(?:not for (?:sale|resale)|do not (?:sell|redistribute)).{0,40}e-?book"
    r"|\*{3} ?(?:start|end) of (?:this|the)|^\W{0,6}(?:translat(?:or|ed by)|editor|edited by|proofreader|tl"
    r"|release group)\b ?[:：]|release group|\be-?text\b|arrow keys|(?:previous|prev|next)/?(?:next|prev)? chapter"
    r"|find any errors.{0,60}(?:let us know|report)|(?:new|latest|most up-to-date) (?:novel )?(?:chapters?|novels?"
    r"|episodes) (?:are|is) (?:published|updated|available)|read (?:the )?latest (?:chapters?|episodes?) (?:at|on"
    r"|only)"
    r"|(?:this chapter|this content|the source of this|content) (?:is|was) (?:updated|taken|uploaded|stolen"
    r"|sourced) (?:by|from|first)|(?:source of|the original) (?:of )?this (?:content|chapter|novel)|\bpirate (?:site|d)|"
    r"\b(?:novel|book|web) piracy"
    r"|(?:tale|story|narrative|work|content|text|novel|chapter|book) (?:has been|was|is being|is) (?:illicitly |unlawfully |"
    r"illegally |wrongfully )?"
    r"(?:taken|stolen|lifted|misappropriated|pilfered|purloined|reposted|copied) (?:without (?:approval|permission|consent|"
    r"authori)"
    r"|from (?:its rightful|royal|the original|amazon))|not meant to be on|unauthori[sz]ed "
    r"(?:duplication|reproduction|use|copy)|report (?:any )?(?:sightings|instances|occurrences|the violation|it to)|"
    r"keyboard keys"
    r"|browse between chapters|advance chapters|(?:leave|write|post) an? (?:review|comment|rating)|sponsored (?:content|links?)"
    r"|^\W{0,6}advertisements?\W{0,6}$|(?:continue|keep) reading (?:on|at|in|with|the)|click (?:here )?to (?:continue|read|"
    r"open|download|view)"
    r"|premium (?:member|access|subscri|chapters)|share (?:this|the) (?:chapter|novel|story|post|book)|log ?in to |sign "
    r"(?:in|up) (?:to|for|now)"
    r"|(?:join|visit|check out|find|support) (?:our|my|us|me|his|her)? ?(?:discord|patreon|website|site|telegram|facebook|"
    r"channel|ko-?fi|server|wattpad|group)"
    r"|support (?:the )?(?:author|translator|creator|original)|visit (?:our|the|my) (?:web ?site|page)|^\W{0,6}(?:produced|"
    r"created|prepared"
    r"|formatted|made|generated|converted|uploaded|released|provided|compiled|shared|powered) (?:by|with|using) (?:the "
    r")?[a-z0-9]"
    r"|^\W{0,6}chapter \d{1,5}.{0,60} - .{2,40}(?:novels?|online|free|books?|webnovel)\W{0,3}$|all rights reserved|"
    r"copyright (?:©|\(c\)|\d{4})"
    r"|(?:previous|prev|next|table of contents|index|home|bookmark)(?: chapter)?(?: ?[|/·<>»«←→-]{1,3} ?(?:previous|prev|"
    r"next|table of contents|toc|index|home|bookmark|chapter list)(?: chapter)?){1,4}"
    r"|(?:use|enable|disable|turn off) (?:your )?(?:ad ?block|javascript|dark mode)|loading\.\.\.|please wait|checking your "
    r"browser"
    r"|ddos protection|cloudflare|^\W{0,4}(?:403|404|50[0-4]) [a-z]|page not found|service (?:temporarily )?unavailable|too "
    r"many requests"
    r"|page \d{1,4} of \d{1,4}|generated (?:by|with)|thank(?:s| you) for reading (?:on|at|this|my)|new chapters? (?:every|"
    r"daily|each|weekly)"
    r"|(?:rate|vote for) this (?:novel|chapter|story|book)|best novel reading experience|for (?:a )?(?:better|best) (?:user "
    r"|reading )?experience"
)
_KINDS = re.compile(
    r"(?i)\b(?:(?P<site>sites?|website|web|online|url|domain|ads|pop-?ups?)|(?P<book>e-?books?|books?|novels?"
    r"|stor(?:y|ies)|titles?"
    r"|chapters?|episodes?)|(?P<get>downloads?|free|torrents?|epub|mobi|pdf|txt|format(?:ted)?|version)"
    r"|(?P<make>scan(?:s|ned|ner)?|proof\w*|ocr|converted|converter|ripped|typed|uploaded|uploader|uploads?|posted"
    r"|shared|release[ds]?|credits?|thanks to|created|made|edited by|brought to you)|(?P<ask>please|visit|bookmark"
    r"|support|join|subscribe|enjoy|vote|rate|report|errors?|press|click)"
    r"|(?P<new>latest|updates?d?|new|more|fastest|daily|first)|(?P<net>ctrl|discord|telegram|patreon|irc|channel"
    r"|group|forum|e-?mail|share|us))\b"
)
_ENOUGH_KINDS = 3
_STORY = re.compile(r"[\"“”]|\b(?:he|she|his|her|him|said|asked|they|my)\b", re.IGNORECASE)
_WORDS = re.compile(r"\w")
_LONGEST = 240


def is_notice(line: str) -> bool:
    """Whether a line of Latin letters is nothing but an uploader's or a site's."""
    bare = line.strip()
    if not bare or len(bare) > _LONGEST:
        return False
    told = _STORY.search(bare)
    if _ADDRESS.search(bare):
        left = len(_WORDS.findall(_ADDRESS.sub("", bare)))
        return left <= 12 or (not told and _TRADE.search(_ADDRESS.sub("", bare)) is not None)
    kinds = {found.lastgroup for found in _KINDS.finditer(bare)}
    return not told and bool(_NOTICE.search(bare) or _CREDIT.match(bare) or len(kinds) >= _ENOUGH_KINDS)
