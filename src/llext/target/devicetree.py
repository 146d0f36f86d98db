"""Board file and overlays, preprocessed into one text, become a Tree: by edtlib and bindings.

edtlib knows what dtlib cannot: that a missing boolean is false, whether ``<3>`` is a number or an array, the names of
the cells behind a phandle, the order in which nodes depend on each other. It is imported here and only when called.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from llext.errors import TargetError
from llext.target.facts import Target
from llext.target.memories import MemoryNode, make_target
from llext.target.places import read_places
from llext.target.refusals import refusal
from llext.target.tree import Node, Property, Range, Reference, Register, Tree

BINDINGS = Path(__file__).parent.parent / "zephyr" / "dts" / "bindings"
VENDORS = "vendor-prefixes.txt"
"""Beside bindings: in each line what compatibles begin with, a tabulator, and who that is."""
USER_NODE = "/zephyr,user"
"""The node whose properties need no binding: their types are read off them."""


def read_tree(text: str, bindings: Sequence[Path] = ()) -> Tree:
    """Reads a preprocessed devicetree.

    Args:
        text: Board file and overlays in one, with the preprocessor's line markers.
        bindings: Folders with an application's own bindings and vendors, beside ours.

    Raises:
        TargetError: it is no devicetree, or not one that the bindings allow; with file and line.
    """
    from devicetree import dtlib, edtlib

    with tempfile.TemporaryDirectory(prefix="llext-") as folder, _warnings() as warnings:
        path = Path(folder) / "devicetree.dts"
        path.write_text(f'{text}\n# 1 "{path}"\n', "utf-8", "surrogateescape")
        folders = [str(each) for each in (BINDINGS, *bindings) if each.is_dir()]
        try:
            edt = edtlib.EDT(str(path), folders, warn_reg_unit_address_mismatch=False, infer_binding_for_paths=[USER_NODE])
            root = dtlib.DT(str(path)).root  # of which edtlib keeps nothing that no binding declares
            return _tree(edt, root, text, warnings, read_vendors([Path(folder) for folder in folders]))
        except UnicodeDecodeError:
            raise _not_utf8(text) from None
        except (dtlib.DTError, edtlib.EDTError, edtlib.yaml.YAMLError) as error:
            raise refusal(str(error), str(path), read_places(text), _names_of(edtlib, folders)) from error
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            raise _unreadable(error, text) from error


def read_vendors(folders: Sequence[Path]) -> dict[str, str]:
    """Who the prefixes of compatibles are, by the lists of these folders.

    Raises:
        TargetError: a line is no prefix and vendor; with file and line.
    """
    found: dict[str, str] = {}
    for path in (folder / VENDORS for folder in folders):
        text = path.read_text("utf-8", "replace") if path.is_file() else ""
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip() and not line.lstrip().startswith("#"):
                prefix, tab, vendor = line.partition("\t")
                if not tab:
                    raise TargetError(f"{path}:{number}: no tabulator between prefix and vendor", errno=None)
                found[prefix.strip()] = vendor.strip()
    return found


def target_of(name: str, tree: Tree) -> Target:
    """What ``load_target`` tells of a shipped board, of one whose tree overlays have changed.

    Raises:
        TargetError: the tree lacks a CPU that is known or a memory that is chosen, or memories overlap.
    """
    cpu = tree.node("/cpus/cpu@0")
    clock = cpu.property("clock-frequency")
    return make_target(
        name,
        model=tree.model,
        cpu=cpu.compatibles[0] if cpu.compatibles else "",
        clock_hz=int(str(clock.value)) if clock is not None else 0,
        nodes=[_memory(node) for node in tree.nodes if node.compatibles],
        chosen=dict(tree.chosen),
        place=tree.place,
    )


def _memory(node: Node) -> MemoryNode:
    pairs = tuple((each.address or 0, each.size or 0) for each in node.registers)
    return MemoryNode(node.path, node.labels[0] if node.labels else node.name, node.compatibles, node.status, pairs)


def _tree(edt: Any, root: Any, text: str, warnings: list[str], vendors: dict[str, str]) -> Tree:
    nodes = tuple(_node(node, vendors) for node in edt.nodes)
    chosen = tuple((name, node.path) for name, node in edt.chosen_nodes.items())
    model = root.props["model"].to_string() if "model" in root.props else ""
    return Tree(model, nodes, chosen, (*warnings, *_mismatches(edt, text)), text)


def _not_utf8(text: str) -> TargetError:
    """Which line has bytes that are no UTF-8; they were read as lone surrogates."""
    lines = read_places(text).lines
    place = next((place for place, line in lines.items() if any("\ud800" <= char <= "\udfff" for char in line)), None)
    return TargetError(f"{place}: bytes that are no UTF-8", hint="save the file as UTF-8.", errno=None)


def _unreadable(error: Exception, text: str) -> TargetError:
    """What is no refusal of the libraries but a stumble; nodes in a circle are such a one: they get no ordinal."""
    edt = getattr(getattr(error, "obj", None), "edt", None)
    around = sorted(node.path for node in edt.nodes if not hasattr(node, "dep_ordinal")) if edt is not None else []
    if around:
        place = read_places(text).of(around[0])
        return TargetError(f"{place}: nodes depend on each other in a circle: {', '.join(around)}", errno=None)
    message = f"the devicetree cannot be read: {type(error).__name__}: {error}"
    return TargetError(message, hint="leave out what was added last, and tell us of it.", errno=None)


def _mismatches(edt: Any, text: str) -> list[str]:
    """Nodes whose name gives another address than their ``reg``."""
    found = [node for node in edt.nodes if node.regs and node.regs[0].addr is not None and node.regs[0].addr != node.unit_addr]
    places = read_places(text) if found else None
    return [
        f"{places.of(node.path, 'reg')}: {node.path} has another address in its name than in reg ({node.regs[0].addr:#x})"
        for node in found
        if places is not None
    ]


def _node(node: Any, vendors: dict[str, str]) -> Node:
    return Node(
        path=node.path,
        name=node.name,
        ordinal=node.dep_ordinal,
        labels=tuple(node.labels),
        aliases=tuple(node.aliases),
        compatibles=tuple(node.compats),
        vendors=tuple(
            vendors.get(prefix, "") if comma else "" for prefix, comma, _ in (each.partition(",") for each in node.compats)
        ),
        binding=node.matching_compat or "",
        status=node.status,
        parent=node.parent.path if node.parent else "",
        children=tuple(child.path for child in node.children.values()),
        registers=tuple(Register(each.addr, each.size, each.name or "") for each in node.regs),
        ranges=tuple(Range(each.child_bus_addr, each.parent_bus_addr, each.length) for each in node.ranges),
        interrupts=tuple(_reference(each) for each in node.interrupts),
        properties=tuple(_property(each) for each in node.props.values()),
        bus=node.on_bus or "",
        controller=node.bus_node.path if node.bus_node else "",
        requires=tuple(sorted(each.dep_ordinal for each in node.depends_on)),
        supports=tuple(sorted(each.dep_ordinal for each in node.required_by)),
    )


def _reference(entry: Any) -> Reference:
    return Reference(entry.controller.path, tuple(entry.data.items()), entry.name or "")


def _property(prop: Any) -> Property:
    value = prop.val
    if prop.type == "phandle-array":
        values = [None if each is None else _reference(each) for each in value]
    elif prop.type in ("phandle", "path"):
        values = [Reference(value.path)]
    elif prop.type == "phandles":
        values = [Reference(each.path) for each in value]
    elif prop.type in ("array", "string-array", "uint8-array"):
        values = list(value)
    else:
        values = [value]
    return Property(prop.name, prop.type, tuple(values), prop.enum_index)


def _names_of(edtlib: Any, folders: list[str]) -> dict[str, list[str]]:
    """Binding file -> the properties that it declares, to say which one was meant."""
    try:
        paths = [str(path) for folder in folders for path in Path(folder).rglob("*.yaml")]
        found = edtlib.bindings_from_paths(paths, ignore_errors=True)
    except Exception:  # noqa: BLE001 - somebody's binding is broken, and the error that is on its way matters more
        return {}
    return {binding.path: list(binding.prop2specs) for binding in found}


_LOCK = Lock()


@contextmanager
def _warnings() -> Iterator[list[str]]:
    """What edtlib logs meanwhile, instead of a print on stderr; one reader at a time, since its logger is one."""
    heard: list[str] = []
    logger, listener = logging.getLogger("devicetree.edtlib"), _Listener(heard)
    with _LOCK:
        before, logger.propagate = logger.propagate, False
        logger.addHandler(listener)
        try:
            yield heard
        finally:
            logger.removeHandler(listener)
            logger.propagate = before


class _Listener(logging.Handler):
    def __init__(self, heard: list[str]) -> None:
        super().__init__()
        self.heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record.getMessage())
