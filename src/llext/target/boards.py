"""The shipped boards: a bare one is CPU and memories, read by dtlib alone, since powering one on must cost nothing.

``NAME.dtsi`` has those and needs no preprocessor. ``NAME.dts`` includes it and adds the devices that applications look
for; that one is read with an application's overlays (``devicetree.read_tree``).
"""

from __future__ import annotations

import difflib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from llext.errors import TargetError
from llext.target.facts import Target
from llext.target.memories import MemoryNode, make_target

if TYPE_CHECKING:
    from devicetree import dtlib

BOARDS = Path(__file__).parent.parent / "boards"
DEFAULT_BOARD = "mps2/an385"


def board_names() -> list[str]:
    """Every board there is, sorted."""
    return sorted(path.relative_to(BOARDS).with_suffix("").as_posix() for path in BOARDS.rglob("*.dts"))


def board_file(name: str) -> Path:
    """The devicetree file of a board, to be preprocessed.

    Raises:
        TargetError: there is no such board; the message names the nearest ones.
    """
    if not isinstance(name, str) or name not in board_names():
        near = difflib.get_close_matches(str(name), board_names(), n=2, cutoff=0.4) or board_names()
        raise TargetError(f"unknown board {name!r}", hint=f"did you mean {' or '.join(near)}? 'llext boards' lists all.")
    return BOARDS / f"{name}.dts"


@lru_cache(maxsize=16)
def load_target(name: str) -> Target:
    """Reads a board's facts.

    Raises:
        TargetError: there is no such board; the message names the nearest ones.
    """
    path = board_file(name).with_suffix(".dtsi")
    from devicetree import dtlib

    try:
        tree = dtlib.DT(str(path))
    except dtlib.DTError as error:
        raise TargetError(f"{path.name}: {error}") from error
    return _target(name, tree)


def _target(name: str, tree: dtlib.DT) -> Target:
    cpu = tree.get_node("/cpus/cpu@0")
    chosen = {key: prop.to_path().path for key, prop in tree.get_node("/chosen").props.items()}
    return make_target(
        name,
        model=tree.root.props["model"].to_string(),
        cpu=cpu.props["compatible"].to_string(),
        clock_hz=cpu.props["clock-frequency"].to_num(),
        nodes=[_memory(node) for node in tree.node_iter() if {"reg", "compatible"} <= node.props.keys()],
        chosen=chosen,
    )


def _memory(node: dtlib.Node) -> MemoryNode:
    """A node of a shipped board; all their addresses are one cell, and buses above them translate nothing."""
    registers = node.props["reg"].to_nums()
    status = node.props["status"].to_string() if "status" in node.props else "okay"
    pairs = tuple(zip(registers[::2], registers[1::2], strict=False))
    name = node.labels[0] if node.labels else node.name
    return MemoryNode(node.path, name, tuple(node.props["compatible"].to_strings()), status, pairs)
