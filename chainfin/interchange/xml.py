"""The one way XML from outside is read: no entities, no network, limits on size and depth.

Trade files come from strangers. A document type declaration is the door to entities (a small file
that grows without end, a file of this machine read into the answer), and no trade format needs
one, so a file that has one is refused. libxml2 adds its own limits on names, text and growth.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

from lxml import etree

from chainfin.domain.errors import FileTooLarge, XmlDeclaresTypes, XmlMalformed, XmlTooDeep

Element: TypeAlias = Any
"""An lxml element; lxml comes without types."""

_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class FileLimits:
    """What a file from outside may cost; parsing time follows from its size.

    Attributes:
        size_bytes: Largest file.
        depth: How many elements may lie inside one another.
    """

    size_bytes: int = 20_000_000
    depth: int = 64


DEFAULT_LIMITS = FileLimits()


def read_xml(content: bytes, limits: FileLimits = DEFAULT_LIMITS) -> Element:
    """The root element of an XML file, in whatever encoding it declares.

    Comments and processing instructions are left out, so that an element's text is one piece.

    Args:
        content: The file.
        limits: What it may cost.

    Raises:
        FileTooLarge: more bytes than allowed.
        XmlMalformed: not well formed, or not in the encoding it declares.
        XmlDeclaresTypes: it has a document type declaration.
        XmlTooDeep: elements lie deeper than allowed.
    """
    if len(content) > limits.size_bytes:
        raise FileTooLarge(len(content), limits.size_bytes)
    # A parser of its own for each file: parsers keep what they read, and are not for two threads.
    # `collect_ids` stays as it is: without it lxml opens the files of external document types.
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise XmlMalformed(str(error)[:_LONGEST_REASON]) from None
    if root.getroottree().docinfo.doctype:
        raise XmlDeclaresTypes
    if root.xpath("/*" * (limits.depth + 1)):
        raise XmlTooDeep(limits.depth)
    return root
