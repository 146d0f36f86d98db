"""From a Tree to the text of devicetree_generated.h: for each node and fact a macro, which zephyr/devicetree.h reads.

A node is one token, DTO_<ordinal>_<name>: unique, and readable in a compiler's error. What is known of it is that token
and a suffix (a table of them is in docs/devicetree.md); numbers are hexadecimal without suffix, so that they are good
for #if and linker scripts. Names are as Zephyr spells them in C: lower case, what is no letter or digit is _.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence

from llext.errors import TargetError
from llext.target.tree import Node, Partition, Property, Reference, Register, Scalar, Tree, token

Line = tuple[str, str]
"""A macro's name, with parameters if it has any, and what it stands for."""


def header_text(tree: Tree) -> str:
    """The text of devicetree_generated.h.

    Raises:
        TargetError: two names of the devicetree would be one in C: ``my-node`` and ``my_node``.
    """
    _refuse_same_paths(tree)
    names = {node.path: _token_of(node) for node in tree.nodes}
    partitions = {part.path: part for part in tree.partitions}
    lines: dict[str, str] = {}
    for line in (*_names(tree, names), *_kinds(tree, names), *_all_nodes(tree, names)):
        _add(lines, line)
    text = [*_HEAD, *(f"#define {name} {what}".rstrip() for name, what in lines.items())]
    for node in tree.nodes:
        facts: dict[str, str] = {}
        for suffix, what in _node(tree, node, names, partitions.get(node.path)):
            _add(facts, (names[node.path] + suffix, what))
        text += ["", f"/* {_comment(node)} */", *(f"#define {name} {what}".rstrip() for name, what in facts.items())]
    return "\n".join([*text, "", "#endif", ""])


_HEAD = (
    "/* Made by llext from the board's devicetree and its overlays. For zephyr/devicetree.h, which is what C code includes. */",
    "#ifndef ZEPHYR_DEVICETREE_GENERATED_H_",
    "#define ZEPHYR_DEVICETREE_GENERATED_H_",
    "",
)


def _refuse_same_paths(tree: Tree) -> None:
    seen: dict[str, Node] = {}
    for node in tree.nodes:
        other = seen.setdefault(_path(node.path), node)
        if other is not node:
            message = f"{tree.place(node.path)}{node.path} and {other.path} are the same name in C"
            raise TargetError(message, hint="names must differ in letters or digits: rename one.", errno=None)


def _add(lines: dict[str, str], line: Line) -> None:
    name, what = line
    if lines.setdefault(name, what) != what:
        raise TargetError(
            f"two names of the devicetree are one in C: {name} would be both {lines[name]} and {what}",
            hint="names may not differ in case or punctuation only: rename one.",
            errno=None,
        )


def _comment(node: Node) -> str:
    labels = "".join(f" {label}:" for label in node.labels)
    return f"{node.path}{labels}".replace("*/", "* /")


def identifier(name: str) -> str:
    """A name of the devicetree as C code writes it."""
    return token(name).lower()


def _hash(path: str) -> str:
    """Zephyr's: 43 characters that stay the same when other nodes come and go."""
    return base64.b64encode(hashlib.sha256(path.encode()).digest(), altchars=b"__").decode().rstrip("=")


def _token_of(node: Node) -> str:
    return f"DTO_{node.ordinal}_{identifier(node.name) if node.parent else 'root'}"


def _names(tree: Tree, names: dict[str, str]) -> Iterator[Line]:
    """What stands for nodes: labels, aliases, chosen, paths, names of partitions."""
    for node in tree.nodes:
        yield f"DTP_{_path(node.path)}", names[node.path]
        yield from ((f"DTL_{label}", names[node.path]) for label in node.labels)
        yield from ((f"DTA_{identifier(alias)}", names[node.path]) for alias in node.aliases)
    yield from ((f"DTF_{identifier(part.name)}", names[part.path]) for part in tree.partitions if part.name)
    for name, path in tree.chosen:
        yield f"DTC_{identifier(name)}", names[path]
        yield f"DTC_{identifier(name)}_EXISTS", "1"


def _path(path: str) -> str:
    """``/soc/uart@1`` as DT_PATH makes it of soc, uart_1."""
    return "".join(f"_S_{identifier(part)}" for part in path.split("/") if part)


