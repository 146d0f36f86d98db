"""Intel HEX, as flash tools take it ("Hexadecimal Object File Format Specification", Intel 1988): data, extended linear address, end.

Our own, because writing three kinds of records takes fewer lines than a dependency: intelhex had no release since 2020, and bincopy
brings three packages of which nothing else here has a use.
"""

from __future__ import annotations

from collections.abc import Iterator

_DATA, _END, _UPPER = 0, 1, 4
_ROW = 16
_PAGE = 1 << 16


def intel_hex(data: bytes, address: int) -> bytes:
    """The text of a file that puts bytes at an address of up to 32 bits."""
    return b"".join(record + b"\r\n" for record in _records(data, address))


def _records(data: bytes, address: int) -> Iterator[bytes]:
    page = 0
    at = address
    while at < address + len(data):
        if at >> 16 != page:
            page = at >> 16
            yield _record(_UPPER, 0, page.to_bytes(2, "big"))
        end = min(address + len(data), at - at % _ROW + _ROW)
        yield _record(_DATA, at % _PAGE, data[at - address : end - address])
        at = end
    yield _record(_END, 0, b"")


def _record(kind: int, offset: int, data: bytes) -> bytes:
    """Length, offset, kind, data, and what makes the sum of all of them 0."""
    body = bytes([len(data)]) + offset.to_bytes(2, "big") + bytes([kind]) + data
    return b":" + (body + bytes([-sum(body) & 0xFF])).hex().upper().encode()
