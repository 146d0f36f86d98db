"""Where the parts of a sys_heap lie, and which memories can hold one: what follows from size, address and options."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, NamedTuple, TypedDict, get_args

from llext.errors import Errno, HeapError, UsageError

Variant = Literal["auto", "small", "big"]
UNIT = 8
SMALL_LIMIT = 32767
"""Most units of a heap with 16-bit headers."""

WORD = 4
FIRST_BUCKET, FIRST_BUCKET_BEHIND_STATISTICS = 4, 7


class Options(TypedDict, total=False):
    """What a build of Zephyr chooses about its heaps; see ``SysHeap``."""

    variant: Variant
    statistics: bool
    alloc_loops: int
    clamp: bool


class Geometry(NamedTuple):
    """Where the parts of a heap lie. Follows from size, address and options alone.

    Attributes:
        base: Guest address of the record, a multiple of 8.
        units: Units from there to the end marker.
        header: Bytes of a chunk's header: 4 or 8.
        smallest: Units of the smallest chunk that can be in a free list.
        buckets: Free lists.
        first_bucket: Index of the first list's head among the words of the record.
        record: Units of chunk 0.
    """

    base: int
    units: int
    header: int
    smallest: int
    buckets: int
    first_bucket: int
    record: int


@lru_cache(maxsize=256)
def geometry(size: int, address: int, variant: Variant, *, statistics: bool) -> Geometry:
    """The geometry of a heap in so many bytes at an address.

    Raises:
        HeapError: too small for its own record, or too large for a small heap's headers.
    """
    footer = 8 if _is_big(size // UNIT, variant) else 4
    base = -(-address // UNIT) * UNIT
    units = max(0, ((address + size - footer) // UNIT * UNIT - base) // UNIT)
    big = _is_big(units, variant)
    smallest = 2 if big else 1
    buckets = max(1, (units - smallest + 1).bit_length())
    first_bucket = FIRST_BUCKET_BEHIND_STATISTICS if statistics else FIRST_BUCKET
    record = -(-WORD * (first_bucket + buckets) // UNIT)
    if units < record + smallest:
        raise _too_small(size, address, UNIT * (record + smallest), footer)
    return Geometry(base, units, 8 if big else 4, smallest, buckets, first_bucket, record)


def _is_big(units: int, variant: Variant) -> bool:
    if variant == "auto":
        return units > SMALL_LIMIT
    if variant == "small" and units > SMALL_LIMIT:
        raise _too_large(units)
    return variant == "big"


def check_options(options: Options) -> None:
    """Raises UsageError for an option that does not exist, or a value that it does not take."""
    unknown = options.keys() - Options.__optional_keys__
    variant, alloc_loops = options.get("variant", "auto"), options.get("alloc_loops", 3)
    if unknown:
        message = f"a heap has no option {', '.join(sorted(unknown))}"
        raise UsageError(message, hint=f"there are {', '.join(sorted(Options.__optional_keys__))}.")
    if variant not in get_args(Variant):
        message = f"{variant!r} is no variant of a heap"
        raise UsageError(message, hint="there are auto, small and big.")
    if alloc_loops < 1:
        message = f"{alloc_loops} looks into a free list are too few"
        raise UsageError(message, hint="give alloc_loops at least 1.")


def _too_small(size: int, address: int, needed: int, footer: int) -> HeapError:
    return HeapError(
        f"{size} bytes at {address:#010x} are too small for a heap: record and first chunk take {needed} bytes "
        f"and the end {footer}, from a multiple of 8 on",
        hint="the smallest heap has 44 bytes at a multiple of 8; big headers and statistics take more.",
        errno=Errno.EINVAL,
    )


def _too_large(units: int) -> HeapError:
    most = UNIT * SMALL_LIMIT + UNIT - 1
    return HeapError(
        f"some {UNIT * units} bytes are too large for a heap with small headers: at most {most}", errno=Errno.EINVAL
    )
