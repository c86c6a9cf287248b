"""Rules of markup that was left in a text: HTML entities and tags, scraps of scripts."""

import html
import re
import unicodedata
from collections.abc import Iterator
from html.entities import html5

from pipelines.rules.rule import Edit, Rule
from pipelines.rules.settling import settled

# Fewer than these may be what an author wrote: "&amp;" in a novel about the web, or a title in angle brackets.
LEAST_SCRAPS = 3
BLOCK_LIMIT = 20_000
# Tags that end a line, and those that only dress it up. A name in angle brackets that is none of these is the author's.
_LINES = "p|div|h[1-6]|li|ul|ol|dl|dt|dd|tr|table|tbody|thead|blockquote|center|hr|article|section|header|footer|body|html|head"
_DRESS = (
    "a|b|i|u|s|em|strong|font|span|small|big|sub|sup|img|td|th|ruby|rt|rp|rb|meta|link|title|script|style|iframe|ins|code|pre"
)
_ATTRIBUTE = r"""\s{1,5}[A-Za-z][A-Za-z:-]{0,30}\s?=\s?(?:"[^"\n<>]{0,500}"|'[^'\n<>]{0,500}'|[^\s"'<>=]{1,200})"""
_TAG = re.compile(
    rf"</?(?:(?P<line>br|{_LINES})|{_DRESS})(?:{_ATTRIBUTE}){{0,12}}\s{{0,3}}/?>"
    r"|&(?P<entity>(?:amp;){0,4}(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8}[0-9]{0,2});)",
    re.IGNORECASE,
)
_BLOCKS = (("<!--", "-->"), ("<script", "</script>"), ("<style", "</style>"))


def _markup(text: str) -> Iterator[Edit]:
    if text.count("<") + text.count("&") >= LEAST_SCRAPS and len(_scraps(text)) >= LEAST_SCRAPS:
        yield from settled(text, _scraps)


def _scraps(text: str) -> list[Edit]:
    """Blocks of script and comment, tags and entities."""
    blocks = sorted((edit for opened, closed in _BLOCKS for edit in _blocks(text, opened, closed)), key=lambda edit: edit.at)
    edits: list[Edit] = []
    for edit in sorted((*blocks, *_tags(text)), key=lambda edit: (edit.at, -len(edit.removed))):
        if not edits or edit.at >= edits[-1].at + len(edits[-1].removed):
            edits.append(edit)
    return edits


def _blocks(text: str, opened: str, closed: str) -> Iterator[Edit]:
    """What stands between two tags, if the second comes soon after the first."""
    at, end = text.find(opened), -1
    while at >= 0:
        if end < at and (end := text.find(closed, at)) < 0:
            return
        if end - at <= BLOCK_LIMIT:
            yield Edit("markup", at, text[at : end + len(closed)])
            at = text.find(opened, end)
        else:
            at = text.find(opened, at + 1)


def _tags(text: str) -> Iterator[Edit]:
    """Known tags, and entities that stand for a character."""
    for match in _TAG.finditer(text):
        if match["entity"] is None:
            yield Edit("markup", match.start(), match.group(), "\n" if match["line"] else "")
        elif (inserted := _character(match["entity"])) is not None:
            yield Edit("markup", match.start(), match.group(), inserted)


def _character(entity: str) -> str | None:
    """What an entity shows, "" if that cannot be seen, None if it is none. Escaped more than once, it is the same."""
    while entity.startswith("amp;") and entity != "amp;":
        entity = entity.removeprefix("amp;")
    if entity[0] != "#" and entity not in html5:
        return None
    shown = html.unescape(f"&{entity}")
    if shown and shown in "\r\n\x0b\x0c\x85\u2028\u2029":
        return "\n"
    # Controls and formats: the rules that remove them have run.
    return "" if not shown or (unicodedata.category(shown[0]) in ("Cc", "Cf", "Cs") and shown != "\t") else shown


