"""The content of an opaque S/MIME message (RFC 8551, 3.5.2; RFC 5652): what nobody needs a key to read."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import NamedTuple

SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
"""1.2.840.113549.1.7.2, RFC 5652, section 5.1."""

_COMPRESSED_DATA = bytes.fromhex("2a864886f70d0109100109")  # RFC 3274, section 1.1
_DATA = bytes.fromhex("2a864886f70d010701")  # RFC 5652, section 4
_SEQUENCE, _OBJECT, _OCTETS, _CONSTRUCTED_OCTETS, _FIRST = 0x30, 0x06, 0x04, 0x24, 0xA0
_END_OF_CONTENTS = 0x00
_MOST = 20_000
"""The number of elements that are looked at; an octet string may be in pieces of a kilobyte."""

_DEEPEST = 8


class _Element(NamedTuple):
    """An element of BER: its tag, the offsets of its content; `end` is None where the length is indefinite."""

    tag: int
    start: int
    end: int | None


def read_content(data: bytes, most: int) -> bytes | None:
    """The content of signed or compressed data, `most` bytes of it at most; None where there is none to read."""
    try:
        return _read(data, most)
    except (IndexError, ValueError, zlib.error, RecursionError):
        return None


def _read(data: bytes, most: int) -> bytes | None:
    # ContentInfo: SEQUENCE { contentType, [0] { SignedData or CompressedData } }
    content_type, wrapped = _children(data, _element(data, 0), 2)
    kind = data[content_type.start : content_type.end]
    if kind not in {SIGNED_DATA, _COMPRESSED_DATA} or wrapped.tag != _FIRST:
        return None
    # Version, algorithms, then encapContentInfo: SEQUENCE { eContentType, [0] { OCTET STRING } }
    fields = _children(data, _children(data, wrapped, 1)[0], 3)
    inside = _children(data, fields[2], 2)
    if len(inside) < 2 or inside[0].tag != _OBJECT or data[inside[0].start : inside[0].end] != _DATA:
        return None
    content = b"".join(_octets(data, _children(data, inside[1], 1)[0], [_MOST], 0))[:most]
    return zlib.decompressobj().decompress(content, most) if kind == _COMPRESSED_DATA else content


def _element(data: bytes, at: int) -> _Element:
    tag, length = data[at], data[at + 1]
    at += 2
    if tag & 0x1F == 0x1F:
        raise ValueError("a tag of several bytes")
    if length == 0x80:
        return _Element(tag, at, None)
    if length & 0x80:
        count = length & 0x7F
        if count > 4:
            raise ValueError("a length beyond any mail")
        length, at = int.from_bytes(data[at : at + count], "big"), at + count
    # What is cut off is read as far as it goes.
    return _Element(tag, at, min(at + length, len(data)))


def _children(data: bytes, parent: _Element, most: int) -> list[_Element]:
    """The first elements within another."""
    found: list[_Element] = []
    at = parent.start
    while len(found) < most and at < (len(data) if parent.end is None else parent.end):
        child = _element(data, at)
        if child.tag == _END_OF_CONTENTS and parent.end is None:
            break
        found.append(child)
        if len(found) < most:
            at = _end(data, child, [_MOST], 0)
    return found


def _end(data: bytes, element: _Element, left: list[int], depth: int) -> int:
    """The offset after an element."""
    if element.end is not None:
        return element.end
    at = element.start
    while left[0] > 0 and depth < _DEEPEST:
        left[0] -= 1
        child = _element(data, at)
        at = _end(data, child, left, depth + 1)
        if child.tag == _END_OF_CONTENTS:
            return at
    raise ValueError("nested too deep, or too much of it")


def _octets(data: bytes, element: _Element, left: list[int], depth: int) -> Iterator[bytes]:
    """An octet string, which may be constructed of others."""
    left[0] -= 1
    if element.tag == _OCTETS and element.end is not None:
        yield data[element.start : element.end]
        return
    if element.tag != _CONSTRUCTED_OCTETS or depth > _DEEPEST:
        raise ValueError("no octet string")
    at, end = element.start, len(data) if element.end is None else element.end
    while at < end and left[0] > 0:
        child = _element(data, at)
        if child.tag == _END_OF_CONTENTS and element.end is None:
            return
        yield from _octets(data, child, left, depth + 1)
        at = _end(data, child, left, depth)
