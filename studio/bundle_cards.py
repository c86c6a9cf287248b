"""How a finished model looks: facts in, markup out. Reads no disk and knows nothing of Gradio."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from studio import run_cards
from studio.markup import Markup, join, tag
from studio.services.shelf import Curve, Details, Point, Sample, Volume
from studio.words import Words

WIDTH, HEIGHT, MARGIN = 320, 96, 6
SCORES = ("bits_per_character", "loss", "characters")
LONGEST_VALUE = 200


def listing(words: Words, volumes: Sequence[Volume], chosen: str) -> Markup:
    """All models, each a button that chooses it."""
    rows = [tag("li", _spine(words, volume, volume.id == chosen)) for volume in volumes]
    return tag("ul", *rows, class_="shelf-list", aria_label=words("shelf.list"))


def _spine(words: Words, volume: Volume, chosen: bool) -> Markup:
    about = (
        [tag("span", words("shelf.broken"), class_="badge bad")]
        if volume.trouble
        else [
            tag("span", bits(words, volume.bits), title=words("shelf.bits.hover")),
            tag(
                "span",
                run_cards.parameters(words, volume.parameters),
                title=words("shelf.parameters.hover", number=f"{volume.parameters:,}"),
            ),
            tag("span", words("shelf.from_corpus", corpus=volume.corpus)) if volume.corpus else None,
        ]
    )
    return tag(
        "button",
        tag("span", volume.title, class_="title"),
        tag("span", *about, class_="about"),
        tag("span", when(volume.made), tag("span", " · "), size(volume.size), class_="about quiet"),
        type="button",
        class_="spine",
        data_bundle=volume.id,
        aria_pressed="true" if chosen else "false",
    )


def details(words: Words, found: Details) -> Markup:
    """One model: facts, curve, sample, scores, settings."""
    return tag(
        "article",
        tag("h3", found.volume.title),
        tag("dl", *_facts(words, found), class_="facts"),
        curve(words, found.curve, found.step),
        None
        if found.run or "run" not in found.facts.get("made_from", {})
        else tag("p", words("shelf.run_gone"), class_="quiet gone"),
        samples(words, found.samples),
        _scores(words, found),
        _settings(words, found),
        class_="card shelf-details",
    )


def trouble(words: Words, volume: Volume) -> Markup:
    """A damaged model: its name and why it cannot be used."""
    return tag(
        "article",
        tag("h3", volume.title),
        tag("p", tag("span", words("shelf.broken"), class_="badge bad")),
        tag("p", words.error(volume.trouble)) if volume.trouble else None,
        tag("p", words("shelf.broken.hint"), class_="quiet"),
        class_="card shelf-details",
    )


def empty(words: Words) -> Markup:
    """What stands on an empty shelf."""
    return tag("div", tag("h3", words("shelf.empty.title")), tag("p", words("shelf.empty.text")), class_="empty")


def said(sentence: str) -> Markup:
    """What was just done, read out by screen readers."""
    return tag("p", sentence, role="status")


def download(words: Words, volume: Volume) -> Markup:
    """The link that takes the model away; shelf.js first asks whether it is whole, and says so here if it is not."""
    link = tag(
        "a",
        words("shelf.download"),
        href=f"/api/bundles/{quote(volume.id, safe='')}/download",
        download=f"{volume.id}.zip",
        class_="shelf-download",
        title=words("shelf.download.hover", size=size(volume.size)),
    )
    said = tag("p", role="status", class_="shelf-said", data_busy=words("shelf.checking"), data_failed=words("shelf.no_answer"))
    return join(link, said)


def _facts(words: Words, found: Details) -> list[Markup]:
    volume, shape, made_from = found.volume, found.shape, found.facts.get("made_from", {})
    network = words("shelf.network", layers=shape.layers, heads=shape.heads, width=shape.width)
    rows = [
        ("bits", bits(words, volume.bits), words("shelf.bits.hover")),
        (
            "parameters",
            run_cards.parameters(words, volume.parameters),
            words("shelf.parameters.hover", number=f"{volume.parameters:,}"),
        ),
        ("corpus", volume.corpus or _text(made_from.get("corpus")), words("shelf.corpus.hover")),
        ("novels", words("shelf.between").join(found.novels), None),
        ("imported", _text(made_from.get("imported")), words("shelf.imported.hover")),
        ("run", found.run or _text(made_from.get("run")), None),
        ("step", "" if found.step is None else f"{found.step:,}", words("shelf.step.hover")),
        ("made", when(volume.made), volume.made.isoformat()),
        ("size", size(volume.size), words("shelf.size.hover")),
        ("shape", network, words("shelf.shape.hover")),
        ("context", words("shelf.tokens", number=f"{shape.context:,}"), words("shelf.context.hover")),
        ("vocabulary", words("shelf.tokens", number=f"{shape.vocabulary:,}"), words("shelf.vocabulary.hover")),
        ("moxu", _text(found.facts.get("made_with", {}).get("moxu")), None),
    ]
    return [_fact(words(f"shelf.fact.{name}"), value, hover) for name, value, hover in rows if value]


def _fact(name: str, value: str, hover: str | None) -> Markup:
    return tag("div", tag("dt", name), tag("dd", value), title=hover)


def _scores(words: Words, found: Details) -> Markup | None:
    scores = found.facts.get("scores", {})
    known = [
        (words(f"shelf.score.{name}"), words(f"shelf.score.{name}.hover"), scores[name]) for name in SCORES if name in scores
    ]
    others = [(_text(name), None, value) for name, value in scores.items() if name not in SCORES]
    rows = [
        tag("tr", tag("th", name, scope="row", title=hover), tag("td", _number(value), class_="number"))
        for name, hover, value in [*known, *others]
    ]
    return join(tag("h4", words("shelf.scores")), tag("table", tag("tbody", *rows), class_="list")) if rows else None


def _settings(words: Words, found: Details) -> Markup | None:
    made_with = found.facts.get("made_with", {})
    settings = made_with.get("settings")
    rows = {"preset": made_with.get("preset")} | (settings if isinstance(settings, dict) else {})
    cells = [
        tag("tr", tag("th", tag("code", _text(name)), scope="row"), tag("td", _text(value)))
        for name, value in rows.items()
        if value is not None
    ]
    if not cells:
        return None
    table = tag("table", tag("tbody", *cells), class_="list")
    return tag("details", tag("summary", words("shelf.settings")), tag("p", words("shelf.settings.text"), class_="quiet"), table)


def samples(words: Words, written: Sequence[Sample]) -> Markup | None:
    """What the model wrote at the step that was kept, its words told from the prompt's."""
    if not written:
        return None
    sheets = [
        tag("blockquote", tag("span", sample.prompt), tag("span", sample.text, class_="models"), class_="sheet shelf-sample")
        for sample in written
    ]
    note = tag("p", words("shelf.samples.text", step=f"{written[0].step:,}"), class_="quiet")
    return join(tag("h4", words("shelf.samples")), note, *sheets)


