"""What the library shows of files on their way in: how far they are, what became of each, and what its person is asked. Pure."""

import json
import re
from collections.abc import Sequence

from pipelines.decode import OFFERED
from pipelines.decode.detection import Guess
from pipelines.errors import StudioError
from pipelines.formats.documents import Skipped, without_halves
from studio.events import explain
from studio.markup import Markup, join, tag
from studio.novel_cards import encoding_name, plain, read_as, replaced, short
from studio.services.arriving import ALREADY_HERE, UNCLEAR, Arrival, Batch
from studio.services.novels import Novel
from studio.services.questions import Question
from studio.words import Words
from studio.workers import Stopped

# Of a thousand novels of an archive, or members that are none.
LISTED = 20
# Of a hundred files nobody can name the encoding at once.
ASKED = 5
# What a wrong reading may hold and nobody can see, or what would turn the words around it.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ue000-\uf8ff]")


def coming(words: Words, batch: Batch) -> Markup:
    """How far a batch is, with what stops it, and what became of the files that are done."""
    number = min(len(batch.done) + 1, batch.total)
    sentence = words("library.coming", number=number, total=batch.total, name=short(batch.at_work))
    so_far = words("library.coming.novels", count=f"{batch.novels:,}") if batch.novels else None
    bar = tag("span", style=f"width: {100 * len(batch.done) / max(1, batch.total):.1f}%")
    stop = tag("button", words("library.coming.stop"), type="button", class_="small", data_wish="{}")
    told = tag("p", tag("bdi", sentence), " ", tag("span", so_far, class_="quiet") if so_far else None, role="status")
    head = tag("div", told, tag("div", bar, class_="progress"), stop, class_="coming card")
    return join(head, arrivals(words, batch.done))


def arrivals(words: Words, arrived: Sequence[Arrival]) -> Markup:
    """Every uploaded file and what became of it."""
    if not arrived:
        return join()
    rows = [_arrival(words, one) for one in arrived]
    return tag("div", tag("ul", *rows, class_="arrivals card", aria_label=words("library.arrivals")), role="status")


def _arrival(words: Words, one: Arrival) -> Markup:
    name = tag("bdi", short(one.name), class_="file")
    if one.error is not None:
        return _refused(words, name, one.error)
    if len(one.novels) == 1 and not one.skipped:
        return tag("li", _badge(words, "in", "good"), name, *_read(words, one.novels[0]))
    badge = _badge(words, "in", "good") if one.novels else _badge(words, "out", "bad")
    counted = words("library.arrived.many", novels=f"{len(one.novels):,}", skipped=f"{len(one.skipped):,}")
    folds = [_made(words, one), _left(words, one.skipped)]
    return tag("li", badge, name, tag("span", counted), *folds)


def _badge(words: Words, what: str, kind: str) -> Markup:
    return tag("span", words(f"library.{what}"), class_=f"badge {kind}")


def _refused(words: Words, name: Markup, error: Exception) -> Markup:
    code = error.code if isinstance(error, StudioError) else ""
    if code == UNCLEAR:
        return tag("li", _badge(words, "asks", "warn"), name, tag("span", words("library.unclear")))
    badge = _badge(words, "here", "still") if code == ALREADY_HERE else _badge(words, "out", "bad")
    return tag("li", badge, name, tag("span", reason(words, error)))


def _read(words: Words, novel: dict[str, object]) -> list[Markup | None]:
    """How a novel that came alone was read."""
    values = {key: f"{novel[key]:,}" for key in ("characters", "chapters")}
    facts = words("library.arrived", encoding=read_as(words, str(novel["kind"]), str(novel["encoding"])), **values)
    lost = int(str(novel["replaced"]))
    return [tag("span", facts), replaced(words, lost) if lost else None]


def _made(words: Words, one: Arrival) -> Markup | None:
    """The first novels of an archive or a table."""
    if not one.novels:
        return None
    rows = [tag("li", tag("bdi", short(str(novel["title"]))), " ", *_read(words, novel)) for novel in one.novels[:LISTED]]
    return _fold(words, words("library.arrived.novels", count=f"{len(one.novels):,}"), rows, len(one.novels))


