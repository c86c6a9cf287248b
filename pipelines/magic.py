"""What a file is, told by its bytes and never by its name: a container that can be opened, something refused, or plain text."""

import mmap
import re
import struct
from collections.abc import Iterator

Bytes = bytes | mmap.mmap

HEAD_BYTES = 4096
# The directory at the end of a ZIP file, and how many members of it are looked at.
END_BYTES = 66_000
DIRECTORY_BYTES = 1_000_000

# The signatures are those of the formats' own specifications.
SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF87a", "a GIF picture"),
    (b"GIF89a", "a GIF picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"8BPS\x00", "a Photoshop picture"),
    (b"%PDF-", "a PDF document"),
    (b"%!PS-Adobe", "a PostScript document"),
    (b"{\\rtf", "an RTF document"),
    (b"AT&TFORM", "a DjVu document"),
    (b"CAJ\x00", "a CAJ document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Word document"),
    (b"ITSF\x03\x00", "a CHM book"),
    (b"ITOLITLS", "a LIT book"),
    (b"\x89\x9b\x9a\xde", "a UMD book"),
    (b"SNBP000B", "an SNB book"),
    (b"\x7fELF", "a program"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "a Windows shortcut"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x1f\x8b\x08", "a gzip archive"),
    (b"BZh91AY&SY", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"MSCF\x00\x00\x00\x00", "a CAB archive"),
    (b"ID3\x02", "a sound recording"),
    (b"ID3\x03", "a sound recording"),
    (b"ID3\x04", "a sound recording"),
    (b"\xff\xfb", "a sound recording"),
    (b"\xff\xf3", "a sound recording"),
    (b"OggS\x00", "a sound recording"),
    (b"fLaC\x00", "a sound recording"),
    (b"MThd\x00", "a sound recording"),
    (b"\x1a\x45\xdf\xa3", "a video"),
    (b"wOFF\x00\x01\x00\x00", "a font"),
    (b"wOFFOTTO", "a font"),
    (b"wOF2", "a font"),
    (b"OTTO\x00", "a font"),
    (b"\x00\x01\x00\x00\x00", "a font"),
)
INNER_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (60, b"BOOKMOBI", "a Kindle book"),
    (60, b"TEXtREAd", "a Palm book"),
    (257, b"ustar", "a tar archive"),
    (4, b"ftyp", "a video"),
    (8, b"WEBP", "a WebP picture"),
    (8, b"WAVEfmt ", "a sound recording"),
    (8, b"AVI LIST", "a video"),
)
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
# What a ZIP file is when it has a member of that name; the first that fits counts.
ZIPPED = (
    ("META-INF/container.xml", "epub"),
    ("word/document.xml", "docx"),
    ("xl/workbook.xml", "an Excel workbook"),
    ("ppt/presentation.xml", "a PowerPoint presentation"),
)
OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument."
CONTAINERS = {
    "epub": "an EPUB book",
    "docx": "a Word document",
    "zip": "a ZIP archive",
    "parquet": "a Parquet table",
    "arrow": "an Arrow table",
    "html": "",
    "json": "",
}
# The stream format of Arrow begins with four bytes FF and the length of the first message, which is a multiple of 8.
ARROW_STREAM = b"\xff\xff\xff\xff"
ARROW_MESSAGE_BYTES = 2**24
BITMAP = re.compile(rb"BM.{4}\x00{4}.{3}\x00", re.DOTALL)
# What may stand before a page's first tag: byte-order marks, white space, an XML declaration, comments.
BEFORE_PAGE = re.compile(
    rb"(?:\s|\xef\xbb\xbf|\xff\xfe|\xfe\xff|<\?xml[^>]{0,200}\?>|<!--(?:(?!-->).){0,500}-->){0,60}", re.DOTALL
)
PAGE = re.compile(rb"<(?:!doctype\s{1,20}html|html|head|body)[\s>]", re.IGNORECASE)
STRINGS = re.compile(rb'\[\s{0,200}"')
ANOTHER_STRING = re.compile(rb'(?<!\\)"\s{0,50},\s{0,50}"')
OBJECT = re.compile(rb'\[?\s{0,200}\{\s{0,200}"[^"\n]{1,64}"\s{0,50}:')
EMPTY_ARRAY = re.compile(rb"\[\s{0,200}\]\s{0,200}")


