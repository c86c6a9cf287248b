"""Books and archives built for tests, honest ones and others."""

import os
import signal
import struct
import zipfile
import zlib

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
PAGE = (
    '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>{}</body></html>'
)
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def zipped(path, members):
    """A ZIP file of these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def raw_zip(path, members, flags=0):
    """A ZIP file whose names are these bytes, whatever they mean: (name, content)."""
    body, directory = b"", b""
    for name, data in members:
        checksum, size = zlib.crc32(data), len(data)
        common = struct.pack("<HHHHHIIIHH", 20, flags, 0, 0, 0x21, checksum, size, size, len(name), 0)
        directory += b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + name
        body += b"PK\x03\x04" + common + name + data
    end = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory), len(body), 0)
    path.write_bytes(body + directory + b"PK\x05\x06" + end)
    return path


def epub(path, pages, title="夜航", spine="", items="", more=()):
    """An EPUB book of these pages, as (file name, what stands in its body); the spine is their order unless it is given."""
    manifest = "".join(f'<item id="i{n}" href="{name}" media-type="application/xhtml+xml"/>' for n, (name, _) in enumerate(pages))
    spine = spine or "<spine>" + "".join(f'<itemref idref="i{n}"/>' for n in range(len(pages))) + "</spine>"
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{title}</dc:title></metadata><manifest>{manifest}{items}</manifest>{spine}</package>"
    )
    members = {"mimetype": "application/epub+zip", "META-INF/container.xml": CONTAINER, "OEBPS/book.opf": opf}
    members |= {f"OEBPS/{name}": body if body.startswith("<?xml") else PAGE.format(body) for name, body in pages}
    return zipped(path, members | dict(more))


def docx(path, body, title="", more=()):
    """A Word document with this XML in its body."""
    document = f'<?xml version="1.0"?><w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    core = (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title></cp:coreProperties>'
    )
    members = {"[Content_Types].xml": "<Types/>", "word/document.xml": document, "docProps/core.xml": core}
    return zipped(path, members | dict(more))


def paragraph(text):
    """One paragraph of a Word document."""
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def be_killed(_book):
    """What the system does to a process that takes too much memory."""
    os.kill(os.getpid(), signal.SIGTERM)