def _left(words: Words, skipped: Sequence[Skipped]) -> Markup | None:
    """The first members that became no novel, and why."""
    if not skipped:
        return None
    rows = [tag("li", tag("bdi", short(one.file)), " ", _why(words, one)) for one in skipped[:LISTED]]
    return _fold(words, words("library.arrived.skipped", count=f"{len(skipped):,}"), rows, len(skipped))


def _fold(words: Words, title: str, rows: list[Markup], count: int) -> Markup:
    more = tag("li", words("library.arrived.more", count=f"{count - LISTED:,}"), class_="quiet") if count > LISTED else None
    return tag("details", tag("summary", title), tag("ul", *rows, more, class_="members"))


def _why(words: Words, error: Skipped) -> Markup:
    if error.code == UNCLEAR:
        return join(_badge(words, "asks", "warn"), " ", words("library.unclear"))
    badge = join(_badge(words, "here", "still"), " ") if error.code == ALREADY_HERE else None
    return join(badge, reason(words, StudioError(error.code, error.why, **error.values)))


def reason(words: Words, error: Exception) -> str:
    """Why a file was not brought in; for what is no text, what it is instead."""
    if isinstance(error, Stopped):
        return words("library.stopped")
    if not isinstance(error, StudioError):
        return explain(words, error)
    kind = "_".join(str(error.values.get("kind", "")).lower().split()[1:])
    if error.code == "not_text" and f"library.kind.{kind}" in words.entries:
        return words("library.not_text", kind=words(f"library.kind.{kind}"))
    return plain(words.error(error))


def questions(words: Words, asked: Sequence[Question], also: tuple[str, Guess] | None = None) -> Markup:
    """The files whose encoding their person is to name; `also` is one more reading of one of them, which was asked for."""
    cards = []
    for one in asked[:ASKED]:
        name = short(one.name)
        shown = [*one.guesses, *([also[1]] if also and also[0] == one.id else [])]
        leave = _button(words("library.ask.leave"), {"id": one.id, "do": "leave"})
        head = join(tag("h3", tag("bdi", words("library.ask", name=name))), tag("p", words("library.ask.more"), class_="quiet"))
        cards.append(tag("section", head, readings(words, one.id, shown), _other(words, one.id, leave), class_="card asked"))
    waiting = len(asked) - ASKED
    more = tag("p", words("library.ask.waiting", count=f"{waiting:,}"), class_="quiet") if waiting > 0 else None
    return join(*cards, more)


def doubt(words: Words, novel: Novel, guesses: Sequence[Guess], is_open: bool = False) -> Markup:
    """The same for a novel that was read, but not surely; folded away."""
    more = tag("p", words("library.doubt.more", encoding=encoding_name(words, novel.encoding)), class_="quiet")
    leave = _button(words("library.doubt.leave"), {"id": novel.id, "do": "leave"})
    body = join(more, readings(words, novel.id, guesses, novel.encoding), _other(words, novel.id, leave))
    return tag("details", tag("summary", words("library.doubt")), body, class_="card asked doubt", open=is_open)


def readings(words: Words, thing: str, guesses: Sequence[Guess], current: str = "") -> Markup:
    """Ways to read a file side by side, each with the button that chooses it."""
    shown = []
    for guess in guesses:
        name = encoding_name(words, guess.encoding)
        wish = {"id": thing, "do": "take", "encoding": guess.encoding}
        take = _button(words("library.ask.take"), wish, label=words("library.ask.take_as", encoding=name), primary=True)
        now = tag("span", words("library.ask.now"), class_="badge still") if guess.encoding == current else None
        sample = tag("p", _UNSEEN.sub("\ufffd", without_halves(guess.sample)), dir="auto", class_="sheet")
        shown.append(tag("article", tag("h4", name, " ", now), sample, take))
    return tag("div", *shown, class_="readings")


def _other(words: Words, thing: str, leave: Markup) -> Markup:
    """Another encoding, seen before it is chosen."""
    options = [tag("option", encoding_name(words, name), value=name) for name in OFFERED]
    chooser = tag("label", words("library.ask.other"), tag("select", *options))
    look = _button(words("library.ask.look"), {"id": thing, "do": "look"})
    return tag("div", chooser, look, leave, class_="bar other")


def _button(text: str, wish: dict[str, str], label: str | None = None, primary: bool = False) -> Markup:
    kind = "small first" if primary else "small"
    return tag("button", text, type="button", class_=kind, data_wish=json.dumps(wish), aria_label=label)
