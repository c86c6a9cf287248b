"""The character vocabulary: text to ids and back, kept in a folder that plain transformers reads as the same ids.

A character the vocabulary lacks is written as its UTF-8 bytes, so every text comes back whole. Text never makes the
end-of-text id, not even a novel that holds the letters `<|endoftext|>`: only programs put it between chapters.
Knows numpy and tokenizers; neither torch nor transformers, nor where a corpus lies.
"""

import codecs
import json
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers
from numpy.typing import NDArray
from tokenizers import decoders
from tokenizers.models import BPE

from pipelines.errors import BadSettings, BadText, BrokenArtifact

END_OF_TEXT = "<|endoftext|>"
TOKENIZER_FILE = "tokenizer.json"
CONFIG_FILE = "tokenizer_config.json"
PRINTABLE_ASCII = [chr(code) for code in range(0x20, 0x7F)]
BYTE_PIECES = [f"<0x{byte:02X}>" for byte in range(256)]
# What every character vocabulary begins with; the ids of the characters follow.
FIXED_PIECES = [END_OF_TEXT, "\n", *PRINTABLE_ASCII, *BYTE_PIECES]
CODE_POINTS = 0x110000
# The largest vocabulary whose ids, and one more value for "unknown", fit uint16.
LARGEST_SHORT_VOCABULARY = 65_535
LARGEST_FILE_BYTES = 64_000_000

# uint16, or uint32 for a large vocabulary.
Ids = NDArray[np.unsignedinteger]


def code_points(text: str) -> NDArray[np.uint32]:
    """The Unicode code points of `text`: (T,); raises BadText for half a surrogate pair, which no file can hold."""
    try:
        return np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
    except UnicodeEncodeError as error:
        message = f"the text holds half a character (a lone surrogate) at place {error.start + 1}"
        raise BadText("lone_surrogate", message, "remove it, or decode the file anew", place=error.start + 1) from error


