"""The learning curve: its figure in both themes, and how many points of it are sent. The only module that knows Plotly."""

import functools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import plotly
import plotly.graph_objects as go

from studio import theme
from studio.words import Words, load_words

# What the browser runs, from the installed package.
SCRIPT = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
MOST_POINTS = 2000
POINTS_PER_BUCKET = 2
THEMES = ("light", "dark")

Point = tuple[int, float]


def thinned(points: Sequence[Point], most: int = MOST_POINTS) -> list[Point]:
    """At most `most` of the points, in their order: of each bucket the lowest and the highest, so that spikes stay.

    A bucket holds a power of two of points and begins where it always began: as a curve grows, its points do not dance,
    and when the buckets double, those of a longer curve are among those of the shorter.
    """
    if len(points) <= most:
        return list(points)
    size = bucket_size(len(points), most)
    kept: list[int] = []
    for start in range(0, len(points), size):
        places = range(start, min(start + size, len(points)))
        low = min(places, key=lambda place: points[place][1])
        high = max(places, key=lambda place: points[place][1])
        kept += sorted({low, high})
    if kept[-1] != len(points) - 1:
        kept.append(len(points) - 1)
    return [points[place] for place in kept]


def bucket_size(points: int, most: int) -> int:
    """How many points share a bucket: the least power of two at which all the buckets' extremes, and the newest point, fit."""
    size = 1
    while POINTS_PER_BUCKET * -(-points // size) + 1 > most:
        size *= 2
    return size


def ascending(points: Sequence[Point]) -> list[Point]:
    """The points with every step once and rising: where a resumed run went over the same steps, its later word counts."""
    kept: list[Point] = []
    for point in points:
        while kept and kept[-1][0] >= point[0]:
            kept.pop()
        kept.append(point)
    return kept


def empty_figures(words: Words, run: str) -> dict[str, Any]:
    """The figure of a run without its points, for both themes: what the browser fills and keeps."""
    # Zoom, hidden curves and all a person did to the chart stay while this stays: as long as it is the same run.
    kept = {"uirevision": run}
    return {name: figure | {"layout": figure["layout"] | kept} for name, figure in _figures(words.language).items()}


@functools.cache
def _figures(language: str) -> dict[str, Any]:
    """Both themes' figures; Plotly takes milliseconds to make one, and a page asks every two seconds."""
    words = load_words(language)
    return {name: json.loads(_figure(words, place).to_json()) for place, name in enumerate(THEMES)}


def _figure(words: Words, place: int) -> go.Figure:
    """`place` is that of the colour in the theme's pairs."""
    indigo, bamboo, cinnabar, card = (pair[place] for pair in (theme.INDIGO, theme.BAMBOO, theme.CINNABAR, theme.CARD))
    hover = f"{words('training.chart.step')} %{{x:,}} · %{{y:.3f}}"
    training = go.Scatter(x=[], y=[], mode="lines", line={"color": indigo, "width": 1.25})
    held_out = go.Scatter(x=[], y=[], mode="lines+markers", line={"color": bamboo, "width": 2, "dash": "dash"})
    held_out.marker = {"size": 6, "color": bamboo}
    best = go.Scatter(x=[], y=[], mode="markers")
    best.marker = {"size": 13, "symbol": "star", "color": cinnabar, "line": {"width": 1, "color": card}}
    names = ("training", "held_out", "best")
    traces = [
        trace.update(
            name=words(f"training.chart.{name}"), hovertemplate=f"{hover}<extra>{words(f'training.chart.{name}')}</extra>"
        )
        for name, trace in zip(names, (training, held_out, best), strict=True)
    ]
    return go.Figure(traces, _layout(words, place))


def _layout(words: Words, place: int) -> go.Layout:
    ink, quiet, border, card = (pair[place] for pair in (theme.INK, theme.QUIET, theme.BORDER, theme.CARD))
    axis = {
        "gridcolor": border,
        "linecolor": border,
        "zeroline": False,
        "automargin": True,
        "ticks": "outside",
        "tickcolor": border,
    }
    return go.Layout(
        template="none",
        font={"family": ", ".join(theme.FONT), "size": 13, "color": ink},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 8, "r": 12, "t": 8, "b": 8},
        xaxis=axis
        | {
            "title": {"text": words("training.chart.x"), "standoff": 8, "font": {"size": 13}},
            "tickformat": ",d",
            "rangemode": "tozero",
        },
        yaxis=axis | {"title": {"text": words("training.chart.y"), "standoff": 8, "font": {"size": 13}}},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        hoverlabel={"bgcolor": card, "bordercolor": border, "font": {"color": ink}},
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": quiet, "activecolor": ink},
        hovermode="closest",
        dragmode="zoom",
    )