def release(data: Bytes, end: int) -> None:
    """Let the system take back the memory of a mapped file up to `end`; it is read from the disk again when wanted.

    The mapping must be for reading only, or its changes would be lost.
    """
    advice = getattr(mmap, "MADV_DONTNEED", None)
    if isinstance(data, mmap.mmap) and advice is not None and end >= mmap.PAGESIZE:
        data.madvise(advice, 0, end)


def kind_of(data: Bytes) -> str:
    """What the file is: a key of CONTAINERS, "" for plain text, or what it is with its article ("a PDF document").

    Reads the first and the last few thousand bytes; the directory of a ZIP file up to a megabyte.
    """
    head = data[:HEAD_BYTES]
    if head.startswith(ZIP):
        return _kind_of_zip(data)
    return _refused(head) or _table(data, head) or _marked_up(data, head)


def looks_like(data: Bytes) -> str:
    """What the file is, with its article ("a PDF document"), or "" when its bytes can be read as text."""
    kind = kind_of(data)
    return CONTAINERS.get(kind, kind)


def _refused(head: bytes) -> str:
    """What no part of the studio reads, with its article; else ""."""
    for signature, kind in SIGNATURES:
        if head.startswith(signature):
            return kind
    for place, signature, kind in INNER_SIGNATURES:
        if head.startswith(signature, place):
            return kind
    if BITMAP.match(head):
        return "a BMP picture"
    return "a program" if head.startswith(b"MZ") and b"\x00" in head else ""


def _table(data: Bytes, head: bytes) -> str:
    """The kinds of table that data sets come in, else ""."""
    if head.startswith(b"PAR1") and (data[-4:] == b"PAR1" or head[4:5] < b"\x20"):
        return "parquet"
    if head.startswith(b"ARROW1\x00\x00"):
        return "arrow"
    length = struct.unpack_from("<I", head, 4)[0] if head.startswith(ARROW_STREAM) and len(head) >= 8 else 1
    return "arrow" if length % 8 == 0 and 0 < length < ARROW_MESSAGE_BYTES else ""


def _marked_up(data: Bytes, head: bytes) -> str:
    """ "html" or "json" when it begins like one, else ""; a story may well begin with a bracket or mention a tag."""
    # UTF-16 is plain ASCII here, but for its NULs.
    head = head.replace(b"\x00", b"")
    before = BEFORE_PAGE.match(head)
    begun = head[before.end() :] if before else head
    if PAGE.match(begun):
        return "html"
    if OBJECT.match(begun) or (EMPTY_ARRAY.fullmatch(begun) and len(data) < HEAD_BYTES):
        return "json"
    ends = data[-200:].replace(b"\x00", b"").rstrip().endswith(b"]")
    return "json" if STRINGS.match(begun) and (ends or ANOTHER_STRING.search(data[:65_536].replace(b"\x00", b""))) else ""


def _kind_of_zip(data: Bytes) -> str:
    """An epub or an OpenDocument names its type in its first member, others are told by the names of their members."""
    head = data[:HEAD_BYTES]
    if b"mimetypeapplication/epub+zip" in head:
        return "epub"
    if OPEN_DOCUMENT in head:
        return "an OpenDocument file"
    names = set(_members(data))
    # A download that broke off has lost the directory at its end; its first members tell.
    within = data[:65_536] if not names else b""
    return next((kind for name, kind in ZIPPED if name.encode() in names or name.encode() in within), "zip")


def _members(data: Bytes) -> Iterator[bytes]:
    """The names in the directory at the end of a ZIP file, those within its first megabyte; nothing if it is damaged."""
    end = data[-END_BYTES:]
    place = end.rfind(b"PK\x05\x06")
    if place < 0 or place + 20 > len(end):
        return
    size, start = struct.unpack_from("<II", end, place + 12)
    directory = data[start : start + min(size, DIRECTORY_BYTES)]
    place = 0
    while directory.startswith(b"PK\x01\x02", place) and place + 46 <= len(directory):
        name, extra, comment = struct.unpack_from("<HHH", directory, place + 28)
        yield directory[place + 46 : place + 46 + name]
        place += 46 + name + extra + comment