class Tokenizer:
    """A vocabulary of pieces, whose places are their ids: end of text, single characters and the 256 bytes."""

    def __init__(self, pieces: list[str]) -> None:
        self.pieces = pieces
        self.ids = {piece: place for place, piece in enumerate(pieces)}
        self._byte_ids = np.array([self.ids[piece] for piece in BYTE_PIECES], dtype=self.dtype)
        self._unknown = len(pieces)
        self._table = self._look_up_table()
        self._bytes = [self._bytes_of(piece) for piece in pieces]

    @classmethod
    def learn(cls, texts: Iterable[str], vocabulary_size: int | None = None) -> "Tokenizer":
        """The vocabulary of these training texts: the fixed pieces, then characters seen at least twice, frequent ones first.

        `vocabulary_size` counts everything and keeps the most frequent; ties go by code point, so equal texts make equal ids.
        Raises BadSettings if it does not hold the fixed pieces, BadText for half a surrogate pair.
        """
        if vocabulary_size is not None and vocabulary_size < len(FIXED_PIECES):
            message = (
                f"vocab size must be at least {len(FIXED_PIECES)} (ASCII, newline, 256 bytes, end of text), got {vocabulary_size}"
            )
            limits = f"≥ {len(FIXED_PIECES)}"
            raise BadSettings("out_of_range", message, name="vocab_size", allowed=limits, value=vocabulary_size)
        counts: Counter[str] = Counter()
        for text in texts:
            code_points(text)
            counts.update(text)
        fixed = set(FIXED_PIECES)
        seen = [character for character, count in counts.items() if count >= 2 and character not in fixed]
        pieces = FIXED_PIECES + sorted(seen, key=lambda character: (-counts[character], character))
        return cls(pieces[:vocabulary_size])

    @classmethod
    def load(cls, folder: Path) -> "Tokenizer":
        """The vocabulary saved in `folder`; raises BrokenArtifact unless it is a whole character vocabulary."""
        path = folder / TOKENIZER_FILE
        try:
            if path.stat().st_size > LARGEST_FILE_BYTES:
                raise _broken(path, f"is larger than {LARGEST_FILE_BYTES // 1_000_000} MB")
            return cls(_pieces_of(json.loads(path.read_text(encoding="utf-8")), path))
        except FileNotFoundError as error:
            raise _broken(path, "is missing") from error
        except ValueError as error:
            raise _broken(path, "is not readable JSON") from error

    @property
    def vocabulary_size(self) -> int:
        return len(self.pieces)

    @property
    def end_of_text(self) -> int:
        """The id that stands before every chapter and ends a continuation."""
        return self.ids[END_OF_TEXT]

    @property
    def dtype(self) -> type[np.unsignedinteger]:
        """The smallest type that holds every id: what `encode` returns and corpora keep."""
        return np.uint16 if len(self.pieces) <= LARGEST_SHORT_VOCABULARY else np.uint32

    @cached_property
    def exempt_ids(self) -> list[int]:
        """The ids a repetition penalty leaves alone: punctuation, white space, end of text, and parts of characters."""
        return [place for place, piece in enumerate(self.pieces) if _is_exempt(piece)]

    def encode(self, text: str) -> Ids:
        """The ids of `text`: (T,), by a look-up table over code points; raises BadText for half a surrogate pair."""
        points = code_points(text)
        ids = self._table[points]
        unknown = ids == self._unknown
        return self._spelled(points, ids, unknown) if unknown.any() else ids

    def _spelled(self, points: NDArray[np.uint32], ids: Ids, unknown: NDArray[np.bool_]) -> Ids:
        """`ids` with the bytes of each unknown character in its place."""
        strangers = points[unknown]
        lengths = np.ones(len(points), dtype=np.int64)
        lengths[unknown] = 1 + sum((strangers >= limit).astype(np.int64) for limit in (0x80, 0x800, 0x10000))
        is_byte = np.repeat(unknown, lengths)
        spelling = strangers.tobytes().decode("utf-32-le").encode()
        spelled = np.empty(len(is_byte), dtype=self.dtype)
        spelled[is_byte] = self._byte_ids[np.frombuffer(spelling, dtype=np.uint8)]
        spelled[~is_byte] = ids[~unknown]
        return spelled

    def decode(self, ids: Iterable[int]) -> str:
        """The text of `ids`: end of text is nothing, bytes that are no UTF-8 become U+FFFD as Python's `replace` does it.

        transformers writes one U+FFFD for every byte of such a run instead; on well-formed ids the two are equal.
        """
        return b"".join(self._bytes[place] for place in ids).decode("utf-8", "replace")

    def can_follow(self, pending: bytes) -> NDArray[np.bool_]:
        """Which ids go on with well-formed text after the first bytes of a character, or after whole ones: (V,).

        Control characters other than newline and tab are not text.
        """
        following = np.array([_is_well_formed(pending + spelling) for spelling in self._bytes])
        if pending:
            following &= np.array([len(spelling) == 1 for spelling in self._bytes])
        return following

    def decoder(self) -> "Decoder":
        """A decoder for ids that come one by one."""
        return Decoder(self._bytes)

    def save(self, folder: Path, context: int | None = None) -> None:
        """Write tokenizer.json and tokenizer_config.json for AutoTokenizer; `context` is the model's, in tokens."""
        folder.mkdir(parents=True, exist_ok=True)
        made = tokenizers.Tokenizer(BPE(vocab=self.ids, merges=[], byte_fallback=True))
        made.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])
        made.add_special_tokens([tokenizers.AddedToken(END_OF_TEXT, special=True, normalized=False)])
        made.save(str(folder / TOKENIZER_FILE))
        write_config(folder, context)

    def _look_up_table(self) -> Ids:
        """The id of every code point, `_unknown` where there is none: (CODE_POINTS,)."""
        table = np.full(CODE_POINTS, self._unknown, dtype=self.dtype)
        for piece, place in self.ids.items():
            if len(piece) == 1:
                table[ord(piece)] = place
        return table

    def _bytes_of(self, piece: str) -> bytes:
        if piece == END_OF_TEXT:
            return b""
        return piece.encode() if len(piece) == 1 else bytes([int(piece[3:5], 16)])