# A pattern runs only where one of its signs is. Chinese characters may stand right beside what they match, so ASCII.
_REMNANTS = (
    (re.compile(r"(?<![\w.])[A-Za-z_]\w{2,30}\(\);", re.ASCII), ("();",)),
    (
        re.compile(r"(?<![\w.])(?:readx|read_x|chapter_content|chaptererror|show_htm\d?|style_tm|getset|hf_ad)\(\)", re.ASCII),
        ("()",),
    ),
    (re.compile(r"(?<!\w)c_t;", re.ASCII), ("c_t;",)),
    (re.compile(r"(?<![A-Za-z0-9])7017[kK](?![A-Za-z0-9])", re.ASCII), ("7017k", "7017K")),
    (
        re.compile(r"(?<![\w.])(?:document\.write(?:ln)?|window\.open|setTimeout)\([^()\n]{0,200}\);?", re.ASCII),
        ("document.write", "window.open", "setTimeout"),
    ),
    (re.compile(r"(?<!\w)\$\([^()\n]{0,60}\)\.[a-z]{2,12}\([^()\n]{0,80}\);?", re.ASCII), ("$(",)),
    # A tag with an attribute, a comment, and a line that is nothing but tags, however few there are.
    (re.compile(r"<!--[^<>\n]{0,120}-->"), ("<!--",)),
    (
        re.compile(
            r"</?(?:a|b|p|div|span|font|img|script|iframe|ins|center|td|tr|table|li|ul|input|link|meta|h\d|strong|em|br|hr)"
            r"(?: {1,3}[a-z\-]{1,20} ?= ?(?:\"[^\"<>\n]{0,200}\"|'[^'<>\n]{0,200}'|[^\s<>\"']{1,100})){1,8} ?/?>",
            re.ASCII | re.IGNORECASE,
        ),
        ("=",),
    ),
    (
        re.compile(
            r"^[ \t\u3000]{0,20}(?:</?(?:a|b|p|div|span|font|script|iframe|ins|center|td|tr|table|li|ul|h\d|strong|em|br|hr|"
            r"body|html)"
            r" ?/?>[ \t\u3000]{0,4}){1,12}$|</?(?:p|div|span|font|script|iframe|ins|center|td|tr|table|body|html|br ?/?)>"
            r"(?=[ \t\u3000]{0,8}$)"
            r"|(?:^|(?<=[。！？”…]))(?:<br ?/?>|</?(?:p|div|span|font|script|a|b|center|strong|td)>)",
            re.MULTILINE | re.IGNORECASE,
        ),
        ("<",),
    ),
    (
        re.compile(
            r"&(?:nbsp|ldquo|rdquo|hellip|mdash|lt|gt|amp|quot|emsp|ensp|middot|#\d{2,5}|#x[0-9a-f]{2,4});?(?![a-z=])", re.ASCII
        ),
        ("&",),
    ),
    # Marks of forums' own markup, of templates, and what a script prints for nothing.
    (
        re.compile(
            r"(?:^|(?<=[。！？”…\]]))\[/?(?:img|url|color|size|font|b|i|u|align|quote|hide|code|center|table|td|tr|list|"
            r"email|free"
            r"|float|sell|attach)(?:=[^\[\]\n]{1,80})?\]|\[/?(?:img|url|color|size|font|b|i|u|align|quote|hide|code|center|"
            r"table|td|tr|list"
            r"|email|free|float|sell|attach)(?:=[^\[\]\n]{1,80})?\](?=$|\[)|\[(?:url|color|size|font|align)=[^\[\]\n]{1,80}\]",
            re.MULTILINE | re.IGNORECASE,
        ),
        ("[",),
    ),
    (
        re.compile(
            r"\{\{ ?[\w.:]{2,40} ?\}\}|\$\{[\w.]{2,40}\}|\{\$?[a-z_]{2,20}[:.][\w.]{1,20}\}|\[object Object\]|"
            r"<\?php[^\n]{0,80}|<%=?[^%\n]{0,60}%>",
            re.ASCII,
        ),
        ("{", "[ob", "<"),
    ),
    (re.compile(r"javascript:[a-z_ ]{1,20}(?:\([^()\n]{0,60}\))?;?", re.ASCII | re.IGNORECASE), ("avascript:",)),
    (
        re.compile(
            r"\(?adsbygoogle ?= ?window\.adsbygoogle[^\n]{0,60}|(?:_hmt|_gaq|_czc|dataLayer)\.push\([^()\n]{0,120}\);?|"
            r"google_ad_\w{2,20} ?= ?[^;\n]{1,60};?",
            re.ASCII,
        ),
        ("adsbygoogle", ".push(", "google_ad_"),
    ),
    # A line that is a statement of a script or a rule of a style sheet.
    (
        re.compile(
            r"^[ \t\u3000]{0,20}(?:(?:var|let|const|function|if|else|for|return|try|window|document|location|jQuery|\$)[ "
            r"(.=\[][^\n]{0,200}[;{}]"
            r"|[.#@]?[a-z][\w\-]{0,30}(?:[ ,.#>]{1,2}[.#]?[\w\-]{1,30}){0,4} ?\{[^{}\n]{0,200}\}|"
            r"[a-z_]\w{1,30}\((?:[\"'\w\-./:, ]{0,80})\);?"
            r"|[a-z\-]{3,20}: ?[\w#%. \-]{1,40};|[{}()\];,]{1,6}|/\*[^*\n]{0,80}\*/)[ \t\u3000]{0,8}$",
            re.ASCII | re.MULTILINE,
        ),
        ("{", "}", ");", "/*", "var "),
    ),
)


def _remnants(text: str) -> Iterator[Edit]:
    return settled(text, _calls)


def _calls(text: str) -> list[Edit]:
    """What readers of websites know: calls of scripts, and the marks of one site's pages."""
    found = [match for pattern, signs in _REMNANTS if any(sign in text for sign in signs) for match in pattern.finditer(text)]
    edits: list[Edit] = []
    for match in sorted(found, key=lambda match: (match.start(), -match.end())):
        if not edits or match.start() >= edits[-1].at + len(edits[-1].removed):
            edits.append(Edit("remnants", match.start(), match.group()))
    return edits


RULES = (
    Rule("markup", 7, True, "middle", "Turn HTML tags and entities into what they show, if there are three or more.", _markup),
    Rule("remnants", 8, True, "low", "Remove scraps of a web page's scripts, such as readx();.", _remnants),
)
