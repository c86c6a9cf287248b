"""What the library shows of novels: the list, how one was read, how it begins, and its clean text to take away. Pure."""

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from pipelines.decode import Decoded
from pipelines.formats.documents import without_halves
from studio.markup import Markup, join, tag
from studio.services.copies import KINDS
from studio.services.novels import OF_BYTES, SAMPLE_CHARACTERS, SURE_ENOUGH, Deleted, Novel
from studio.services.spots import MOST_SPOTS, Spot
from studio.words import Words

SURE = 0.99
NAME_CHARACTERS = 120
# A longer list is slow to draw; the chooser beside it has all, and finds by typing.
ROWS = 200
_TURNING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
# The columns of the list, and the class of each; the wide ones are left away on a phone.
COLUMNS = (
    ("title", None),
    ("characters", "number"),
    ("chapters", "number wide"),
    ("encoding", "wide"),
    ("cleaned", None),
    ("date", "wide"),
)


def shelf(words: Words, novels: Sequence[Novel], chosen: str | None) -> Markup:
    """The list of novels; the title of each is a button that chooses it."""
    head = tag("tr", *(tag("th", words(f"library.column.{name}"), class_=kind, scope="col") for name, kind in COLUMNS))
    rows = [_row(words, novel, novel.id == chosen) for novel in novels[:ROWS]]
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="list", aria_label=words("library.list"))
    more = words("library.list.more", count=f"{len(novels) - ROWS:,}") if len(novels) > ROWS else None
    return tag("div", table, tag("p", more, class_="quiet") if more else None, class_="novels card")


def _row(words: Words, novel: Novel, is_chosen: bool) -> Markup:
    title = tag("bdi", novel.title)
    button = tag(
        "button", title, type="button", class_="novel", data_novel=novel.id, aria_pressed="true" if is_chosen else "false"
    )
    if novel.damaged:
        damaged = tag("span", words("library.damaged"), class_="badge bad", title=words("error.novel_damaged"))
        return tag("tr", tag("td", button), tag("td", damaged, colspan=5), class_="chosen" if is_chosen else None)
    return tag(
        "tr",
        tag("td", button),
        tag("td", f"{novel.characters:,}", class_="number"),
        tag("td", f"{novel.chapters:,}", class_="number wide"),
        tag("td", read_as(words, novel.kind, novel.encoding).partition("（")[0].partition(" (")[0], class_="wide"),
        tag("td", cleaned_badge(words, novel)),
        tag("td", when(novel.created), class_="wide quiet"),
        class_="chosen" if is_chosen else None,
    )


def cleaned_badge(words: Words, novel: Novel) -> Markup:
    """Whether trainings can take the novel as it is."""
    if novel.cleaning is None:
        return tag("span", words("library.not_cleaned"), class_="badge still")
    return tag("span", words("library.cleaned"), class_="badge good")


def card(words: Words, novel: Novel, sample: str, found: Sequence[Spot] = ()) -> Markup:
    """How one novel was read, what was lost and mended on the way, and how it begins."""
    title = tag("h3", tag("bdi", novel.title))
    if novel.damaged:
        return tag("section", title, tag("p", words("error.novel_damaged")), class_="card novel-card")
    rows = [
        tag("div", tag("dt", words(f"library.fact.{name}")), tag("dd", fact), title=words(f"library.fact.{name}.title"))
        for name, fact in _facts(words, novel)
    ]
    facts = tag("dl", *rows, class_="facts")
    return tag(
        "section", title, facts, *_damage(words, novel), _spots(words, found), _sheet(words, sample), class_="card novel-card"
    )


def _facts(words: Words, novel: Novel) -> list[tuple[str, Markup | str]]:
    """Names and values; without the encoding of what has none to be mistaken about."""
    facts: list[tuple[str, Markup | str]] = [("format", words(f"library.format.{novel.kind}"))]
    if novel.has_encoding:
        encodings = novel.encodings if len(novel.encodings) > 1 else (novel.encoding,)
        facts.append(("encoding", words("library.and").join(encoding_name(words, name) for name in encodings)))
        facts.append(("confidence", confidence(words, novel)))
    if novel.has_encoding or novel.replaced:
        facts.append(("replaced", replaced(words, novel.replaced)))
    if novel.repaired:
        facts.append(("repaired", tag("span", words("library.repaired", count=f"{novel.repaired:,}"), class_="badge still")))
    facts += [
        ("characters", f"{novel.characters:,}"),
        ("chapters", f"{novel.chapters:,}"),
        ("cleaned", cleaned_badge(words, novel)),
    ]
    if novel.member or novel.archive:
        facts.append(("member", _member(words, novel)))
    return facts if novel.archive else [*facts, ("file", tag("bdi", short(novel.file)))]


def _member(words: Words, novel: Novel) -> Markup:
    """Where inside which file the novel lay."""
    archive = [tag("bdi", short(novel.archive)), " → "] if novel.archive else []
    return join(*archive, tag("bdi", short(novel.member)))