def curve(words: Words, measured: Curve, kept: int | None) -> Markup | None:
    """The learning curve as a small picture, and in words."""
    points = [*measured.held_out, *measured.training]
    if len(measured.held_out) < 2:
        return None
    last = max(step for step, _ in points) or 1
    low, high = min(value for _, value in points), max(value for _, value in points)

    def place(point: Point) -> tuple[float, float]:
        across = MARGIN + (WIDTH - 2 * MARGIN) * point[0] / last
        down = MARGIN + (HEIGHT - 2 * MARGIN) * (high - point[1]) / ((high - low) or 1)
        return round(across, 1), round(down, 1)

    def line(series: list[Point], name: str) -> Markup:
        return tag("polyline", points=" ".join(f"{x},{y}" for x, y in map(place, series)), class_=name)

    marked = [place(point) for point in measured.held_out if point[0] == kept]
    dot = tag("circle", cx=marked[-1][0], cy=marked[-1][1], r=4, class_="kept") if marked else None
    told = _told(words, measured, last)
    lines = [line(measured.training, "training"), line(measured.held_out, "held-out"), dot]
    picture = tag("svg", *lines, viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=told)
    legend = [
        tag("span", words("shelf.curve.held_out"), class_="held-out"),
        tag("span", words("shelf.curve.training"), class_="training"),
        tag("span", words("shelf.curve.kept"), class_="kept") if dot else None,
    ]
    caption = tag("figcaption", tag("p", told), tag("p", *legend, class_="legend", aria_hidden="true"))
    return tag("figure", tag("h4", words("shelf.curve")), picture, caption, class_="shelf-curve")


def _told(words: Words, measured: Curve, last: int) -> str:
    """What the curve shows, in a sentence."""
    first, final = measured.held_out[0][1], measured.held_out[-1][1]
    return words("shelf.curve.told", first=f"{first:.2f}", final=f"{final:.2f}", steps=f"{last:,}")


def bits(words: Words, value: float | None) -> str:
    """7.42 bits per character, in words."""
    return words("shelf.unmeasured") if value is None else words("shelf.bits", number=f"{value:.2f}")


def exactly(words: Words, parameters: int) -> str:
    """The whole number, and what it means."""
    return words("shelf.parameters.hover", number=f"{parameters:,}")


def size(number: int) -> str:
    """Bytes on the disk as people say it."""
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if number >= unit:
            return f"{number / unit:.1f} {name}"
    return f"{number} B"


def when(moment: datetime) -> str:
    """A moment in this machine's time zone, to the minute."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")


def _number(value: float | None) -> str:
    if value is None:
        return "—"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}"


def _text(value: object) -> str:
    """A fact of a foreign file as one short line."""
    if value is None:
        return ""
    line = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return line if len(line) <= LONGEST_VALUE else line[: LONGEST_VALUE - 1] + "…"
