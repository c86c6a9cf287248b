"""Bytes to text: in which encoding they are, and every place where characters were lost, or read anew.

A byte-order mark decides, else the content (`detection`); a file may hold a second encoding (`mixed`), GB18030 that lost a byte
(`realign`), or text that somebody garbled before (`mojibake`). Everything goes block by block, so that a file larger than the
memory can be read. Knows nothing of files or novels.
"""

import codecs
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipelines.decode import mojibake
from pipelines.decode.detection import NOISE_LIMIT, SAMPLE_BYTES, WIDE, WRONG_LIMIT, binary, blocks, detect
from pipelines.decode.legibility import REPLACEMENT, noise
from pipelines.decode.mixed import Part, parts
from pipelines.decode.mojibake import Misreading
from pipelines.decode.reading import Piece, pieces
from pipelines.errors import BadSettings, BadText
from pipelines.magic import Bytes, looks_like

MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What a person may choose from when the content does not tell; any that Python knows may be named.
OFFERED = ("utf-8", "gb18030", "big5hkscs", *WIDE, "shift_jis", "euc_jp", "euc_kr", "cp1252", "cp1251", "koi8_r")
# Of these, the one is taken that loses least.
BIG5_FLAVOURS = ("big5", "big5hkscs", "cp950")
# What files so called really hold: GB18030 has all of GBK, GBK all of GB2312, and few keep to the small ones.
SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949"}
PLACES_LISTED = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the text, in characters, something is to be known: U+FFFD ("replaced"), a stretch that was cut into characters
    anew ("repaired"), a part in another encoding ("encoding", named in `note`), garble from elsewhere ("lost")."""

    at: int
    kind: str
    length: int
    note: str = ""


@dataclass(slots=True)
class Damage:
    """What reading a text did and met: characters that became U+FFFD, stretches that were realigned, characters that were
    lost before the file came here, and the first PLACES_LISTED places, in the order of the text."""

    replaced: int = 0
    repaired: int = 0
    lost: int = 0
    places: list[Place] = field(default_factory=list)

    def add(self, kind: str, at: int, length: int, note: str = "") -> None:
        """List a place, if there is room for it."""
        if len(self.places) < PLACES_LISTED:
            self.places.append(Place(at, kind, length, note))


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, the encoding it was in, how sure that is (0 to 1), and how many characters became U+FFFD.

    `repaired`: realigned stretches; `lost`: characters that were lost before; `encodings`: all that the file holds, in order;
    `mended`: a misreading that was taken back, such as "gb18030 read as latin-1".
    """

    text: str
    encoding: str
    confidence: float
    replaced: int
    repaired: int = 0
    lost: int = 0
    places: tuple[Place, ...] = ()
    encodings: tuple[str, ...] = ()
    mended: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file is to be read: the name of its encoding, how sure that is, its parts, and what is to be taken back."""

    name: str
    confidence: float
    parts: list[Part]
    misreading: Misreading | None = None


class TextStream:
    """A text that is read block by block. What is told of its encoding is known at once, `damage` when all has been read."""

    def __init__(self, data: Bytes, plan: Plan) -> None:
        self.encoding = plan.name
        self.confidence = plan.confidence
        self.encodings = tuple(dict.fromkeys(part.codec for part in plan.parts)) if len(plan.parts) > 1 else (plan.name,)
        self.mended = str(plan.misreading or "")
        self.damage = Damage()
        self._data, self._plan = data, plan

    def blocks(self) -> Iterator[str]:
        """The text, in pieces of at most a million characters that end after a newline if they can."""
        self.damage, at = Damage(), 0
        for part in self._plan.parts:
            begun, known = at, len(self.damage.places)
            for piece in pieces(self._data, part.start, part.end, part.codec):
                text = self._taken_up(piece, at)
                at += len(text)
                yield text
            if len(self.encodings) > 1:
                self.damage.places.insert(known, Place(begun, "encoding", at - begun, part.codec))

    def _taken_up(self, piece: Piece, at: int) -> str:
        """The text of a piece as it is to be, its damage added to that of the others."""
        text, lost, again = piece.text, piece.lost, piece.again
        if self._plan.misreading:
            text, again = mojibake.mend(text, self._plan.misreading), []
            lost = [place for place, character in enumerate(text) if character == REPLACEMENT] if lost else []
        before = mojibake.lost_for_good(text)
        self.damage.replaced += len(lost)
        self.damage.repaired += len(again)
        self.damage.lost += sum(length for _, length in before) + text.count(REPLACEMENT) - len(lost)
        found = [("repaired", *stretch) for stretch in again] + [("lost", *stretch) for stretch in before]
        found += [("replaced", place, length) for place, length in _rows(lost)]
        for kind, place, length in sorted(found, key=lambda one: one[1]):
            self.damage.add(kind, at + place, length)
        return text


def _rows(places: list[int]) -> Iterator[tuple[int, int]]:
    """Places that follow each other directly, as (first, how many)."""
    for _, group in itertools.groupby(enumerate(places), lambda pair: pair[1] - pair[0]):
        row = [place for _, place in group]
        yield row[0], len(row)


def decode(data: bytes, encoding: str | None = None) -> Decoded:
    """The text of `data`, in `encoding` if one is given, else in the one that its content speaks for; raises as `open_text`."""
    stream = open_text(data, encoding)
    text = "".join(stream.blocks())
    damage = stream.damage
    return Decoded(
        text,
        stream.encoding,
        stream.confidence,
        damage.replaced,
        damage.repaired,
        damage.lost,
        tuple(damage.places),
        stream.encodings,
        stream.mended,
    )


def open_text(data: Bytes, encoding: str | None = None) -> TextStream:
    """A stream of the text of `data`, which may be a mapped file, in `encoding` or in the one its content speaks for.

    Raises BadText for what is empty, blank, no text at all, or too unclear; BadSettings for an unknown encoding.
    """
    codec = _named(encoding) if encoding else None
    _refuse_hollow(data)
    if kind := looks_like(data):
        raise BadText("not_text", f"this is {kind}, not plain text", "save its text as a .txt file and bring that", kind=kind)
    plan = _as_told(data, codec) if codec else _by_mark(data) or _by_content(data, 0)
    if all(not text.strip().strip("\ufeff\x00") for text in TextStream(data, plan).blocks()):
        raise BadText("blank", "there is nothing but blank space in it", "choose another file")
    return TextStream(data, plan)


def _refuse_hollow(data: Bytes) -> None:
    """Raise BadText for a file without any content."""
    if not len(data):
        raise BadText("empty", "the file is empty", "choose another file")
    if any(data[:8] == mark for mark, _ in MARKS):
        raise BadText("only_mark", "there is nothing in it but a byte-order mark", "choose another file")
    if not any(block.strip(b"\x00") for block in blocks(data, 0)):
        raise BadText("only_nuls", "there is nothing in it but NUL bytes, as after a broken download", "fetch the file again")


def _by_mark(data: Bytes) -> Plan | None:
    """The plan that a byte-order mark announces; None without a mark, or if the text belies it."""
    for mark, codec in MARKS:
        if data[: len(mark)] != mark:
            continue
        if codec == "utf-8-sig":
            return _by_content(data, len(mark), codec)
        part = Part(len(mark), len(data), codec)
        text = _beginning(data, part)
        misreading = mojibake.diagnose(text)
        if misreading is None and noise(text.rstrip(REPLACEMENT)) > NOISE_LIMIT:
            raise binary()
        # Python writes a mark of its own, in the order of bytes of nearly all machines, when asked for plain UTF-16.
        return Plan(codec.removesuffix("-le"), 1.0, [part], misreading)
    return None


def _by_content(data: Bytes, start: int, marked: str = "") -> Plan:
    """The plan that the content speaks for; `marked` is how UTF-8 is called that begins with a mark."""
    found = detect(data, start)
    codec, made = found.codec, [Part(start, len(data), found.codec)]
    if not found.is_whole:
        made = parts(data, start, codec)
        made = _in_best_flavour(data, made, codec)
        codec = next((part.codec for part in made if part.codec in _family(codec)), codec)
    misreading = mojibake.diagnose(_beginning(data, made[0])) if codec == "utf-8" else None
    return Plan(marked if marked and codec == "utf-8" else codec, found.confidence, made, misreading)


def _beginning(data: Bytes, part: Part) -> str:
    end = min(part.end, part.start + SAMPLE_BYTES)
    return "".join(piece.text for piece in pieces(data, part.start, end, part.codec))


def _family(codec: str) -> tuple[str, ...]:
    return BIG5_FLAVOURS if codec in BIG5_FLAVOURS else (codec,)


def _in_best_flavour(data: Bytes, made: list[Part], codec: str) -> list[Part]:
    """The parts with `codec` replaced by the one of its family that loses least in them."""
    own = [part for part in made if part.codec == codec]
    if not own or len(_family(codec)) == 1:
        return made
    best, least = codec, math.inf
    # The likeliest first, so that the others are given up soon.
    for flavour in sorted(_family(codec), key=lambda flavour: _beginning(data, _in(flavour, own[0])).count(REPLACEMENT)):
        lost = 0
        for piece in itertools.chain.from_iterable(pieces(data, part.start, part.end, flavour) for part in own):
            lost += len(piece.lost)
            if lost >= least:
                break
        best, least = (flavour, lost) if lost < least else (best, least)
    return [_in(best, part) if part.codec == codec else part for part in made]


def _in(codec: str, part: Part) -> Part:
    return Part(part.start, part.end, codec)


def _named(encoding: str) -> str:
    """Python's name of an encoding a person named; raises BadSettings if there is none, or it is no encoding of text."""
    try:
        codec = codecs.lookup(encoding).name
        "".encode(codec)
    except (LookupError, UnicodeError) as error:
        message = f"there is no encoding {encoding!r}"
        raise BadSettings("unknown_encoding", message, "use a name such as utf-8, gb18030 or big5", value=encoding) from error
    return SUPERSETS.get(codec, codec)


def _as_told(data: Bytes, codec: str) -> Plan:
    """The plan a person asked for; raises BadText when that gives mostly noise."""
    start = next((len(mark) for mark, name in MARKS if name.removesuffix("-sig") == codec and data[: len(mark)] == mark), 0)
    made = [Part(start, len(data), codec)]
    try:
        made = _in_best_flavour(data, made, codec)
        text = _beginning(data, made[0])
    except UnicodeError as error:
        raise _wrong(codec) from error
    if noise(text) > WRONG_LIMIT:
        raise _wrong(codec)
    return Plan(made[0].codec, 1.0, made)


def _wrong(codec: str) -> BadText:
    message = f"read as {codec}, most of it is not readable"
    return BadText("wrong_encoding", message, "leave --encoding away, or name another", encoding=codec)
