"""The rule that points out where a text goes round in circles: a few characters over and over, or one phrase.

Written by a model that lost its way, or by a site that filled a page. Both tests look at the whole text at once with numpy;
their figures lie between the worst of four classic novels and a degenerate text of a model.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from pipelines.rules.rule import Edit, Rule

_Codes = npt.NDArray[np.uint32]
_Spans = list[tuple[int, int]]
# Of a block's ideographs, how many may be one of the two before them: at most 12 of 50 in the classics (叮叮当当), 26 and
# more where nothing can be read.
_BLOCK = 50
_MOST_ALIKE = 18
# A phrase of up to 60 characters, said three times more, over at least 48 characters.
_LONGEST_PHRASE = 60
_SHORTEST_LOOP = 48
_STEP = 16
_MANY = 1_000


def _repetition(text: str) -> Iterator[Edit]:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    for start, end in _united(sorted((*_stutters(codes), *_loops(codes, text)))):
        yield Edit("repetition", start, text[start:end], text[start:end])


def _stutters(codes: _Codes) -> _Spans:
    """Rows of blocks in which most ideographs repeat one of the two before them."""
    alike = np.zeros(-(-len(codes) // _BLOCK) * _BLOCK, dtype=bool)
    for lag in (1, 2):
        alike[lag : len(codes)] |= codes[lag:] == codes[:-lag]
    alike[: len(codes)] &= (codes >= 0x4E00) & (codes <= 0x9FFF)
    spans: _Spans = []
    for block in np.flatnonzero(alike.reshape(-1, _BLOCK).sum(axis=1) > _MOST_ALIKE).tolist():
        places = np.flatnonzero(alike[block * _BLOCK : (block + 1) * _BLOCK])
        spans.append((block * _BLOCK + int(places[0]), block * _BLOCK + int(places[-1]) + 1))
    return spans


def _loops(codes: _Codes, text: str) -> _Spans:
    """Stretches that equal what stands one phrase before them."""
    spans: _Spans = []
    for lag in _likely_lags(codes, text):
        least = max(_SHORTEST_LOOP, 3 * lag)
        runs = _runs(codes[lag:] == codes[:-lag], least)
        spans += [(start, end + lag) for start, end in runs if _is_worded(text[start : start + lag])]
    return spans


def _likely_lags(codes: _Codes, text: str) -> list[int]:
    """The lengths of the phrases that may be repeated: every 16th character is looked at, and the rest where three agree."""
    if len(codes) < _SHORTEST_LOOP + _LONGEST_PHRASE:
        return list(range(1, len(codes)))[:_LONGEST_PHRASE]
    windows = np.lib.stride_tricks.sliding_window_view(codes, _LONGEST_PHRASE + 1)[::_STEP]
    same = windows[:, 1:] == windows[:, :1]
    three = same[:-2] & same[1:-1] & same[2:]
    found = (np.flatnonzero(three.any(axis=0)) + 1).tolist()
    return [lag for lag in found if _is_likely(codes, text, np.flatnonzero(three[:, lag - 1]) * _STEP, lag)]


def _is_likely(codes: _Codes, text: str, starts: npt.NDArray[np.intp], lag: int) -> bool:
    """Whether one of the places holds a repeated stretch; so many that to try each takes longer than to look everywhere."""
    return len(starts) > _MANY or any(
        _repeats(codes, start, lag) and _is_worded(text[start : start + lag]) for start in starts.tolist()
    )


def _repeats(codes: _Codes, start: int, lag: int) -> bool:
    end = start + 2 * _STEP + 1
    return np.array_equal(codes[start:end], codes[start + lag : end + lag])


def _runs(flags: npt.NDArray[np.bool_], least: int) -> _Spans:
    """Where at least so many flags in a row are set."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    long = ends - starts >= least
    return list(zip(starts[long].tolist(), ends[long].tolist(), strict=True))


def _is_worded(phrase: str) -> bool:
    """Whether a phrase is of letters: rules and rows of dots repeat themselves by trade."""
    return 2 * sum(map(str.isalpha, phrase)) > len(phrase)


def _united(spans: _Spans) -> Iterator[tuple[int, int]]:
    """Overlapping spans, and spans with less than a block between them, as one."""
    if not spans:
        return
    start, end = spans[0]
    for first, last in spans[1:]:
        if first > end + _BLOCK:
            yield start, end
            start, end = first, last
        end = max(end, last)
    yield start, end


RULES = (
    Rule("repetition", 39, True, "low", "Point out where the text says the same thing over and over.", _repetition, marks=True),
)
