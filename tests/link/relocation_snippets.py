"""One assembler snippet for each relocation type, and the values that toggle every bit of its field.

``{t}`` is the symbol. ``{reloc}`` stands where assemblers have no notation, or choose a type of their own mind: a
relocation of type NONE at the next instruction, whose number is then changed to the wanted one.
"""

import random
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from oracle import Case

from llext.arch import ARCHES, Arch, Operand, Reloc
from llext.build.toolchain import zig_program
from llext.elf import ElfFile
from llext.link import Symbol

ARM, RISCV = ({arch.name: arch for arch in ARCHES}[name] for name in ("Arm", "RISC-V"))
CLANG = {
    "thumb": (ARM, "R_ARM_NONE", ".syntax unified\n.thumb\n", "--target=arm-none-eabi", "-mcpu=cortex-m4"),
    "v6m": (ARM, "R_ARM_NONE", ".syntax unified\n.thumb\n", "--target=arm-none-eabi", "-mcpu=cortex-m0"),
    "a32": (ARM, "R_ARM_NONE", ".syntax unified\n.arm\n", "--target=armv7a-none-eabi"),
    "riscv": (RISCV, "R_RISCV_NONE", ".option exact\n", "--target=riscv32-unknown-elf", "-march=rv32imac", "-mno-relax"),
}


NEAR = (-(1 << 29), 1 << 29)
"""Neither such a distance nor the address it leads to wraps around."""


@dataclass(frozen=True)
class Encoding:
    """A snippet.

    Attributes:
        number: The relocation type.
        text: Assembler text.
        isa: A key of ``CLANG``.
        states: Code bits that its symbol may have.
        lld: Why ld.lld is not asked; empty if it is.
        gnu: Why GNU ld is not asked; empty if it is.
        span: Smallest and largest value to try, where that is less than what the field holds.
    """

    number: int
    text: str
    isa: str = "thumb"
    states: tuple[int, ...] = (0,)
    lld: str = ""
    gnu: str = ""
    span: tuple[int, int] | None = None

    @property
    def arch(self) -> Arch:
        return CLANG[self.isa][0]

    @property
    def reloc(self) -> Reloc:
        return self.arch.relocations[self.number]

    @property
    def step(self) -> int:
        """What values are multiples of: instructions of a branch, words of a load."""
        return max(self.reloc.alignment, 2 if self.reloc.nop is not None else 1)

    @property
    def edges(self) -> tuple[int, int]:
        """Smallest and largest value; where nothing is checked, those of 32 bits."""
        low, high = self.reloc.low, self.reloc.high
        if low is None or high is None:
            return -(1 << 31), (1 << 31) - 1
        return low, high - high % self.step

    def __str__(self) -> str:
        return f"{self.reloc.name}{'+' * ('{t}+' in self.text)}-{self.isa}"


def values(encoding: Encoding) -> list[int]:
    """Values that toggle each bit of the field, both signs, and those at the edges."""
    (low, high), step = encoding.span or encoding.edges, encoding.step
    found = {low, high, 0, step, 0x55555554, 0x2AAAAAA8, -0x55555554, 0x12345678, -0x12345678}
    for bit in range(31):
        found |= {sign * (1 << bit) + off for sign in (1, -1) for off in (-step, 0, step, 0x800 - step, 0x800)}
        found |= {0x55555554 & (2 << bit) - 1, -(0x2AAAAAA8 & (2 << bit) - 1)}
    chance = random.Random(encoding.number)
    found |= {chance.randrange(low, high + 1) for _ in range(60)}
    fits = encoding.reloc.residue
    rounded = {value - value % step for value in found}
    return sorted(value for value in rounded if low <= value <= high and not (fits and fits(value)))


