"""What the library shows of novels: the list, how one was read, what became of uploaded files. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipelines.decode import Decoded
from pipelines.errors import StudioError
from studio.markup import Markup, join, tag
from studio.services.novels import SAMPLE_CHARACTERS, Deleted, Novel
from studio.words import Words

# Right readings of Chinese without a mark score from 0.8 on, readable but doubtful ones less.
SURE, FAIRLY_SURE = 0.99, 0.7
NAME_CHARACTERS = 120
# The columns of the list, and the class of each; the wide ones are left away on a phone.
COLUMNS = (
    ("title", None),
    ("characters", "number"),
    ("chapters", "number wide"),
    ("encoding", "wide"),
    ("cleaned", None),
    ("date", "wide"),
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of an uploaded file: a novel, or an error."""

    name: str
    novel: Novel | None = None
    error: StudioError | None = None


def shelf(words: Words, novels: Sequence[Novel], chosen: str | None) -> Markup:
    """The list of novels; the title of each is a button that chooses it."""
    head = tag("tr", *(tag("th", words(f"library.column.{name}"), class_=kind, scope="col") for name, kind in COLUMNS))
    rows = [_row(words, novel, novel.id == chosen) for novel in novels]
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="list", aria_label=words("library.list"))
    return tag("div", table, class_="novels card")


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
        tag("td", encoding_name(words, novel.encoding).partition("（")[0].partition(" (")[0], class_="wide"),
        tag("td", cleaned_badge(words, novel)),
        tag("td", when(novel.created), class_="wide quiet"),
        class_="chosen" if is_chosen else None,
    )


def cleaned_badge(words: Words, novel: Novel) -> Markup:
    """Whether trainings can take the novel as it is."""
    if novel.cleaning is None:
        return tag("span", words("library.not_cleaned"), class_="badge still")
    return tag("span", words("library.cleaned"), class_="badge good")


def card(words: Words, novel: Novel, sample: str) -> Markup:
    """How one novel was read, and how it begins."""
    title = tag("h3", tag("bdi", novel.title))
    if novel.damaged:
        return tag("section", title, tag("p", words("error.novel_damaged")), class_="card novel-card")
    facts = (
        ("encoding", encoding_name(words, novel.encoding)),
        ("confidence", confidence(words, novel)),
        ("replaced", replaced(words, novel.replaced)),
        ("characters", f"{novel.characters:,}"),
        ("chapters", f"{novel.chapters:,}"),
        ("file", tag("bdi", short(novel.file))),
    )
    rows = [
        tag("div", tag("dt", words(f"library.fact.{name}")), tag("dd", fact), title=words(f"library.fact.{name}.title"))
        for name, fact in facts
    ]
    return tag("section", title, tag("dl", *rows, class_="facts"), _sheet(words, sample), class_="card novel-card")


def confidence(words: Words, novel: Novel) -> Markup:
    """How sure the encoding is, in words."""
    if novel.told:
        return tag("span", words("library.sureness.told"), class_="badge still")
    if novel.confidence >= SURE:
        return tag("span", words("library.sureness.certain"), class_="badge good")
    percent = f"{novel.confidence:.0%}"
    if novel.confidence >= FAIRLY_SURE:
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


def arrivals(words: Words, arrived: Sequence[Arrival]) -> Markup:
    """Every uploaded file and what became of it."""
    if not arrived:
        return join()
    rows = [_arrival(words, one) for one in arrived]
    return tag("ul", *rows, class_="arrivals card", role="status", aria_label=words("library.arrivals"))


def _arrival(words: Words, one: Arrival) -> Markup:
    name = tag("bdi", short(one.name), class_="file")
    if one.novel:
        facts = words(
            "library.arrived",
            characters=f"{one.novel.characters:,}",
            chapters=f"{one.novel.chapters:,}",
            encoding=encoding_name(words, one.novel.encoding),
        )
        lost = replaced(words, one.novel.replaced) if one.novel.replaced else None
        return tag("li", tag("span", words("library.in"), class_="badge good"), name, tag("span", facts), lost)
    known = isinstance(one.error, StudioError)
    is_here = known and one.error.code == "already_here"
    badge = tag("span", words("library.here" if is_here else "library.out"), class_="badge still" if is_here else "badge bad")
    return tag("li", badge, name, tag("span", reason(words, one.error) if known else ""))


def reason(words: Words, error: StudioError) -> str:
    """Why a file was not brought in; for what is no text, what it is instead, and where an encoding can be named."""
    if error.code == "encoding_unclear":
        return words("library.unclear", place=words("library.upload.options"))
    kind = "_".join(str(error.values.get("kind", "")).lower().split()[1:])
    if error.code == "not_text" and f"library.kind.{kind}" in words.entries:
        return words("library.not_text", kind=words(f"library.kind.{kind}"))
    return words.error(error)


def encoding_name(words: Words, encoding: str) -> str:
    """What people call an encoding."""
    return words.entries.get(f"library.encoding.{encoding}", encoding)


def deleted_label(words: Words, deleted: Deleted) -> str:
    """A novel of the trash in a line, to choose it by."""
    moment = f"{deleted.when.astimezone():%Y-%m-%d %H:%M}" if deleted.when else ""
    parts = (deleted.novel.title, encoding_name(words, deleted.novel.encoding), moment)
    return " · ".join(part for part in parts if part)


def when(moment: datetime | None) -> str:
    """A date of this machine's calendar."""
    return moment.astimezone().strftime("%Y-%m-%d") if moment else ""


def short(name: str) -> str:
    """A name that does not fill the page."""
    return name if len(name) <= NAME_CHARACTERS else name[: NAME_CHARACTERS - 10] + "…" + name[-9:]
