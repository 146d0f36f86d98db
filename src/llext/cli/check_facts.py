"""A verdict as plain values, for ``llext check --json``."""

from __future__ import annotations

from collections.abc import Sequence

from llext.firmware import Compared, Export, Import, Result, TypeDifference, Verdict


def verdict_facts(verdict: Verdict, compared: Sequence[Compared]) -> dict[str, object]:
    """Every figure of a verdict."""
    firmware = verdict.firmware
    return {
        "firmware": {
            "path": str(firmware.image.path),
            "facts": {
                name: {"value": fact.value, "source": fact.source, "known": fact.known}
                for name, fact in firmware.facts().items()
            },
        },
        "extensions": [_result(result, both) for result, both in zip(verdict.results, compared, strict=True)],
        "smallest_heap": verdict.smallest_heap,
        "smallest": dict(verdict.smallest),
        "savings": [{"what": each.what, "bytes": each.bytes} for each in verdict.savings],
        "unknown": list(verdict.unknown),
        "loads": verdict.loads,
        "certain": verdict.certain,
    }


def _result(result: Result, both: Compared) -> dict[str, object]:
    return {
        "path": str(result.path), "name": result.name, "verdict": result.verdict, "errno": result.errno, "reason": result.reason,
        "hint": result.hint, "may_crash": result.may_crash, "certain": result.certain, "again": result.again, "exports": list(result.exports),
        "imports": [_import(each, both) for each in result.imports],
        "types": {"compared": list(both.told), "not_compared": dict(both.untold), "differ": [_difference(each) for each in both.differences]},
        "heap": _heap(result),
        "notes": [str(note) for note in result.notes],
        "warnings": list(result.warnings),
    }  # fmt: skip


def _import(each: Import, both: Compared) -> dict[str, object]:
    address = each.provider.address if isinstance(each.provider, Export) else None
    owner = "firmware" if address is not None else each.provider
    return {
        "name": each.name, "provider": owner, "address": address, "source": both.sources.get(each.name), "weak": each.weak,
        "nearest": list(each.nearest), "hint": each.hint,
    }  # fmt: skip


def _difference(each: TypeDifference) -> dict[str, object]:
    return {"name": each.name, "what": each.what, "extension": each.extension.text, "firmware": each.firmware.text}


def _heap(result: Result) -> dict[str, object]:
    """Requests in the loader's order; their places where the heap is known."""
    heap = result.heap
    places = {} if heap is None else {each.wanted.purpose: each.offset for each in heap.requests}
    return {
        "used": heap and heap.used, "peak": heap and heap.peak, "rounding": result.rounding,
        "requests": [
            {"purpose": each.purpose, "size": each.size, "alignment": each.alignment, "offset": places.get(each.purpose),
             "freed": each.transient, "rounding": result.lost.get(each.purpose, 0)} for each in result.wants
        ],
    }  # fmt: skip
