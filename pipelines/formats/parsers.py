"""lxml's parsers, made safe for what strangers send: no entities but characters, no network, no huge trees."""

from typing import Any

from lxml import etree  # ty: ignore[import-not-found]  # it is compiled and brings no types

# What every parser raises for what it cannot read.
ParseError = etree.LxmlError
Element = Any


def html_parser(target: object) -> Any:
    """A parser of pages that tells `target` of tags and words and builds no tree; it is fed UTF-8.

    It is told the encoding, so that nothing in the page can make it change its mind.
    """
    return etree.HTMLParser(target=target, encoding="utf-8", no_network=True, huge_tree=False)


def xml_parser(target: object) -> Any:
    """A parser of XML that tells `target` of elements and words and builds no tree."""
    return etree.XMLParser(target=target, **_SAFETY)


def xml_root(data: bytes) -> Element:
    """The root of a small XML document; raises ParseError."""
    try:
        return etree.fromstring(data, etree.XMLParser(**_SAFETY))
    except ValueError as error:
        raise ParseError(str(error)) from error


def children(root: Element) -> list[Element]:
    """The elements directly inside another, without comments and the like."""
    return [child for child in root if isinstance(child.tag, str)]


_SAFETY = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
