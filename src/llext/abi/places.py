"""Where each argument of a call lives.

AAPCS32 6.5 stage C, for its VFP variant 7.1, and the RISC-V psABI's integer calling convention are one procedure here.
Where they differ, the convention says how.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from llext.abi.codecs import WORD, codec_of
from llext.abi.types import Array, CType, Float, Struct, round_up
from llext.arch.convention import CallingConvention

_HFA_MEMBERS = 4


@dataclass(frozen=True)
class Place:
    """Where one argument lives: its words in order, first those in registers, then those on the stack.

    Attributes:
        core: Numbers of core registers, consecutive.
        fp: Numbers of single-precision registers, consecutive.
        stack_offset: Bytes above the stack pointer at the call.
        stack_words: Words there; 0 if none.
        by_reference: Whether what lives here is not the argument but the address of a copy that the caller made.
    """

    core: tuple[int, ...] = ()
    fp: tuple[int, ...] = ()
    stack_offset: int = 0
    stack_words: int = 0
    by_reference: bool = False


class Allocator:
    """Hands out registers and stack in the order of the parameters.

    ``next_core`` is the ABI's NCRN; ``next_stack`` its NSAA, in bytes above the stack pointer.
    """

    def __init__(self, convention: CallingConvention, *, vfp: bool, next_core: int) -> None:
        self.convention = convention
        self.vfp = vfp
        self.next_core = next_core
        self.next_stack = 0
        self._free = set(range(convention.float_registers))

    def place(self, ctype: CType, *, variadic: bool = False) -> Place:
        """The next argument's place.

        Args:
            ctype: Its type.
            variadic: Whether it stands for ``...``.
        """
        if self.convention.by_reference(ctype.size):
            return replace(self._in_core_registers(1, WORD, aligned=False), by_reference=True)
        words, align = codec_of(ctype).words, self._align(ctype)
        if self.vfp and (unit := vfp_unit(ctype)):
            return self._in_float_registers(words, unit) or self._on_stack(words, align)
        aligned = self.convention.align_variadic_pairs if variadic else self.convention.align_pairs
        return self._in_core_registers(words, align, aligned=aligned)

    def _align(self, ctype: CType) -> int:
        """4 or 8 bytes (AAPCS32 6.5 B.5), and no more than the stack (psABI integer)."""
        match ctype:
            case Struct() if not self.convention.attributes_align:
                align = ctype.natural_align
            case _:
                align = ctype.align
        return min(2 * WORD if align > WORD else WORD, self.convention.stack_alignment)

    def _in_float_registers(self, words: int, unit: int) -> Place | None:
        """Rules C.1 and C.2: the lowest free run of registers, aligned to its element; if there is none, none ever after."""
        for first in range(0, self.convention.float_registers - words + 1, unit):
            run = tuple(range(first, first + words))
            if self._free.issuperset(run):
                self._free.difference_update(run)
                return Place(fp=run)
        self._free.clear()
        return None

    def _in_core_registers(self, words: int, align: int, *, aligned: bool) -> Place:
        """Rules C.3 to C.6: only what begins in a register while nothing is on the stack yet is split."""
        registers = self.convention.core_registers
        if aligned:
            self.next_core = round_up(self.next_core, align // WORD)
        left = max(0, registers - self.next_core)
        if words > left and (not left or self.next_stack):
            self.next_core = registers
            return self._on_stack(words, align)
        taken = min(words, left)
        core = tuple(range(self.next_core, self.next_core + taken))
        self.next_core += taken
        return self._on_stack(words - taken, WORD, core)

    def _on_stack(self, words: int, align: int, core: tuple[int, ...] = ()) -> Place:
        """Rules C.7 and C.8."""
        if not words:
            return Place(core)
        offset = round_up(self.next_stack, align)
        self.next_stack = offset + WORD * words
        return Place(core, stack_offset=offset, stack_words=words)


def vfp_unit(ctype: CType) -> int:
    """Words of its element if a type travels in floating-point registers (7.1.1: a CPRC), else 0."""
    found = _float_elements(ctype)
    if found is None or not 1 <= found[1] <= _HFA_MEMBERS or ctype.size != found[0] * found[1]:
        return 0
    return found[0] // WORD


def _float_elements(ctype: CType) -> tuple[int, int] | None:
    """(size of the element, number of elements) of a homogeneous aggregate; None if it has anything else in it."""
    match ctype:
        case Float(_, size):
            return size, 1
        case Array(element, count):
            inner = _float_elements(element)
            return (inner[0], inner[1] * count) if inner else None
        case Struct(members=members, keyword=keyword) if members:
            parts = [_float_elements(member.type) for member in members]
            known = [part for part in parts if part]
            if len(known) != len(parts) or len({size for size, _ in known}) != 1:
                return None
            counts = [count for _, count in known]
            overlaid = keyword == "union" or not any(member.offset for member in members)
            return known[0][0], max(counts) if overlaid else sum(counts)
        case _:
            return None