def _damage(words: Words, novel: Novel) -> list[Markup]:
    """What was wrong with the text before it came, and what could be done about it."""
    notes = []
    if novel.mended:
        true, _, wrong = novel.mended.partition(" read as ")
        values = {"true": encoding_name(words, true), "wrong": encoding_name(words, wrong)}
        notes.append(tag("p", words("library.mended", **values), class_="note"))
    if novel.lost:
        notes.append(tag("p", words("library.lost", count=f"{novel.lost:,}"), class_="note grave"))
    return notes


def _spots(words: Words, found: Sequence[Spot]) -> Markup | None:
    """The places where something was lost or mended, folded away."""
    if not found:
        return None
    summary = tag("summary", words("library.spots.first" if len(found) == MOST_SPOTS else "library.spots", count=len(found)))
    return tag("details", summary, tag("ol", *(_spot(words, one) for one in found)), class_="spots")


def _spot(words: Words, one: Spot) -> Markup:
    kind = words(f"library.spot.{one.kind}") if f"library.spot.{one.kind}" in words.entries else one.kind
    note = join(" ", encoding_name(words, one.note)) if one.note else None
    where = tag("span", kind, note, " · ", f"{one.share:.1%}", class_="quiet")
    said = (
        [one.before, tag("mark", one.text), one.after] if one.text else [tag("span", words("library.spot.far"), class_="quiet")]
    )
    return tag("li", where, tag("bdi", *said, class_="words"))


def copies(words: Words, novel: Novel) -> Markup:
    """The links that take the clean text away; library.js says here how far one is, or why it is not."""
    if novel.damaged:
        return join()
    if novel.cleaning is None:
        return tag("p", words("library.copies.none"), class_="quiet hint")
    links = [_copy(words, novel, kind) for kind in KINDS]
    said = tag(
        "p", role="status", class_="said", data_busy=words("library.copies.busy"), data_failed=words("library.copies.failed")
    )
    return join(tag("div", tag("span", words("library.copies"), class_="quiet"), *links, class_="bar copies"), said)


def _copy(words: Words, novel: Novel, kind: str) -> Markup:
    return tag(
        "a",
        words(f"library.copies.{kind}"),
        href=f"/api/novels/{quote(novel.id, safe='')}/clean.{kind}",
        download=f"{novel.title}.{kind}",
        title=words(f"library.copies.{kind}.title"),
        class_="small",
    )


def confidence(words: Words, novel: Novel) -> Markup:
    """How sure the encoding is, in words."""
    if novel.told:
        return tag("span", words("library.sureness.told"), class_="badge still")
    if novel.confidence >= SURE:
        return tag("span", words("library.sureness.certain"), class_="badge good")
    percent = f"{novel.confidence:.0%}"
    if novel.confidence >= SURE_ENOUGH:
        return tag("span", words("library.sureness.good", percent=percent), class_="badge good")
    return tag("span", words("library.sureness.poor", percent=percent), class_="badge warn")


def replaced(words: Words, count: int) -> Markup:
    """How many characters were lost in reading."""
    if count == 0:
        return tag("span", words("library.replaced.none"))
    return tag("span", words("library.replaced.some", count=f"{count:,}"), class_="badge warn")


def reading(words: Words, decoded: Decoded) -> Markup:
    """How a novel would begin, read in another encoding."""
    lost = replaced(words, decoded.replaced)
    return join(tag("p", words("library.trial"), " ", lost, class_="quiet"), _sheet(words, decoded.text[:SAMPLE_CHARACTERS]))


def _sheet(words: Words, sample: str) -> Markup:
    lines = [tag("p", line.strip(" \t\u3000\ufeff")) for line in sample.splitlines() if line.strip()]
    more = tag("p", "……", class_="quiet") if len(sample) >= SAMPLE_CHARACTERS else None
    # Something that scrolls must be reachable by keyboard.
    return tag("div", *lines, more, class_="sheet sample", tabindex=0, role="region", aria_label=words("library.sample"))


def encoding_name(words: Words, encoding: str) -> str:
    """What people call an encoding."""
    return words.entries.get(f"library.encoding.{encoding}", encoding)


def read_as(words: Words, kind: str, encoding: str) -> str:
    """In which encoding a file was read, or what it is where that says its own."""
    return encoding_name(words, encoding) if kind in OF_BYTES else words(f"library.format.{kind}")


def deleted_label(words: Words, deleted: Deleted) -> str:
    """A novel of the trash in a line, to choose it by."""
    moment = f"{deleted.when.astimezone():%Y-%m-%d %H:%M}" if deleted.when else ""
    parts = (deleted.novel.title, encoding_name(words, deleted.novel.encoding), moment)
    return " · ".join(part for part in parts if part)


def when(moment: datetime | None) -> str:
    """A date of this machine's calendar."""
    return moment.astimezone().strftime("%Y-%m-%d") if moment else ""


def short(name: str) -> str:
    """A name that does not fill the page, and is `plain`."""
    name = plain(name)
    return name if len(name) <= NAME_CHARACTERS else name[: NAME_CHARACTERS - 10] + "…" + name[-9:]


def plain(text: str) -> str:
    """A strange file's words without what would turn those beside them round, or could not be sent at all."""
    return _TURNING.sub("", without_halves(text))
