"""A board's devicetree as frozen facts: what is asked of it, and what devicetree_generated.h is written from.

Numbers are addresses and sizes in bytes in the CPU's address space, where buses above translate; offsets of partitions
are from the start of their flash.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from llext.errors import TargetError, nearest
from llext.target.places import Places, read_places

Scalar = bool | int | str


@dataclass(frozen=True)
class Reference:
    """One entry of a property that points at another node: ``<&gpio0 13 1>``.

    Attributes:
        path: The node's path.
        cells: Names and values of the numbers behind it, named by the node's binding.
        name: From the ``-names`` property that goes with it; empty if there is none.
    """

    path: str
    cells: tuple[tuple[str, int], ...] = ()
    name: str = ""


@dataclass(frozen=True)
class Property:
    """A property that a binding declares.

    Attributes:
        name: As devicetree spells it: ``current-speed``.
        type: Its binding's: int, array, boolean, string, string-array, uint8-array, phandle, phandles, phandle-array, path.
        values: Its elements; one for what is no array. Of references None where an entry was left out (``<0>``).
        enum: Index of the value in its binding's list of what is allowed; None if there is no list.
    """

    name: str
    type: str
    values: tuple[Scalar | Reference | None, ...]
    enum: int | None = None

    @property
    def value(self) -> Scalar | Reference | None:
        """The first or only value."""
        return self.values[0] if self.values else None


@dataclass(frozen=True)
class Register:
    """One entry of ``reg``; None where addresses or sizes have no cells."""

    address: int | None
    size: int | None
    name: str = ""


@dataclass(frozen=True)
class Range:
    """One entry of ``ranges``: a part of the bus below, and where it is seen on the bus above; None where there are no cells."""

    child: int | None
    parent: int | None
    length: int | None


@dataclass(frozen=True)
class Node:
    """A node.

    Attributes:
        path: ``/soc/uart@40004000``.
        name: Its last part.
        ordinal: Its place in an order in which every node comes behind those that it depends on.
        labels: Its labels.
        aliases: Names under /aliases that stand for it.
        compatibles: As they stand there.
        vendors: Of each compatible the vendor in words; empty where nobody said who its prefix is.
        binding: The compatible whose binding declares its properties; empty if none does.
        status: ``okay`` where nothing else is said.
        parent: Path of the node above; empty for the root.
        children: Paths of the nodes below, in their order.
        registers: Its ``reg``.
        ranges: Its ``ranges``.
        interrupts: Its interrupts.
        properties: What its binding declares and it has, booleans also where they are false.
        bus: On which kind of bus it is; empty if on none.
        controller: Path of the node that is this bus; empty if on none.
        requires: Ordinals of the nodes that it depends on.
        supports: Ordinals of the nodes that depend on it.
    """

    path: str
    name: str
    ordinal: int
    labels: tuple[str, ...]
    aliases: tuple[str, ...]
    compatibles: tuple[str, ...]
    vendors: tuple[str, ...]
    binding: str
    status: str
    parent: str
    children: tuple[str, ...]
    registers: tuple[Register, ...]
    ranges: tuple[Range, ...]
    interrupts: tuple[Reference, ...]
    properties: tuple[Property, ...]
    bus: str
    controller: str
    requires: tuple[int, ...]
    supports: tuple[int, ...]

    @property
    def okay(self) -> bool:
        """Whether it is in use."""
        return self.status == "okay"

    def property(self, name: str) -> Property | None:
        """A property by its name."""
        return next((each for each in self.properties if each.name == name), None)


@dataclass(frozen=True)
class Region:
    """A memory with a section of its own: a node of compatible zephyr,memory-region that is okay.

    Attributes:
        name: Of section and region for linkers: ``zephyr,memory-region`` as a token (LINKER_DT_NODE_REGION_NAME).
        path: The node.
        address: First address.
        size: Bytes.
    """

    name: str
    path: str
    address: int
    size: int


@dataclass(frozen=True)
class Partition:
    """A part of a flash.

    Attributes:
        label: Its node label, as FIXED_PARTITION_ID takes it; empty if it has none.
        name: Its ``label`` property; empty if it has none.
        number: Its FIXED_PARTITION_ID.
        path: The node.
        flash: Path of the flash that it is a part of.
        offset: From the start of that flash.
        size: Bytes.
        read_only: Whether it says so.
    """

    label: str
    name: str
    number: int
    path: str
    flash: str
    offset: int
    size: int
    read_only: bool


@dataclass(frozen=True)
class Tree:
    """A board's devicetree with all overlays.

    Attributes:
        model: The board in words.
        nodes: In the order of their text; the root is the first.
        chosen: Names and paths of /chosen.
        notes: What is no error but worth a look, in words.
        source: The text that it was read from.
    """

    model: str
    nodes: tuple[Node, ...]
    chosen: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()
    source: str = field(default="", repr=False)

    def place(self, path: str, name: str = "") -> str:
        """Where a property was set last, or else a node opened, as ``file:line: ``; empty if that is not known."""
        found = self._places.of(path, name)
        return f"{found}: " if found is not None else ""

    @cached_property
    def _places(self) -> Places:
        return read_places(self.source)

    @cached_property
    def _by_path(self) -> dict[str, Node]:
        return {node.path: node for node in self.nodes}

    @cached_property
    def _by_label(self) -> dict[str, Node]:
        return {label: node for node in self.nodes for label in node.labels}

    def node(self, path: str) -> Node:
        """The node of a path.

        Raises:
            TargetError: there is none; the hint has the nearest ones.
        """
        if path in self._by_path:
            return self._by_path[path]
        raise _unknown("path", path, list(self._by_path))

    def labelled(self, label: str) -> Node:
        """The node of a label.

        Raises:
            TargetError: there is none; the hint has the nearest ones.
        """
        if label in self._by_label:
            return self._by_label[label]
        raise _unknown("label", label, list(self._by_label))

    def of_compatible(self, compatible: str) -> tuple[Node, ...]:
        """Nodes of a compatible as instances are counted: those that are okay first."""
        found = [node for node in self.nodes if compatible in node.compatibles]
        return tuple(sorted(found, key=lambda node: not node.okay))

    @property
    def regions(self) -> tuple[Region, ...]:
        """The memory regions that are okay, in their order."""
        return tuple(
            Region(token(str(name.value)), node.path, node.registers[0].address or 0, node.registers[0].size or 0)
            for node in self.nodes
            if node.okay and "zephyr,memory-region" in node.compatibles and node.registers
            for name in [node.property("zephyr,memory-region")]
            if name is not None
        )

    @property
    def partitions(self) -> tuple[Partition, ...]:
        """The partitions of flashes; numbers as FIXED_PARTITION_ID counts them, in their order."""
        tables = [node for node in self.nodes if "fixed-partitions" in node.compatibles]
        parts = [(self.node(table.parent), self.node(path)) for table in tables for path in table.children]
        return tuple(_partition(number, flash, node) for number, (flash, node) in enumerate(parts) if node.registers)

    @property
    def gpio_controllers(self) -> tuple[Node, ...]:
        """The nodes that are okay whose pins other nodes can name."""
        return tuple(node for node in self.nodes if node.okay and node.property("gpio-controller") is not None)


def _partition(number: int, flash: Node, node: Node) -> Partition:
    label, read_only, register = node.property("label"), node.property("read-only"), node.registers[0]
    name = str(label.value) if label is not None else ""
    return Partition(
        node.labels[0] if node.labels else "", name, number, node.path, flash.path, register.address or 0, register.size or 0,
        read_only is not None and read_only.value is True,
    )  # fmt: skip


def _unknown(what: str, name: str, names: list[str]) -> TargetError:
    near = nearest(name, names)
    hint = f"did you mean {' or '.join(near)}?" if near else f"those that there are: {', '.join(sorted(names))}."
    return TargetError(f"the devicetree has no node with {what} {name!r}", hint=hint)


def token(text: str) -> str:
    """A text as C tokens have it: what is no letter, digit or _ becomes _."""
    return "".join(char if char.isascii() and (char.isalnum() or char == "_") else "_" for char in text)
