"""UTF-16 that lost or gained a byte: from there to its end every character is made of two halves that do not belong together."""

from pipelines.decode.legibility import likeliest

# Where the text is looked at, and how much of it: a shift that is taken back within as many bytes goes unseen.
STRIDE_BYTES = 8192
LOOK_BYTES = 128
# Shifted, a text reads worse than this; shifted back, better, and by so much more.
MOST_SHIFTED, LEAST_RIGHT, LEAST_GAIN = 0.1, 0.3, 0.5


def first_shift(block: bytes, codec: str) -> int | None:
    """The place of a byte without which the rest of the block, or much of it, is text again; None if nothing is amiss."""
    for end in [*range(STRIDE_BYTES, len(block), STRIDE_BYTES), len(block) & ~1]:
        if _is_shifted(block, end - LOOK_BYTES, codec):
            return _nearest(block, _first(block, max(0, end - STRIDE_BYTES), max(0, end - LOOK_BYTES), codec), codec)
    return None


def _is_shifted(block: bytes, place: int, codec: str) -> bool:
    """Whether the text that follows an even place reads well only from the next byte on."""
    place = max(0, place)
    here = likeliest(_text(block[place : place + LOOK_BYTES], codec))
    if here > MOST_SHIFTED:
        return False
    there = likeliest(_text(block[place + 1 : place + 1 + LOOK_BYTES], codec))
    return there >= LEAST_RIGHT and there - here >= LEAST_GAIN


def _first(block: bytes, low: int, high: int, codec: str) -> int:
    """About where the shift begins, between an even place that is sound and one that is shifted."""
    while high - low > 2:
        middle = (low + high) // 4 * 2
        low, high = (low, middle) if _is_shifted(block, middle, codec) else (middle, high)
    return high


def _nearest(block: bytes, about: int, codec: str) -> int:
    """The even place near by where skipping a byte gives the most legible text."""
    low, high = max(0, about - LOOK_BYTES) & ~1, about + LOOK_BYTES
    places = range(low, min(about + LOOK_BYTES, len(block) - 1), 2)
    return max(
        places,
        key=lambda place: likeliest(_text(block[low:place], codec) + _text(block[place + 1 : high | 1], codec)),
    )


def _text(data: bytes, codec: str) -> str:
    return data[: len(data) & ~1].decode(codec, "replace")
