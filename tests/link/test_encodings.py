"""Every supported relocation type: the bytes that linkers write, at many values and at the edges of the field."""

import pytest
from conftest import need
from oracle import Linked, differences, linked_by, linked_by_us, linker_gnu, linker_lld
from relocation_snippets import ENCODINGS, case_of, values

CASES = [
    pytest.param(each, state, id=f"{each}-{number}-{state}") for number, each in enumerate(ENCODINGS) for state in each.states
]
BY_LLD = [case for case in CASES if not case.values[0].lld]
BY_GNU = [case for case in CASES if not case.values[0].gnu]
WITH_EDGES = [case for case in CASES if case.values[0].edges != (-(1 << 31), (1 << 31) - 1)]

LAX = {
    "R_ARM_ABS16": "GNU ld reads a negative addend as a positive one",
    "R_ARM_ABS8": "GNU ld reads a negative addend as a positive one",
    "R_ARM_THM_JUMP6": "GNU ld takes its six bits for signed ones, and an instruction that goes forward only for one that does not",
    "R_RISCV_RVC_LUI": "GNU ld takes addresses for 64-bit numbers, of which none is just below 0",
}
"""Types whose edges the only linker that has them puts elsewhere than the ABI."""


def linkers(arch):
    need(f"{arch.compiler.gcc_prefix}ld")
    return linker_gnu(arch)


def compare(case, linker, folder):
    """Ours and theirs, which must both link."""
    ours, theirs = linked_by_us(case), linked_by(case, linker, folder)
    assert isinstance(ours, Linked), ours
    assert isinstance(theirs, Linked), theirs
    assert list(differences(case, ours, theirs)) == []


@pytest.mark.parametrize(("encoding", "state"), BY_LLD)
def test_a_field_gets_the_bits_that_ld_lld_gives_it(tmp_path, encoding, state):
    compare(case_of(encoding, values(encoding), tmp_path, state), linker_lld(encoding.arch), tmp_path)


@pytest.mark.tools
@pytest.mark.parametrize(("encoding", "state"), BY_GNU)
def test_a_field_gets_the_bits_that_gnu_ld_gives_it(tmp_path, encoding, state):
    linker = linkers(encoding.arch)
    compare(case_of(encoding, values(encoding), tmp_path, state), linker, tmp_path)


@pytest.mark.tools
@pytest.mark.parametrize(("encoding", "state"), [case for case in CASES if case.values[0].gnu])
def test_where_gnu_ld_is_not_asked_it_would_not_agree(tmp_path, encoding, state):
    linker = linkers(encoding.arch)
    case = case_of(encoding, values(encoding), tmp_path, state)
    theirs = linked_by(case, linker, tmp_path)
    assert isinstance(theirs, str) or list(differences(case, linked_by_us(case), theirs))


def direct(linked, before):
    """Whether a linker took the value into the field: it neither refused it nor added a veneer."""
    return isinstance(linked, Linked) and not any(linked.veneers) and len(linked.sections[".s2"]) == len(before)


@pytest.mark.parametrize(("encoding", "state"), [case for case in WITH_EDGES if case.values[0].reloc.veneer is not None])
def test_a_branch_beyond_its_range_goes_through_a_veneer(tmp_path, encoding, state):
    low, high = encoding.edges
    for value in (low - 2, high + 2):
        ours = linked_by_us(case_of(encoding, [value], tmp_path, state))
        assert isinstance(ours, Linked), ours
        assert any(ours.veneers)


@pytest.mark.parametrize("outside", [-1, 0, 1])
@pytest.mark.parametrize(("encoding", "state"), WITH_EDGES)
def test_a_field_has_the_range_that_linkers_give_it(tmp_path, encoding, state, outside):
    low, high = encoding.edges
    linker = linkers(encoding.arch) if encoding.lld else linker_lld(encoding.arch)
    step = max(encoding.step, 1 + state)
    for value in {0: [low, high], -1: [low - step], 1: [high + step]}[outside]:
        case = case_of(encoding, [value], tmp_path, state)
        before = case.elf.contents(case.elf.section(".text"))
        ours, theirs = linked_by_us(case), linked_by(case, linker, tmp_path)
        assert direct(ours, before) == (not outside)
        if encoding.reloc.name not in LAX:
            assert direct(theirs, before) == (not outside), theirs
        if direct(ours, before) and direct(theirs, before):
            assert ours.sections == theirs.sections


SIZES = (0, 0xFF, 0x100, 0x101, 0x1FF, 0xFFF, 0x1000, 0x1001, 0xFF00, 0xFFFF, 0x10101, 0x12345, 0xFF0FF, 0x123456, 0x1FFFFFFF)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("encoding", [each for each in ENCODINGS if each.reloc.residue], ids=str)
def test_a_group_takes_the_values_that_ld_lld_takes(tmp_path, encoding, sign):
    accepted = []
    for size in SIZES:
        case = case_of(encoding, [sign * size], tmp_path)
        ours, theirs = linked_by_us(case), linked_by(case, linker_lld(encoding.arch), tmp_path)
        assert isinstance(ours, Linked) == isinstance(theirs, Linked), (size, ours, theirs)
        if isinstance(ours, Linked):
            assert ours.sections == theirs.sections
            accepted.append(size)
    assert 0 < len(accepted) < len(SIZES)
