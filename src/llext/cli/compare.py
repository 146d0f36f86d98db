"""The same sources built plain, with long calls and position independent: what each costs and where it loads."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from llext.board import Board
from llext.build import BuildOptions, build_extension
from llext.cli.facts import Facts, gather

_WAYS = {"near": "plain", "far": "long calls", "pic": "PIC"}
_CODE = ("text", "rodata", "data")

Row = dict[str, Any]


def compare(sources: list[Path], board: Board, zephyr: str, options: BuildOptions) -> list[Row]:
    """One row for each way of building; what ``--json`` shows."""
    rows = []
    for model, name in _WAYS.items():
        with tempfile.TemporaryDirectory(prefix="llext-") as folder:
            output = Path(folder) / "extension.llext"
            build_extension(sources, output, board.target, replace(options, model=model))
            flags = " ".join((*board.target.arch.compiler.flags, *board.target.arch.compiler.models[model]))
            rows.append({"way": name, "flags": flags, **_row(gather(output, board, zephyr))})
    return rows


def _row(facts: Facts) -> Row:
    sizes = {kind.name.lower(): region.size for kind, region in facts.plan.regions.items()}
    added = facts.added
    return {
        "bytes": sum(sizes.get(name, 0) for name in _CODE),
        "relocations": sum(facts.relocations.values()),
        "types": facts.relocations,
        "veneers": added["veneers"].size if "veneers" in added else 0,
        "got": added["got"].size if "got" in added else 0,
        "heap": facts.forecasts["buffer"].used if "buffer" in facts.forecasts else None,
        "stock": _on_stock(facts),
    }


def _on_stock(facts: Facts) -> str:
    """What Zephyr's own loader makes of it, in few words."""
    refusing = next((note for note in facts.notes if note.errno is not None), None)
    if refusing is not None and refusing.errno is not None:
        return f"-{refusing.errno.name}: {refusing.reason}"
    if "veneers" in facts.added:
        types = facts.board.target.arch.relocations.values()
        reach = min((reloc.high or 0) + 1 for reloc in types if reloc.veneer is not None and reloc.name in facts.relocations)
        return f"loads where calls reach the firmware ({reach >> 20} MiB), or with CONFIG_LLEXT_VENEERS"
    return "loads everywhere"


def comparison_text(rows: list[Row]) -> str:
    """The rows as a table, and the relocation types of each way."""
    heads = ("", "bytes", "relocations", "veneers", "GOT", "LLEXT heap")
    table = [heads] + [
        tuple(str(value) for value in (row["way"], row["bytes"], row["relocations"], row["veneers"], row["got"], row["heap"]))
        for row in rows
    ]
    widths = [max(len(line[column]) for line in table) for column in range(len(heads))]
    lines = [
        "  ".join(
            word.ljust(width) if not at else word.rjust(width)
            for at, (word, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in table
    ]
    for row in rows:
        types = ", ".join(f"{name} {count}" for name, count in row["types"].items())
        lines += ["", f"{row['way']} ({row['flags']})", f"  {types}", f"  stock Zephyr: {row['stock']}"]
    return "\n".join(lines)
