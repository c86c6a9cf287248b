"""GB18030 that lost or gained a byte: all characters up to the next line are read askew, and are set right again here.

Nothing in GB18030 tells the first byte of a character from the second, so one lost byte pairs the others wrongly. The most
likely way to cut the bytes into characters is found by Viterbi's algorithm: a character costs the more the rarer it is, a
byte that belongs to no character costs much. Only what reads far better than before is changed.
"""

import functools
import itertools
import math
import re
from bisect import bisect_left

from pipelines.decode.legibility import PUNCTUATION, REPLACEMENT, legibility, ranked

CODEC = "gb18030"
# Costs are the negative logarithms of probabilities, guessed from the rank of a character (Zipf's law).
RANK_OFFSET = 15
UNCOMMON, RARE, EXTENDED, PRIVATE, FOUR_BYTES, ORPHAN = 10.0, 12.0, 14.0, 20.0, 16.0, 18.0
LETTER, BLANK = 6.0, 2.0
IMPOSSIBLE = math.inf
# Where a window begins before the first trouble, and how far it reaches: askew, a character in fourteen shows itself.
BEFORE, WINDOW, TAIL = 512, 4096, 64
# A new reading must be legible, and by far more so than the old one.
LEAST_LEGIBLE, LEAST_GAIN = 0.5, 0.4
# Bytes that are valid as they stand are doubted only if this many characters in a row read better, by the number of bytes
# that must have been lost or added to explain it.
LEAST_SILENT = {1: 8, 2: 24}
PRIVATE_USE = re.compile("[\ue000-\uf8ff]")
FOUR = re.compile(rb"[\x81-\xfe][0-9][\x81-\xfe][0-9]")


@functools.cache
def _costs() -> list[float]:
    """What each pair of bytes costs as one character, by the number it makes."""
    ranks = {character: rank for rank, character in enumerate(ranked())}
    costs = [IMPOSSIBLE] * 65_536
    for first in range(0x81, 0xFF):
        for second in (*range(0x40, 0x7F), *range(0x80, 0xFF)):
            character = bytes((first, second)).decode(CODEC, "replace")
            costs[first << 8 | second] = _cost(character, ranks, first, second)
    return costs


def _cost(character: str, ranks: dict[str, int], first: int, second: int) -> float:
    if character in ranks:
        return math.log(ranks[character] + RANK_OFFSET)
    if character in PUNCTUATION:
        return math.log(RANK_OFFSET)
    if character.startswith(REPLACEMENT):
        return IMPOSSIBLE
    if PRIVATE_USE.match(character):
        return PRIVATE
    if first < 0xB0 or second < 0xA1:
        return EXTENDED
    return UNCOMMON if first < 0xD8 else RARE


def realigned(line: bytes, final: bool = True) -> tuple[str, list[tuple[int, int]], int]:
    """The text of a line, the stretches of it that were read again (place, length), and how many bytes were read.

    Unless the line is `final`, the beginning of a character at its end is left unread. What belongs to no character
    becomes U+FFFD.
    """
    text, stretches, start = "", [], 0
    while start < len(line):
        plain, read, trouble = _until_trouble(line, start, final)
        if trouble is None:
            return text + plain, stretches, read
        begin = _back(line, start, trouble)
        text += line[start:begin].decode(CODEC)
        window = line[begin : trouble + WINDOW]
        last = begin + len(window) == len(line)
        piece, again, used = _read_window(window, final=final and last)
        stretches += [(len(text) + place, length) for place, length in again]
        text += piece
        start = begin + used
        if used == 0:
            break
    return text, stretches, start


def _until_trouble(line: bytes, start: int, final: bool) -> tuple[str, int, int | None]:
    """The plain reading from `start`, where it ends, and the place of the first byte that makes it doubtful."""
    rest = line[start:]
    try:
        text = rest.decode(CODEC)
        end = len(line)
    except UnicodeDecodeError as error:
        is_cut = not final and error.end == len(rest) and error.reason == "incomplete multibyte sequence"
        text, end = rest[: error.start].decode(CODEC), start + error.start
        if not is_cut:
            doubt = _first_doubt(text, start)
            return "", 0, min(end, doubt) if doubt is not None else end
    return text, end, _first_doubt(text, start)