def _kinds(tree: Tree, names: dict[str, str]) -> Iterator[Line]:
    """Instances of compatibles: those that are okay come first."""
    for compatible in dict.fromkeys(each for node in tree.nodes for each in node.compatibles):
        kind, nodes = identifier(compatible), tree.of_compatible(compatible)
        yield from ((f"DTI_{kind}_{number}", names[node.path]) for number, node in enumerate(nodes))
        okay = [names[node.path] for node in nodes if node.okay]
        if not okay:
            continue
        yield f"DTK_{kind}_OKAY", "1"
        yield f"DTK_{kind}_NUM_OKAY", str(len(okay))
        yield from _each(f"DTK_{kind}_EACH_NODE", [(node,) for node in okay], separated=False)
        yield from _each(f"DTK_{kind}_EACH_INST", [(str(number),) for number in range(len(okay))], separated=False)
        properties = [prop for node in nodes if node.okay for prop in node.properties]
        yield from ((f"DTK_{kind}_ANY_P_{identifier(prop.name)}", "1") for prop in properties)
        yield from ((f"DTK_{kind}_ANY_TRUE_{identifier(prop.name)}", "1") for prop in properties if prop.value is True)
        every = [{identifier(prop.name): prop.value is True for prop in node.properties} for node in nodes if node.okay]
        common = [name for name in every[0] if all(name in each for each in every)]
        yield from ((f"DTK_{kind}_ALL_P_{name}", "1") for name in common)
        yield from ((f"DTK_{kind}_ALL_TRUE_{name}", "1") for name in common if all(each[name] for each in every))
        yield from ((f"DTK_{kind}_BUS_{identifier(node.bus)}", "1") for node in nodes if node.okay and node.bus)


def _all_nodes(tree: Tree, names: dict[str, str]) -> Iterator[Line]:
    for name, nodes in (("DTT_EACH", tree.nodes), ("DTT_EACH_OKAY", [node for node in tree.nodes if node.okay])):
        yield from _each(name, [(names[node.path],) for node in nodes], separated=False)


def _each(name: str, rows: Sequence[tuple[str, ...]], *, separated: bool = True) -> Iterator[Line]:
    """Macros that call another one for each row, each with a separator or further arguments or both."""
    for kind, parameters, call in (("", "fn", ""), ("_VARGS", "fn, ...", ", __VA_ARGS__")):
        calls = [f"fn({', '.join(row)}{call})" for row in rows]
        yield f"{name}{kind}({parameters})", " ".join(calls)
        if separated:
            with_sep = parameters.replace("fn", "fn, sep", 1)
            yield f"{name}_SEP{kind}({with_sep})", " Z_BARE sep ".join(calls)


def _node(tree: Tree, node: Node, names: dict[str, str], partition: Partition | None) -> Iterator[Line]:
    yield "_EXISTS", "1"
    yield "_ORD", str(node.ordinal)
    yield "_ORD_SORTABLE", f"{node.ordinal:05d}"
    yield "_HASH", _hash(node.path)
    yield "_PATH", _string(node.path)
    yield "_NAME", _string(node.name)
    yield "_NAME_TOKEN", token(node.name)
    yield "_NAME_UPPER_TOKEN", token(node.name).upper()
    yield "_NAME_UNQUOTED", node.name
    yield "_REQUIRES", "".join(f"{ordinal}, " for ordinal in node.requires)
    yield "_SUPPORTS", "".join(f"{ordinal}, " for ordinal in node.supports)
    yield f"_STATUS_{identifier(node.status)}", "1"
    yield "_NUM_LABELS", str(len(node.labels))
    yield from _each("_LABELS", [(label,) for label in node.labels], separated=False)
    yield from ((f"_COMPAT_{identifier(each)}", "1") for each in dict.fromkeys(node.compatibles))
    yield from _makers(node)
    if node.bus:
        yield f"_BUS_{identifier(node.bus)}", "1"
        yield "_BUS", names[node.controller]
    yield from _family(tree, node, names)
    yield from _registers(node.registers)
    yield from _ranges(node, names[node.path])
    yield from _interrupts(node, names)
    for prop in node.properties:
        yield from ((f"_P_{identifier(prop.name)}{suffix}", what) for suffix, what in _property(prop, node, names))
    if partition is not None:
        yield "_PARTITION_ID", str(partition.number)


def _family(tree: Tree, node: Node, names: dict[str, str]) -> Iterator[Line]:
    if node.parent:
        yield "_PARENT", names[node.parent]
        yield "_CHILD_IDX", str(tree.node(node.parent).children.index(node.path))
    ancestors, above = [], node.parent
    while above:
        ancestors.append(names[above])
        above = tree.node(above).parent
    yield from _each("_ANCESTORS", [(name,) for name in ancestors], separated=False)
    children = [tree.node(path) for path in node.children]
    yield from ((f"_CHILD_{identifier(child.name)}", names[child.path]) for child in children)
    for name, found in (("", children), ("_OKAY", [child for child in children if child.okay])):
        yield f"_NUM_CHILDREN{name}", str(len(found))
        yield from _each(f"_CHILDREN{name}", [(names[child.path],) for child in found])


def _makers(node: Node) -> Iterator[Line]:
    """Who made it and what it is called, by its compatibles."""
    for index, (compatible, vendor) in enumerate(zip(node.compatibles, node.vendors, strict=True)):
        if vendor:
            for what, text in (("VENDOR", vendor), ("MODEL", compatible.partition(",")[2])):
                yield f"_{what}_{index}", _string(text)
                yield f"_{what}_{index}_EXISTS", "1"


