"""Facts of the devicetree for CMake: what dt_prop, dt_reg_addr and their like answer (zephyr/cmake/devicetree.cmake).

Each is a global property ``z_dt|PATH|WHAT``; labels, aliases and chosen nodes lead to paths.
"""

from __future__ import annotations

from collections.abc import Iterator

from llext.target.kconfig.render import bracket
from llext.target.tree import Node, Property, Reference, Tree


def devicetree_cmake(tree: Tree) -> str:
    """The text of devicetree.cmake."""
    lines = []
    for node in tree.nodes:
        for what, values in _facts(node):
            lines.append(_line(f"{node.path}|{what}", values))
        lines += [_line(f"label|{name}", [node.path]) for name in node.labels]
        lines += [_line(f"alias|{name}", [node.path]) for name in node.aliases]
    lines += [_line(f"chosen|{name}", [path]) for name, path in tree.chosen]
    for name in dict.fromkeys(name for node in tree.nodes for name in node.compatibles):
        lines.append(_line(f"compatible|{name}", [node.path for node in tree.nodes if name in node.compatibles and node.okay]))
    return "".join(lines)


def _line(key: str, values: list[str]) -> str:
    return f"set_property(GLOBAL PROPERTY {bracket(f'z_dt|{key}')} {' '.join(map(bracket, values))})\n"


def _facts(node: Node) -> Iterator[tuple[str, list[str]]]:
    yield "status", [node.status]
    yield "addr", [_number(register.address) for register in node.registers]
    yield "size", [_number(register.size) for register in node.registers]
    yield "reg-names", [register.name or "-" for register in node.registers]
    for found in node.properties:
        yield f"prop|{found.name}", _values(found)


def _number(value: int | None) -> str:
    return "NONE" if value is None else f"{value:#x}"


def _values(found: Property) -> list[str]:
    return [
        value.path if isinstance(value, Reference) else str(value).upper() if isinstance(value, bool) else str(value)
        for value in found.values
        if value is not None
    ]