def _first_doubt(text: str, start: int) -> int | None:
    """Where private characters stand close together, in bytes."""
    places = [found.start() for found in PRIVATE_USE.finditer(text)]
    close = next((one for one, other in itertools.pairwise(places) if other - one < BEFORE // 2), None)
    return None if close is None else start + len(text[:close].encode(CODEC))


def _back(line: bytes, start: int, trouble: int) -> int:
    """The place of a character some way before the trouble."""
    text = line[start:trouble].decode(CODEC)
    return trouble - len(text[-BEFORE // 2 :].encode(CODEC))


def _read_window(window: bytes, final: bool) -> tuple[str, list[tuple[int, int]], int]:
    """The text of a window, the stretches of it that were read again (place, length), and how many bytes were read.

    Of a window that is cut off, the last bytes are left to the next one, since they cannot be judged.
    """
    limit = len(window) if final else max(0, len(window) - TAIL)
    old, new = _as_it_stands(window, limit), _likeliest(window, limit)
    text, stretches, read = "", [], 0
    for begin, end in _differences(old, new):
        text += window[read:begin].decode(CODEC, "replace")
        before, after = (_text(window, _between(cuts, begin, end)) for cuts in (old, new))
        is_better = before != after and _is_better(before, after)
        if is_better:
            stretches.append((len(text), len(after)))
        text += after if is_better else before
        read = end or (new if is_better else old)[-1]
    last = old[-1] if new[-1] == old[-1] else read
    return text + window[read:last].decode(CODEC, "replace"), stretches, last


def _differences(old: list[int], new: list[int]) -> list[tuple[int, int | None]]:
    """Between which places that both ways share they go apart; None for the end of either, if that differs."""
    shared = sorted(set(old) & set(new))
    apart = sorted({bisect_left(shared, cut) for cut in set(old) ^ set(new)})
    return [(shared[number - 1], shared[number] if number < len(shared) else None) for number in apart]


def _between(cuts: list[int], begin: int, end: int | None) -> list[int]:
    return cuts[bisect_left(cuts, begin) : None if end is None else bisect_left(cuts, end) + 1]


def _text(window: bytes, cuts: list[int]) -> str:
    pieces = (window[begin:end] for begin, end in itertools.pairwise(cuts))
    return "".join(piece.decode(CODEC, "replace") for piece in pieces)


def _is_better(old: str, new: str) -> bool:
    """Whether the new reading of a stretch deserves to replace the old one."""
    if REPLACEMENT not in old and len(new) < LEAST_SILENT.get(new.count(REPLACEMENT), len(new) + 1):
        return False
    legible = legibility(new.replace(REPLACEMENT, ""))
    return legible >= LEAST_LEGIBLE and legible - legibility(old.replace(REPLACEMENT, "")) >= LEAST_GAIN


def _as_it_stands(window: bytes, limit: int) -> list[int]:
    """Where the characters begin when read one after the other, up to the first place at or after `limit`."""
    pairs, place, cuts = _costs(), 0, [0]
    while place < limit:
        if window[place] < 0x80:
            place += 1
        elif pairs[int.from_bytes(window[place : place + 2])] < IMPOSSIBLE and place + 1 < len(window):
            place += 2
        else:
            place += 4 if FOUR.match(window, place) else 1
        cuts.append(place)
    return cuts


def _likeliest(window: bytes, limit: int) -> list[int]:
    """Where the characters begin in the likeliest reading, up to the first place at or after `limit`."""
    steps = _cheapest(window)
    cuts = [len(window)]
    while cuts[-1]:
        cuts.append(cuts[-1] - steps[cuts[-1]])
    cuts.reverse()
    return cuts[: bisect_left(cuts, limit) + 1]


def _cheapest(window: bytes) -> list[int]:
    """For each place, how many bytes before it the last character of the cheapest reading begins."""
    pairs, size = _costs(), len(window)
    least, steps = [IMPOSSIBLE] * (size + 1), [0] * (size + 1)
    least[0] = 0.0
    for place in range(size):
        here, byte = least[place], window[place]
        if byte < 0x80:
            options = [(1, LETTER if byte >= 0x30 else BLANK)]
        else:
            options = [(1, ORPHAN)]
            if place + 1 < size:
                options.append((2, pairs[byte << 8 | window[place + 1]]))
            if FOUR.match(window, place):
                options.append((4, FOUR_BYTES))
        for step, cost in options:
            if here + cost < least[place + step]:
                least[place + step], steps[place + step] = here + cost, step
    return steps
