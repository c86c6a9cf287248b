"""What an EPUB book says of itself: its title, its documents in reading order, and its table of contents."""

import contextlib
import posixpath
from dataclasses import dataclass
from urllib.parse import unquote

from pipelines.errors import BadText
from pipelines.formats.archive import Archive
from pipelines.formats.documents import damaged
from pipelines.formats.parsers import Element, ParseError, children, xml_root

KIND = "an EPUB book"
CONTAINER = "META-INF/container.xml"
ENCRYPTION = "META-INF/encryption.xml"
# Scrambled fonts do no harm to the text (EPUB 3.3, 4.2.6 "font obfuscation", and Adobe's older way).
OF_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
MANIFEST_BYTES = 16 * 1024**2
PAGES = ("application/xhtml+xml", "text/html", "text/x-oeb1-document", "application/xml", "text/xml")


@dataclass(frozen=True, slots=True)
class Package:
    """A book's title, the names of its documents as they are read, and the table of contents: (title, name, anchor)."""

    title: str
    pages: list[str]
    contents: list[tuple[str, str, str]]


def read_package(archive: Archive) -> Package:
    """Read a book's package; raises BadText if it is locked or damaged."""
    _refuse_locked(archive)
    place = _package_name(archive)
    root = _xml(archive, place)
    if root is None:
        raise damaged(KIND)
    base = posixpath.dirname(place)
    items = {node.get("id", ""): node for node in _all(root, "item")}
    titles = ["".join(map(str, node.itertext())).strip() for node in _all(root, "title")]
    return Package(next(filter(None, titles), ""), _pages(root, items, base), _contents(archive, root, items, base))


def _refuse_locked(archive: Archive) -> None:
    """Raise BadText if anything but fonts is encrypted."""
    root = _xml(archive, ENCRYPTION)
    if root is not None and any(
        node.get("Algorithm") not in OF_FONTS for data in _all(root, "EncryptedData") for node in _methods(data)
    ):
        raise BadText("locked_epub", "this EPUB book is locked (DRM)", "bring a copy without a lock")


def _methods(data: Element) -> list[Element]:
    """How the data itself is encrypted, not the key to it."""
    return [child for child in children(data) if child.tag.endswith("}EncryptionMethod")]


def _package_name(archive: Archive) -> str:
    root = _xml(archive, CONTAINER)
    found = [node.get("full-path", "") for node in _all(root, "rootfile")] if root is not None else []
    if not found:
        raise damaged(KIND)
    return posixpath.normpath(found[0])


def _pages(root: Element, items: dict[str, Element], base: str) -> list[str]:
    """The documents of the spine, those out of line last, the table of contents left away."""
    row = [(reference.get("linear") == "no", items.get(reference.get("idref", ""))) for reference in _all(root, "itemref")]
    pages = [(aside, item) for aside, item in row if item is not None and item.get("media-type", PAGES[0]) in PAGES]
    kept = [(aside, item) for aside, item in pages if "nav" not in item.get("properties", "").split()]
    names = [_joined(base, item.get("href", "")) for _, item in sorted(kept, key=lambda page: page[0])]
    return list(dict.fromkeys(names))


def _contents(archive: Archive, root: Element, items: dict[str, Element], base: str) -> list[tuple[str, str, str]]:
    """The table of contents by the navigation document, else by the older NCX; none if neither can be read."""
    navigation = [item for item in items.values() if "nav" in item.get("properties", "").split()]
    spine = next(iter(_all(root, "spine")), None)
    older = items.get(spine.get("toc", "")) if spine is not None else None
    for item in [*navigation, *([older] if older is not None else [])]:
        name = _joined(base, item.get("href", ""))
        # The text does not depend on it.
        with contextlib.suppress(BadText):
            found = _entries(_xml(archive, name), posixpath.dirname(name))
            if found:
                return found
    return []


def _entries(root: Element | None, base: str) -> list[tuple[str, str, str]]:
    """The entries of a navigation document's first table, or of an NCX."""
    if root is None:
        return []
    tables = [node for node in _all(root, "nav") if "toc" in _type_of(node).split()] or _all(root, "nav")
    links = [(_words(link), link.get("href", "")) for table in tables[:1] for link in _all(table, "a")]
    for point in _all(root, "navPoint"):
        label, content = next(iter(_all(point, "text")), None), next(iter(_all(point, "content")), None)
        if label is not None and content is not None:
            links.append((_words(label), content.get("src", "")))
    found = [(title, *_split(base, link)) for title, link in links if title and link]
    return [(title, name, anchor) for title, name, anchor in found if name]


def _type_of(node: Element) -> str:
    return next((str(value) for name, value in node.attrib.items() if str(name).endswith("}type")), "")


def _split(base: str, link: str) -> tuple[str, str]:
    """A link as the name of a document and an anchor in it."""
    name, _, anchor = link.partition("#")
    return _joined(base, name) if name else "", unquote(anchor)


def _joined(base: str, link: str) -> str:
    """The member that a link leads to; it is only looked up among the members, so it leads nowhere else."""
    return posixpath.normpath(posixpath.join(base, unquote(link.partition("#")[0])))


def _words(node: Element) -> str:
    return " ".join("".join(map(str, node.itertext())).split())


def _all(root: Element, name: str) -> list[Element]:
    """All elements of that name in whatever namespace, in order."""
    return list(root.iter(name, f"{{*}}{name}"))


def _xml(archive: Archive, name: str) -> Element | None:
    """The root of a small XML member; None if it is not there, BadText is raised if it is damaged."""
    member = archive.named(name)
    try:
        return xml_root(archive.read(member, MANIFEST_BYTES)) if member else None
    except ParseError as error:
        raise damaged(KIND) from error
