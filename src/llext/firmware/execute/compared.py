"""What check predicts and what the firmware's own loader did, side by side, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from llext.errors import Errno
from llext.firmware.execute.results import Executed, Load, RegionPlace
from llext.firmware.memory import Request
from llext.firmware.verdict import Result, Verdict

_NOTHING = "-"


@dataclass(frozen=True)
class Row:
    """One line: what it is about, our answer, the firmware's own, and whether they contradict each other."""

    what: str
    ours: str
    own: str
    differs: bool


def compare(verdict: Verdict, executed: Executed) -> tuple[tuple[Row, ...], ...]:
    """The lines of each load; what the loader did not come to has none."""
    heap = verdict.firmware.heap
    address = heap.value.address if heap is not None else 0
    return tuple(tuple(_rows(ours, own, address)) for ours, own in zip(verdict.results, executed.loads, strict=False))


def _rows(ours: Result, own: Load, heap: int) -> Iterator[Row]:
    yield _answer(ours, own)
    if own.returned is None or ours.again:
        return
    yield from _regions(ours, own, heap)
    if ours.heap is None:
        return
    if own.requests is not None:
        yield from _requests(ours.heap.requests, own)
    for what, predicted, found in (("heap in use", ours.heap.used, own.used), ("heap at most", ours.heap.peak, own.peak)):
        yield Row(what, str(predicted), "not known" if found is None else str(found), found not in (None, predicted))


def _answer(ours: Result, own: Load) -> Row:
    if ours.again:
        return Row("llext_load", str(ours.again), own.verdict, own.returned != ours.again)
    word = "may crash" if ours.may_crash else "loads" if not ours.errno else f"-{Errno(ours.errno).name} ({-ours.errno})"
    differs = not ours.may_crash and own.returned != -ours.errno
    return Row("llext_load", word, own.verdict, differs)


def _regions(ours: Result, own: Load, heap: int) -> Iterator[Row]:
    if not ours.loads or not own.loads:
        return
    requests = () if ours.heap is None else ours.heap.requests
    placed = {each.wanted.kind.name.lower(): each for each in requests if each.wanted.kind is not None}
    for region in own.regions:
        yield _region(region, placed.pop(region.name, None), heap)
    for name, missing in placed.items():
        yield Row(f"region {name}", _place(missing, heap), _NOTHING, differs=True)


def _region(region: RegionPlace, request: Request | None, heap: int) -> Row:
    found = f"{region.address:#010x}" if region.in_file is None else f"in the file, {region.in_file:#x}"
    absent = "in the file" if region.in_file is not None else _NOTHING
    predicted = absent if request is None else _place(request, heap)
    same = region.in_file is not None if request is None else predicted == found
    return Row(f"region {region.name}", predicted, found, not same)


def _place(request: Request, heap: int) -> str:
    return _NOTHING if request.offset is None else f"{heap + request.offset:#010x}"


def _requests(predicted: tuple[Request, ...], own: Load) -> Iterator[Row]:
    """One line if all are the same, else the first that is not."""
    assert own.requests is not None
    ours = [(each.wanted.size, each.offset) for each in predicted]
    found = [(each.size, each.offset) for each in own.requests]
    if ours == found:
        yield Row("requests to heap", str(len(ours)), str(len(found)), differs=False)
        return
    index = next(
        (i for i, (one, other) in enumerate(zip(ours, found, strict=False)) if one != other), min(len(ours), len(found))
    )
    yield Row(f"request {index + 1} to heap", _request(ours, index), _request(found, index), differs=True)


def _request(all_of_them: list[tuple[int, int | None]], index: int) -> str:
    if index >= len(all_of_them):
        return _NOTHING
    size, offset = all_of_them[index]
    return f"{size} bytes, " + ("no room" if offset is None else f"byte {offset}")
