"""Carriers' XML, read without entities, and by names without their namespaces.

A body with a document type is refused outright: nothing that a carrier sends needs one, and what
expands or fetches stands there.
"""

from codecs import BOM_UTF8
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring

from domain.errors import Unreadable


def root_of(body: bytes) -> Element:
    """The document's outermost element. Raises Unreadable for what is no plain XML.

    Space before the declaration is no XML, but there are captured bodies that have it.
    """
    try:
        found: Element = fromstring(body.lstrip(), forbid_dtd=True)
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise Unreadable(f"not XML that is taken here ({type(error).__name__})") from error
    return found


def is_xml(body: bytes) -> bool:
    """Whether a body begins as XML does, and as no JSON does."""
    return body.removeprefix(BOM_UTF8).lstrip().startswith(b"<")


def name_of(element: Element) -> str:
    """The element's name without its namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def every(parent: Element, name: str) -> Iterator[Element]:
    """Elements of a name anywhere below, in the order of the document."""
    return (one for one in parent.iter() if name_of(one) == name)


def text_of(parent: Element, name: str) -> str:
    """The text of the first child of a name, without the space around it; empty where none is."""
    found = next((one for one in parent if name_of(one) == name), None)
    return (found.text or "").strip() if found is not None else ""
