"""One recipe, two paths: relocations one by one and as arrays give the same bytes and the same errors."""

import sys
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from oracle import BASES, Case, linked_by_us

from llext.arch import ARCHES, Arch
from llext.elf import constants as c
from llext.elf import packed
from llext.elf.writer import ElfWriter
from llext.link import RegionKind, Symbol

assert np.__name__ in sys.modules  # where numpy is loaded, only the size of a file decides on the path
TEXT, DATA, BSS = (BASES[kind] for kind in (RegionKind.TEXT, RegionKind.DATA, RegionKind.BSS))
SIZE = 96
ISAS = {arch.name: arch for arch in ARCHES}
GIVEN = {
    "near": Symbol("near", TEXT + 0x45, "test"),
    "near_arm": Symbol("near_arm", TEXT + 0x80, "test"),
    "far": Symbol("far", TEXT + 0x3000_0001, "test"),
    "object": Symbol("object", DATA + 0x1234, "test", code=False),
    "low": Symbol("low", 0x42, "test", code=False),
    "thread": Symbol("thread", 0x24, "test", code=False, thread=True),
    "weak": Symbol("weak", TEXT + 0x11, "test"),
}
NAMES = ("function", "label", "variable", "constant", "zeroed", *GIVEN, "missing", "nowhere")
"""Symbols by index, from 1; ``missing`` is weak, ``nowhere`` is what no one provides."""


@dataclass(frozen=True)
class File:
    """A file in the making: its ISA, what the text and the data hold, entries of (offset, type, symbol, addend)."""

    isa: str
    text: bytes
    entries: tuple[tuple[int, int, int, int], ...]

    @property
    def arch(self) -> Arch:
        return ISAS[self.isa]

    def case(self) -> Case:
        writer = ElfWriter(self.arch.machine)
        text = writer.section(".text", self.text, flags=c.SHF_ALLOC | c.SHF_EXECINSTR)
        data = writer.section(".data", bytes(range(32)), flags=c.SHF_ALLOC | c.SHF_WRITE)
        bss = writer.section(".bss", type_=c.SHT_NOBITS, flags=c.SHF_ALLOC | c.SHF_WRITE, size=64)
        bit = self.arch.code_symbol_bit
        writer.symbol("function", text, 8 | bit, type_=c.STT_FUNC, binding=c.STB_LOCAL)
        writer.symbol("label", text, 20, binding=c.STB_LOCAL)
        writer.symbol("variable", data, 4, type_=c.STT_OBJECT, binding=c.STB_LOCAL)
        writer.symbol("constant", c.SHN_ABS, 0x7F, binding=c.STB_LOCAL)
        writer.symbol("zeroed", bss, 12, type_=c.STT_OBJECT)
        for name in NAMES[5:]:
            writer.symbol(name, binding=c.STB_WEAK if name in ("weak", "missing") else c.STB_GLOBAL)
        rows = [(offset, type_, symbol) for offset, type_, symbol, _ in self.entries]
        addends = [addend for *_, addend in self.entries] if self.arch.uses_rela else None
        writer.relocate(text, rows, addends=addends)
        writer.relocate(data, [], addends=[] if self.arch.uses_rela else None)
        return Case(writer.build(), given=GIVEN, missing=frozenset({"missing", "nowhere"}))

    def only(self, entries) -> "File":
        return File(self.isa, self.text, tuple(entries))


@st.composite
def files(draw) -> File:
    isa = draw(st.sampled_from(sorted(ISAS)))
    entry = st.tuples(
        st.integers(0, SIZE // 2 + 2).map(lambda half: 2 * half) | st.integers(0, SIZE + 2),
        st.sampled_from([*sorted(ISAS[isa].relocations), 255]),
        st.integers(0, len(NAMES)),
        st.integers(-8, 8) | st.integers(-(1 << 31), (1 << 31) - 1),
    )
    text = draw(st.binary(min_size=SIZE, max_size=SIZE) | st.just(bytes(SIZE)))
    return File(isa, text, tuple(draw(st.lists(entry, min_size=1, max_size=24))))


def both(file: File):
    """What the one path and the other make of a file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packed, "WORTHWHILE", 1 << 30)
        scalar = linked_by_us(file.case())
        patch.setattr(packed, "WORTHWHILE", 0)
        return scalar, linked_by_us(file.case())


PATIENT = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


OVERLAP = File("Arm", bytes(SIZE), ((2, 2, 3, 0), (0, 2, 8, 0), (5, 5, 4, 0), (8, 2, 3, 0)))
BELOW_0 = File("Arm", bytes([0, 4]) * (SIZE // 2), ((0, 51, 0, 0),))
"""A branch to 1 MiB in front of address 0: its veneer wraps around."""
TWO_ERRORS = File("Arm", bytes(SIZE), ((0, 102, 8, 0), (8, 2, NAMES.index("nowhere") + 1, 0)))
"""What does not reach stands in front of what is undefined, whose type has the smaller number."""

OTHER_STATE = File("Arm", bytes(SIZE), ((1, 1, 1, 0),))
"""An Arm-state branch to a Thumb function, at an odd place, so that the distance is a multiple of 4 nevertheless."""

TOO_FAR = File("Arm", bytes(SIZE), ((0, 2, 3, 0), (4, 102, 3, 0), (8, 102, 2, 0)))
"""Of two short branches by arrays one reaches: its target is in the text, that of the other among the data."""


@PATIENT
@given(files())
@example(OVERLAP)
@example(BELOW_0)
def test_arrays_give_the_same_bytes(file):
    """Of entries that are right by themselves: duplicates, overlaps and veneers are among them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packed, "WORTHWHILE", 1 << 30)
        right = file.only(entry for entry in file.entries if not isinstance(linked_by_us(file.only([entry]).case()), str))
    scalar, arrays = both(right)
    assert scalar == arrays


@PATIENT
@given(files())
@example(TWO_ERRORS)
@example(OTHER_STATE)
@example(TOO_FAR)
def test_arrays_give_the_same_error(file):
    """Of whatever comes: the first of several errors is that of the first entry that has one."""
    scalar, arrays = both(file)
    assert scalar == arrays


@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize("absent", [False, True])
def test_a_file_with_very_many_relocations_is_linked_with_numpy_and_without(monkeypatch, isa, absent):
    """Every type that takes a near function and a field of zeros, at places of its own, a thousand times."""
    zeros = File(isa, bytes(8 * 1000), ())
    one = [(16, number, NAMES.index("near") + 1, 0) for number in ISAS[isa].relocations]
    types = [entry[1] for entry in one if not isinstance(linked_by_us(zeros.only([entry]).case()), str)]
    assert len(types) > 15
    many = zeros.only((8 * place, types[place % len(types)], NAMES.index("near") + 1, 0) for place in range(2, 1000))
    expected = linked_by_us(many.case())
    monkeypatch.setattr(packed, "WORTHWHILE", 0)
    monkeypatch.setattr(packed, "WORTH_IMPORTING", 0)
    if absent:
        monkeypatch.setitem(sys.modules, "numpy", None)
        assert packed.numpy_for(1 << 20) is None
    assert linked_by_us(many.case()) == expected
