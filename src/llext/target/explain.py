"""What compilers and linkers say of devicetree macros, in words: they name the token that nobody defined.

``DT_PROP(DT_NODELABEL(nope), speed)`` leaves ``DTL_nope_P_speed``, ``DEVICE_DT_GET`` of a node without a driver
``__device_dts_ord_7``. The prefixes and suffixes are those of ``dt_header``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from llext.errors import nearest
from llext.target.dt_header import identifier
from llext.target.tree import Node, Tree

_SUFFIX = r"(?:_(?:P|REG|IRQ|ORD|CHILD|CHILDREN|PARENT|NAME|PATH|STATUS|COMPAT|PARTITION|NUM|RANGES|VENDOR|MODEL|BUS|ANCESTORS|LABELS|REQUIRES|SUPPORTS)(?:_\w*)?)?"
_TOKEN = re.compile(
    rf"\b(?:__device_dts_ord_)?(?:DT(?P<kind>[LACFPI])_(?P<name>\w*?){_SUFFIX}|DTO_(?P<ordinal>\d+)_(?P<rest>\w+))\b"
    r"|\b__device_dts_ord_(?P<device>\d+)\b|\bno_okay_node_of_compatible_(?P<compatible>\w+)",
    re.ASCII,
)
_SAID = re.compile(r"^.*(?:error: |undefined ).*?(?=; did you mean|$)", re.MULTILINE)
"""What is wrong, without the notes that lead through macros and without the compiler's guesses."""


def explain(diagnostics: str, tree: Tree) -> tuple[str, ...]:
    """Sentences about what of a devicetree is missing, each once; none where diagnostics are about something else.

    Args:
        diagnostics: What a compiler or linker printed.
        tree: The tree whose generated header it read.
    """
    found = (_sentence(match, tree) for line in _SAID.findall(diagnostics) for match in _TOKEN.finditer(line))
    return tuple(dict.fromkeys(sentence for sentence in found if sentence))


def _sentence(match: re.Match[str], tree: Tree) -> str:
    if match["device"] is not None:
        return _no_driver(int(match["device"]), tree)
    if match["ordinal"] is not None:
        return _no_fact(int(match["ordinal"]), match["rest"], tree)
    if match["compatible"] is not None:
        return f"the devicetree has no node of compatible {match['compatible']} with status okay"
    what, names = _KINDS[match["kind"]]
    name, there = match["name"].replace("_S_", "/"), list(names(tree))
    return f"the devicetree has no {what} {name}{_near(name, there)}" if name and name not in there else ""


def _near(name: str, names: Iterable[str]) -> str:
    near = nearest(name, names)
    return f": did you mean {' or '.join(near)}?" if near else ""


def _instances(tree: Tree) -> list[str]:
    kinds = dict.fromkeys(each for node in tree.nodes for each in node.compatibles)
    return [f"{identifier(kind)}_{number}" for kind in kinds for number in range(len(tree.of_compatible(kind)))]


_KINDS: dict[str, tuple[str, Callable[[Tree], Iterable[str]]]] = {
    "L": ("node label", lambda tree: (label for node in tree.nodes for label in node.labels)),
    "A": ("alias", lambda tree: (identifier(alias) for node in tree.nodes for alias in node.aliases)),
    "C": ("chosen", lambda tree: (identifier(name) for name, _ in tree.chosen)),
    "F": ("partition named", lambda tree: (identifier(part.name) for part in tree.partitions)),
    "P": ("node with the path", lambda tree: ("/".join(map(identifier, node.path.split("/"))) for node in tree.nodes)),
    "I": ("instance", _instances),
}
"""The letter of a prefix -> what it stands for, and the names that there are."""


def _of(ordinal: int, tree: Tree) -> Node | None:
    return next((node for node in tree.nodes if node.ordinal == ordinal), None)


def _called(node: Node) -> str:
    return f"{node.path} (label {node.labels[0]})" if node.labels else node.path


def _no_driver(ordinal: int, tree: Tree) -> str:
    node = _of(ordinal, tree)
    if node is None:
        return ""
    if not node.okay:
        return f"{tree.place(node.path, 'status')}{_called(node)} has no device: its status is {node.status}"
    kinds = ", ".join(node.compatibles) or "nothing"
    return f"{tree.place(node.path)}{_called(node)} has no device: no driver that is built in defines one for {kinds}"


def _no_fact(ordinal: int, rest: str, tree: Tree) -> str:
    """Of a node that is there, something that it has not."""
    node = _of(ordinal, tree)
    own = identifier(node.name) if node is not None and node.parent else "root"
    if node is None or not rest.startswith(f"{own}_"):
        return ""
    fact = rest.removeprefix(f"{own}_")
    if not fact.startswith("P_"):
        return _no_other(node, fact, tree)
    name = re.sub(r"_[A-Z].*", "", fact.removeprefix("P_"))
    there = {identifier(prop.name): prop.name for prop in node.properties}
    entry = re.search(r"_(?:IDX|PH)_(\d+)", fact)
    prop = node.property(there.get(name, ""))
    if prop is not None and entry and int(entry[1]) >= len(prop.values):
        where = tree.place(node.path, prop.name)
        return f"{where}property {prop.name} of {_called(node)} has no entry number {entry[1]}: it has {len(prop.values)}"
    if name in there:
        return f"{tree.place(node.path, there[name])}property {there[name]} of {_called(node)} is not of a type that has this"
    reason = "" if node.binding else ", and no binding that declares any: only reg, status and compatible are known of it"
    return f"{tree.place(node.path)}{_called(node)} has no property {name}{reason}{_near(name, there)}"


def _no_other(node: Node, fact: str, tree: Tree) -> str:
    count = re.match(r"REG_(\d+)_", fact)
    if count:
        return f"{tree.place(node.path, 'reg')}{_called(node)} has no reg number {count[1]}: it has {len(node.registers)}"
    child = re.fullmatch(r"CHILD_([a-z0-9_]*?)(?:_[A-Z].*)?", fact)
    if child:
        names = [identifier(path.rpartition("/")[2]) for path in node.children]
        return f"{tree.place(node.path)}{_called(node)} has no child {child[1]}{_near(child[1], names)}"
    return ""