def _ranges(node: Node, name: str) -> Iterator[Line]:
    yield "_RANGES_NUM", str(len(node.ranges))
    yield from _each("_RANGES_EACH", [(name, str(index)) for index in range(len(node.ranges))], separated=False)
    for index, each in enumerate(node.ranges):
        yield f"_RANGES_{index}_EXISTS", "1"
        parts = (("CHILD", each.child), ("PARENT", each.parent), ("LENGTH", each.length))
        yield from ((f"_RANGES_{index}_{what}", hex(number)) for what, number in parts if number is not None)


def _registers(registers: Sequence[Register]) -> Iterator[Line]:
    yield "_REG_NUM", str(len(registers))
    for index, register in enumerate(registers):
        yield f"_REG_{index}_EXISTS", "1"
        keys = [f"_REG_{index}"] + ([f"_REG_NAME_{identifier(register.name)}"] if register.name else [])
        for key in keys:
            yield from (
                (f"{key}_{what}", hex(n)) for what, n in (("ADDR", register.address), ("SIZE", register.size)) if n is not None
            )
        if register.name:
            yield f"_REG_NAME_{identifier(register.name)}_EXISTS", "1"


def _interrupts(node: Node, names: dict[str, str]) -> Iterator[Line]:
    yield "_IRQ_NUM", str(len(node.interrupts))
    for index, interrupt in enumerate(node.interrupts):
        yield f"_IRQ_{index}_EXISTS", "1"
        yield f"_IRQ_{index}_CONTROLLER", names[interrupt.path]
        yield from _cells(f"_IRQ_{index}", interrupt)
        if interrupt.name:
            yield f"_IRQ_NAME_{identifier(interrupt.name)}_EXISTS", "1"
            yield f"_IRQ_NAME_{identifier(interrupt.name)}_CONTROLLER", names[interrupt.path]
            yield from _cells(f"_IRQ_NAME_{identifier(interrupt.name)}", interrupt)


def _cells(prefix: str, reference: Reference) -> Iterator[Line]:
    for cell, number in reference.cells:
        yield f"{prefix}_CELL_{identifier(cell)}", hex(number)
        yield f"{prefix}_CELL_{identifier(cell)}_EXISTS", "1"


_ARRAYS = ("array", "uint8-array", "string-array")


def _property(prop: Property, node: Node, names: dict[str, str]) -> Iterator[Line]:
    """What is told of a property, by suffixes of its name."""
    yield "_EXISTS", "1"
    if prop.enum is not None:
        yield "_ENUM", str(prop.enum)
        for prefix in ("", "_IDX_0"):
            yield f"{prefix}_ENUM_VAL_{token(str(prop.value)).lower()}_EXISTS", "1"
        yield "_IDX_0_ENUM", str(prop.enum)
        yield "_IDX_0_ENUM_EXISTS", "1"
    elements = [names[value.path] if isinstance(value, Reference) else _literal(value) for value in prop.values]
    if prop.type in _ARRAYS:
        yield "", f"{{{', '.join(elements)}}}"
    elif prop.type not in ("phandles", "phandle-array"):
        yield "", elements[0]
    if prop.type in ("boolean", "int"):
        return
    yield "_LEN", str(len(elements))
    if elements:
        yield "_LAST", elements[-1]
    yield from _elements(prop, elements)
    me, name = names[node.path], identifier(prop.name)
    yield from _each("_EACH", [(me, name, str(index)) for index in range(len(elements))])


def _elements(prop: Property, elements: list[str]) -> Iterator[Line]:
    for index, (value, literal) in enumerate(zip(prop.values, elements, strict=True)):
        if value is None:
            continue
        yield f"_IDX_{index}", literal
        yield f"_IDX_{index}_EXISTS", "1"
        if isinstance(value, str):
            yield from ((f"_IDX_{index}{suffix}", text) for suffix, text in _forms(value))
            if prop.type == "string":
                yield from _forms(value)
        elif isinstance(value, Reference):
            yield from _pointer(f"_PH_{index}", value, literal)
            if value.name:
                yield f"_PHN_{identifier(value.name)}_EXISTS", "1"
                yield from _pointer(f"_PHN_{identifier(value.name)}", value, literal)


def _pointer(prefix: str, value: Reference, node: str) -> Iterator[Line]:
    yield prefix, node
    yield f"{prefix}_NUM_CELLS", str(len(value.cells))
    yield from _cells(prefix, value)


def _forms(value: str) -> Iterator[Line]:
    """A string as C tokens; without quotes only where that is C."""
    yield "_TOKEN", token(value)
    yield "_UPPER", token(value).upper()
    if not re.search(r"[\"'\\\n\r]|/[/*]", value):
        yield "_UNQUOTED", value


def _literal(value: Scalar | None) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return _string(value) if isinstance(value, str) else hex(value or 0)


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _string(text: str) -> str:
    """A C string; ?? is escaped for the sake of trigraphs."""
    return '"' + "".join(_escaped(text)).replace("??", "?\\?") + '"'


def _escaped(text: str) -> Iterable[str]:
    for char in text:
        yield _ESCAPES.get(char) or (
            char if char.isprintable() else "".join(f"\\{byte:03o}" for byte in char.encode("utf-8", "surrogateescape"))
        )
