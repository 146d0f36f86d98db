"""C structures that guest and host both see: one definition gives offsets, guest bytes and C text.

Members are laid out as a 32-bit C compiler does: each at its own alignment, the whole rounded to the largest. Structures in
structures are written flat, with dotted names: the inner one's alignment is that of the member that begins it. A
layout that depends on configuration or version is a function of plain values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache


@dataclass(frozen=True)
class Member:
    """One member: C type, name, bytes of one element, number of elements (0 for no array), and alignment if it is another."""

    ctype: str
    name: str
    size: int = 4
    count: int = 0
    align: int = 0

    @property
    def alignment(self) -> int:
        """Bytes: the size of an element, unless it was said."""
        return self.align or self.size

    @property
    def bytes(self) -> int:
        """Bytes of the whole member."""
        return self.size * max(1, self.count)


@dataclass(frozen=True)
class CStruct:
    """A structure in guest memory, little endian.

    Attributes:
        name: Its tag in C.
        members: In order.
    """

    name: str
    members: tuple[Member, ...]

    @cached_property
    def offsets(self) -> Mapping[str, int]:
        """Byte offset of each member."""
        found, at = {}, 0
        for member in self.members:
            at = -(-at // member.alignment) * member.alignment
            found[member.name] = at
            at += member.bytes
        return found

    @cached_property
    def size(self) -> int:
        """sizeof, in bytes."""
        last, alignment = self.members[-1], max(4, *(member.alignment for member in self.members))
        return -(-(self.offsets[last.name] + last.bytes) // alignment) * alignment

    def write(self, data: memoryview, values: Mapping[str, int | bytes | list[int]]) -> None:
        """Stores members; those not named keep their bytes."""
        by_name = {member.name: member for member in self.members}
        for name, value in values.items():
            member, at = by_name[name], self.offsets[name]
            if isinstance(value, bytes):
                data[at : at + member.bytes] = value[: member.bytes].ljust(member.bytes, b"\0")
                continue
            items = value if isinstance(value, list) else [value]
            packed = b"".join((item & (1 << 8 * member.size) - 1).to_bytes(member.size, "little") for item in items)
            data[at : at + len(packed)] = packed

    def read(self, data: bytes | memoryview, name: str) -> int:
        """The value of a scalar member."""
        member = next(member for member in self.members if member.name == name)
        at = self.offsets[name]
        return int.from_bytes(data[at : at + member.size], "little")

    def c_text(self) -> str:
        """Its C definition."""
        lines = [
            f"\t{m.ctype}{'' if m.ctype.endswith('*') else ' '}{m.name}{f'[{m.count}]' if m.count else ''};"
            for m in self.members
        ]
        return "\n".join([f"struct {self.name} {{", *lines, "};"])


REGION_COUNT = 11
"""LLEXT_MEM_COUNT without options."""


_PARTITION_WORDS = 3
"""Of struct k_mem_partition on 32 bits: start, size, and attributes that take a word."""


@lru_cache(maxsize=16)
def struct_llext(version: str, *, userspace: bool = False, veneers: bool = False, memblk: bool = False) -> CStruct:
    """Struct llext of a Zephyr version, 32 bit.

    3.7 and 4.0 without options as measured in firmware (144 and 188 bytes), later ones from source, where options add members.

    Args:
        version: One that is modelled.
        userspace: CONFIG_USERSPACE: partitions of the first regions. Up to 4.2 a memory domain, too, whose size nothing tells.
        veneers: CONFIG_LLEXT_VENEERS: one region more.
        memblk: CONFIG_LLEXT_HEAP_MEMBLK: the runs of blocks of each region.
    """
    measured = version in ("3.7", "4.0")
    regions = REGION_COUNT + veneers
    partitions = 4 + veneers
    members = [
        Member("sys_snode_t", "llext_list"),
        *((Member("struct k_mem_partition", "mem_parts", 4, partitions * _PARTITION_WORDS),) if userspace else ()),
        Member("char", "name", 1, 16),
        Member("void *", "mem", 4, regions),
        *(() if measured else (Member("void *", "text_in_elf"),)),
        Member("bool", "mem_on_heap", 1, regions),
        *((Member("struct mem_alloc_map", "mem_alloc_map", 4, 1 + 2 * regions),) if memblk else ()),
        Member("size_t", "mem_size", 4, regions),
        Member("size_t", "alloc_size"),
        Member("struct llext_symtable", "sym_tab", 4, 2),
        Member("struct llext_symtable", "exp_tab", 4, 2),
        Member("unsigned int", "use_count"),
    ]
    if version != "3.7":
        members += [
            Member("struct llext *", "dependency", 4, 8),
            Member("unsigned int", "sect_cnt"),
            Member("elf_shdr_t *", "sect_hdrs"),
            Member("bool", "sect_hdrs_on_heap", 1),
        ]
    if not measured:
        members.append(Member("bool", "mmu_permissions_set", 1))
    if version == "4.4":
        members += [
            Member("void *", "dyn_image"),
            Member("uintptr_t", "dyn_base"),
            Member("uintptr_t", "dyn_link"),
            Member("size_t", "dyn_span"),
        ]
    return CStruct("llext", tuple(members))


K_HEAP = CStruct(
    "k_heap",
    (
        Member("struct z_heap *", "heap"),
        Member("void *", "init_mem"),
        Member("size_t", "init_bytes"),
        Member("_wait_q_t", "wait_q", 4, 2),
    ),
)
"""struct k_heap, 20 bytes on Arm (firmware of 3.7 and 4.0): its sys_heap's three members, a wait queue, an empty lock."""