class Decoder:
    """Turns ids into text as they come and never shows half a character: its bytes wait for the rest."""

    def __init__(self, spellings: list[bytes]) -> None:
        self._spellings = spellings
        self._pending = codecs.getincrementaldecoder("utf-8")("replace")

    @property
    def pending(self) -> bytes:
        """The first bytes of a character that is not whole yet."""
        return self._pending.getstate()[0]

    def push(self, token: int) -> str:
        """The characters that are certain with this id; the pushes and `finish` together are `decode` of all ids."""
        return self._pending.decode(self._spellings[token])

    def finish(self) -> str:
        """What is left: U+FFFD if the last character never came to its end."""
        return self._pending.decode(b"", final=True)


def write_config(folder: Path, context: int | None) -> None:
    """Write tokenizer_config.json, by which AutoTokenizer finds the same ids even beside a GPT-2 config.json.

    Without `tokenizer_class` transformers 5 would build GPT-2's own tokenizer from tokenizer.json and get other ids;
    `split_special_tokens` keeps the letters `<|endoftext|>` of a text from becoming the end-of-text id.
    """
    config: dict[str, Any] = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": END_OF_TEXT,
        "eos_token": END_OF_TEXT,
        "pad_token": END_OF_TEXT,
        "clean_up_tokenization_spaces": False,
        "split_special_tokens": True,
    }
    if context is not None:
        config["model_max_length"] = context
    (folder / CONFIG_FILE).write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


def _pieces_of(saved: Any, path: Path) -> list[str]:
    """The pieces by id out of a tokenizer.json; raises BrokenArtifact for any other kind of tokenizer."""
    model = saved.get("model") if isinstance(saved, dict) else None
    model = model if isinstance(model, dict) else {}
    vocabulary = model.get("vocab")
    if not isinstance(vocabulary, dict) or model.get("merges") != [] or model.get("byte_fallback") is not True:
        raise _broken(path, "is not a character vocabulary, the only kind this version opens")
    if saved.get("normalizer") or saved.get("pre_tokenizer"):
        raise _broken(path, "changes its text before cutting it, which a character vocabulary never does")
    if {type(place) for place in vocabulary.values()} != {int} or sorted(vocabulary.values()) != list(range(len(vocabulary))):
        raise _broken(path, "has ids that are not 0, 1, 2, …")
    wanted = {END_OF_TEXT, *BYTE_PIECES}
    if not wanted <= vocabulary.keys() or any(len(piece) != 1 for piece in vocabulary.keys() - wanted):
        raise _broken(path, "is not made of end of text, 256 bytes and single characters")
    return sorted(vocabulary, key=vocabulary.__getitem__)


def _is_well_formed(spelling: bytes) -> bool:
    """Whether the bytes are text, or the beginning of text."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    try:
        text = decoder.decode(spelling)
    except UnicodeDecodeError:
        return False
    # Python refuses half a surrogate pair only at its third byte; nothing could follow its second.
    if b"\xed\xa0" <= decoder.getstate()[0][:2] <= b"\xed\xbf":
        return False
    return all(character in "\n\t" or unicodedata.category(character) != "Cc" for character in text)


def _is_exempt(piece: str) -> bool:
    """A byte from 0x80 on is a part of a character, and its neighbours share it: a penalty would spell nonsense."""
    if len(piece) == 1:
        return piece.isspace() or unicodedata.category(piece).startswith("P")
    return piece == END_OF_TEXT or piece >= BYTE_PIECES[0x80]


def _broken(path: Path, why: str) -> BrokenArtifact:
    return BrokenArtifact(
        "broken_tokenizer", f"{path} {why}", "take the whole folder from where the model was made", path=str(path)
    )
