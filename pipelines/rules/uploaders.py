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
    r"|sourced) (?:by|from|first)|best novel reading experience|for (?:a )?(?:better|best) (?:user "
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
