"""What a file that is no plain text looks like, told by its first bytes."""

HEAD_BYTES = 1024

# The signatures are those of the formats' own specifications.
SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF87a", "a GIF picture"),
    (b"GIF89a", "a GIF picture"),
    (b"%PDF-", "a PDF document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Word document"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x1f\x8b\x08", "a gzip archive"),
)
ZIP = (b"PK\x03\x04", b"PK\x05\x06")


def looks_like(data: bytes) -> str:
    """What the file is, with its article ("a PDF document"), or "" when its first bytes tell of nothing but text."""
    head = data[:HEAD_BYTES]
    for signature, kind in SIGNATURES:
        if head.startswith(signature):
            return kind
    if head.startswith(ZIP):
        return _kind_of_zip(data)
    if head.startswith(b"MZ") and b"\x00" in head:
        return "a program"
    if head[60:68] == b"BOOKMOBI":
        return "a Kindle book"
    return ""


def _kind_of_zip(data: bytes) -> str:
    """An epub names its type in its first member; a Word file keeps its text in a folder `word`."""
    if b"application/epub+zip" in data[:HEAD_BYTES]:
        return "an EPUB book"
    return "a Word document" if b"word/document.xml" in data else "a ZIP archive"