def assemble(encoding: Encoding, count: int, folder: Path) -> bytes:
    """An object with so many copies of a snippet, each for a symbol ``sym0``, ``sym1``, ..."""
    _, none, head, *flags = CLANG[encoding.isa]
    copies = (".balign 4\n" + encoding.text.format(t=f"sym{n}", reloc=f".reloc ., {none}, sym{n}") for n in range(count))
    (folder / "x.s").write_text(head + ".text\n" + "\n".join(copies) + "\n")
    done = subprocess.run(
        [str(zig_program()), "clang", *flags, "-c", "x.s", "-o", "x.o"], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return _with_number((folder / "x.o").read_bytes(), encoding.number if "{reloc}" in encoding.text else 0)


def _with_number(data: bytes, number: int) -> bytes:
    """The file with relocations of type NONE changed to another type."""
    out, elf = bytearray(data), ElfFile.parse(data)
    for section in elf.relocation_sections:
        for row in range(section.offset, section.offset + section.size, section.entry_size):
            out[row + 4] = out[row + 4] or number
    return bytes(out)


def case_of(encoding: Encoding, wanted: list[int], folder: Path, state: int = 0) -> Case:
    """The case in which the relocations get the wanted values, by the addresses of their symbols."""
    case = Case(assemble(encoding, len(wanted), folder))
    given = {}
    for base, target, offset, name, addend in places(case, encoding.number):
        value = wanted[int(name[3:])] - encoding.reloc.value(
            0, _addend(case, encoding, target, offset, addend), base + offset, 0
        )
        given[name] = _symbol(encoding, name, value & 0xFFFFFFFF, state)
    return Case(case.data, given=given)


def places(case: Case, number: int) -> Iterator[tuple[int, int, int, str, int | None]]:
    """Section address, section index, offset, symbol name and addend of each relocation of a type."""
    for table in case.elf.relocation_sections:
        for entry in case.elf.relocations(table):
            if entry.type == number:
                yield (
                    case.sections[f".s{table.info}"],
                    table.info,
                    entry.offset,
                    case.elf.symbols[entry.symbol].name,
                    entry.addend,
                )


def _addend(case: Case, encoding: Encoding, section: int, offset: int, addend: int | None) -> int:
    size = encoding.reloc.field.size
    data = bytes(case.elf.contents(case.elf.sections[section]))
    return encoding.reloc.field.addend(int.from_bytes(data[offset : offset + size], "little")) if addend is None else addend


def _symbol(encoding: Encoding, name: str, address: int, state: int) -> Symbol:
    if encoding.reloc.operand is Operand.THREAD:
        return Symbol(name, address - encoding.arch.thread_pointer.bias & 0xFFFFFFFF, "test", code=False, thread=True)
    branch = encoding.reloc.state is not None
    address &= ~1 if state or branch else ~0
    return Symbol(name, address | state, "test", code=bool(state) or branch)


ABSENT = "it has no such type"
WIDE = "it takes addresses and distances for 64-bit numbers, which do not wrap around at 4 GiB"
BIT_0 = "it sends the largest distance through a veneer: the code bit counts"
NO_T = "it leaves out the code bit"
_SPLIT = "ldrd r0, r1, [r2, #0x18]"
_LOAD = "ldr r0, [r1, #0x18]"

ENCODINGS = (
    Encoding(0, "{reloc}\n.word 0x12345678"),
    Encoding(2, ".word {t}", states=(0, 1)),
    Encoding(2, ".word {t}+0x12346", states=(0, 1)),
    Encoding(3, ".word {t}-.", states=(0, 1)),
    Encoding(3, ".word {t}+0x5432-.", states=(0, 1)),
    Encoding(5, ".short {t}", lld=ABSENT, span=(0, 0xFFFF)),
    Encoding(5, ".short {t}+0x8000", lld=ABSENT, span=(-0x8000, -1)),
    Encoding(8, ".byte {t}", lld=ABSENT, span=(0, 0xFF)),
    Encoding(8, ".byte {t}+0x80", lld=ABSENT, span=(-0x80, -1)),
    Encoding(10, "bl {t}", states=(1,), gnu=BIT_0),
    Encoding(10, "bl {t}+0x1000", states=(1,), gnu=BIT_0),
    Encoding(11, "{reloc}\nldr.n r0, [pc, #0x3fc]"),
    Encoding(30, "b.w {t}", states=(1,), gnu=BIT_0),
    Encoding(38, ".word {t}(target1)", states=(0, 1)),
    Encoding(41, ".word {t}(target2)", states=(0, 1)),
    Encoding(42, ".word {t}(prel31)", states=(0, 1)),
    Encoding(42, "{reloc}\n.word 0x80000010", states=(0, 1)),
    Encoding(47, "movw r0, #:lower16:{t}", states=(0, 1)),
    Encoding(47, "{reloc}\nmovw r11, #0xabcc", states=(0, 1)),
    Encoding(48, "movt r0, #:upper16:{t}", states=(0, 1)),
    Encoding(48, "{reloc}\nmovt r11, #0xabcc", states=(0, 1)),
    Encoding(49, "movw r0, #:lower16:({t}-.)", states=(0, 1)),
    Encoding(50, "movt r0, #:upper16:({t}-.)", states=(0, 1)),
    Encoding(51, "beq.w {t}", states=(1,)),
    Encoding(52, "{reloc}\n.short 0xb100", lld=ABSENT, span=(0, 62)),
    Encoding(53, "adr.w r0, {t}"),
    Encoding(53, "adr.w r0, {t}", states=(1,), gnu=NO_T),
    Encoding(53, "nop\nadr.w r0, {t}"),
    Encoding(54, "ldr.w r0, {t}", gnu="it refuses what lies in front of the instruction"),
    Encoding(54, "nop\nldr.w r0, {t}", gnu="it refuses what lies in front of the instruction"),
    Encoding(102, "b {t}", isa="v6m", states=(1,)),
    Encoding(103, "beq {t}", isa="v6m", states=(1,)),
    Encoding(108, ".word {t}(tpoff)"),
    Encoding(132, "movs r0, #:lower0_7:{t}", isa="v6m", states=(0, 1)),
    Encoding(133, "movs r0, #:lower8_15:{t}", isa="v6m", states=(0, 1)),
    Encoding(134, "movs r0, #:upper0_7:{t}", isa="v6m", states=(0, 1)),
    Encoding(135, "movs r0, #:upper8_15:{t}", isa="v6m", states=(0, 1)),
    Encoding(1, "{reloc}\n.inst 0xea000002", isa="a32"),
    Encoding(27, "{reloc}\n.inst 0xeb000002", isa="a32", gnu="it sends the largest distances through a veneer"),
    Encoding(28, "bl {t}", isa="a32"),
    Encoding(29, "b {t}", isa="a32"),
    Encoding(29, "bleq {t}", isa="a32"),
    Encoding(40, "{reloc}\nbx lr", isa="a32"),
    Encoding(43, "movw r0, #:lower16:{t}", isa="a32", states=(0, 1)),
    Encoding(44, "movt r0, #:upper16:{t}", isa="a32", states=(0, 1)),
    Encoding(45, "movw r0, #:lower16:({t}-.)", isa="a32", states=(0, 1)),
    Encoding(46, "movt r0, #:upper16:({t}-.)", isa="a32", states=(0, 1)),
    *(Encoding(number, "{reloc}\nadd r0, pc, #8", isa="a32", span=NEAR) for number in range(57, 62)),
    *(Encoding(number, "{reloc}\n" + _LOAD, isa="a32", span=NEAR) for number in (4, 62, 63)),
    *(Encoding(number, "{reloc}\n" + _SPLIT, isa="a32", span=NEAR) for number in (64, 65, 66)),
    Encoding(0, "{reloc}\n.word 0x12345678", isa="riscv"),
    Encoding(1, ".word {t}", isa="riscv"),
    Encoding(1, ".word {t}+0x12346", isa="riscv"),
    Encoding(16, "beq a0, a1, {t}", isa="riscv"),
    Encoding(17, "jal {t}", isa="riscv"),
    Encoding(17, "c.nop\njal {t}+4", isa="riscv"),
    Encoding(18, "{reloc}\nauipc t1, 0\njalr t2, t1", isa="riscv"),
    Encoding(19, "call {t}", isa="riscv"),
    Encoding(23, "1: auipc a0, %pcrel_hi({t})\nlw a1, %pcrel_lo(1b)(a0)\nsw a2, %pcrel_lo(1b)(a0)", isa="riscv"),
    Encoding(23, "j 2f\n3: addi a1, a0, %pcrel_lo(2f)\n2: auipc a0, %pcrel_hi({t}+0x10)\nj 3b", isa="riscv"),
    Encoding(26, "lui a0, %hi({t})", isa="riscv"),
    Encoding(27, "addi a0, a0, %lo({t}+4)", isa="riscv"),
    Encoding(28, "sb a0, %lo({t})(a1)", isa="riscv"),
    Encoding(29, "lui a0, %tprel_hi({t})\nadd a0, a0, tp, %tprel_add({t})\n"
             "lw a0, %tprel_lo({t})(a0)\nsw a0, %tprel_lo({t})(a0)", isa="riscv"),
    *(Encoding(number, "{reloc}\n.word 0x89abcdef", isa="riscv") for number in (33, 34, 35, 37, 38, 39, 52, 53, 54, 55)),
    Encoding(44, "c.beqz a0, {t}", isa="riscv"),
    Encoding(45, "c.j {t}", isa="riscv"),
    Encoding(46, "{reloc}\nc.lui a0, 1", isa="riscv", lld=ABSENT, span=(0, 0x1F7FF)),
    Encoding(51, "{reloc}\nnop", isa="riscv"),
    *(Encoding(number, "{reloc}\n.word 0x12345678", isa="riscv", lld=WIDE) for number in (56, 57)),
    Encoding(56, "{reloc}\n.word 0x12345678", isa="riscv", span=(0, (1 << 31) - 1)),
    Encoding(57, "{reloc}\n.word 0x12345678", isa="riscv", span=NEAR),
    Encoding(59, ".word %pltpcrel({t})", isa="riscv", span=NEAR, gnu=ABSENT),
)  # fmt: skip
