"""Runs what C compilers make of a prototype, so that layouts are compared with theirs and not with our opinion.

For every signature a C file has two functions. ``take_N`` stores its arguments in ``argument_N_I`` and returns
``result_N``: Python calls it. ``give_N`` passes ``argument_N_I`` to ``answer``, an address where Python takes over, and
stores what comes back in ``result_N``. All globals are read and written by their addresses in the linked file.
"""

from __future__ import annotations

import importlib.util
import struct
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from conftest import need
from elftools.elf.elffile import ELFFile
from unicorn import UC_HOOK_CODE, Uc, arm_const, unicorn_const

from llext.abi import CallLayout, CType, Float, Frame, Integer, Pointer, Struct, Value

CODE, STACK, ANSWER, RETURN, SCRATCH = 0x10000, 0x80000, 0x90000, 0x90100, 0x98000
CORE = [arm_const.UC_ARM_REG_R0, arm_const.UC_ARM_REG_R1, arm_const.UC_ARM_REG_R2, arm_const.UC_ARM_REG_R3]
FLOATS = [arm_const.UC_ARM_REG_S0 + number for number in range(16)]
SP, LR, PC = arm_const.UC_ARM_REG_SP, arm_const.UC_ARM_REG_LR, arm_const.UC_ARM_REG_PC

ZIG = Path((importlib.util.find_spec("ziglang").submodule_search_locations or [""])[0])  # type: ignore[union-attr]
FLAGS = ["-mcpu=cortex-m4", "-mthumb", "-mlong-calls", "-ffreestanding", "-fno-short-enums", "-fno-unwind-tables", "-w"]
COMPILERS = {
    "zig": f"{ZIG}/zig clang --target=arm-none-eabi -nostdlibinc -resource-dir {ZIG}/lib".split(),
    "gcc": ["arm-none-eabi-gcc"],
}
FLOAT_ABIS = {"soft": ["-mfloat-abi=soft"], "hard": ["-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"]}

HEADER = """
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
"""
HELPERS = """
void *memcpy(void *to, const void *from, size_t n) { volatile char *t = to; const char *f = from; while (n--) *t++ = *f++; return to; }
void __aeabi_memcpy(void *t, const void *f, size_t n) { memcpy(t, f, n); }
void __aeabi_memcpy4(void *t, const void *f, size_t n) { memcpy(t, f, n); }
void __aeabi_memcpy8(void *t, const void *f, size_t n) { memcpy(t, f, n); }
void entry(void) {}
"""


def compile_c(source: str, folder: Path, compiler: str, float_abi: str, *flags: str) -> Path:
    """Compiles and links a C file to an executable at CODE; ``answer`` is the address where Python takes over."""
    text, made, linked = folder / f"{compiler}-{float_abi}.c", folder / "made.o", folder / f"{compiler}-{float_abi}.elf"
    text.write_text(source)
    command = [*COMPILERS[compiler], *FLOAT_ABIS[float_abi], *FLAGS, "-Os", *flags, "-c", str(text), "-o", str(made)]
    subprocess.run(command, check=True)
    places = ["-Ttext", hex(CODE), f"--defsym=answer={ANSWER + 1}", "-e", "entry"]
    subprocess.run([f"{ZIG}/zig", "ld.lld", *places, str(made), "-o", str(linked)], check=True)
    return linked


def need_compiler(compiler: str) -> None:
    """Skips a test without its compiler, or fails it where tools are required; zig always is there."""
    need(COMPILERS[compiler][0])


@dataclass
class Call:
    """The state of the CPU where guest code has just called ``answer``."""

    core: tuple[int, ...]
    floats: list[int]
    sp: int


class Guest:
    """A Cortex-M4 with one linked file in it."""

    def __init__(self, linked: Path) -> None:
        self.uc = Uc(unicorn_const.UC_ARCH_ARM, unicorn_const.UC_MODE_THUMB, arm_const.UC_CPU_ARM_CORTEX_M4)
        self.uc.mem_map(0, 0x200000)
        self.answer: Callable[[Call], tuple[int, int, tuple[int, ...]]] | None = None
        with linked.open("rb") as file:
            elf = ELFFile(file)
            for segment in elf.iter_segments("PT_LOAD"):
                self.uc.mem_write(segment["p_paddr"], segment.data())
            symbols = list(elf.get_section_by_name(".symtab").iter_symbols())
        self.addresses = {symbol.name: symbol["st_value"] for symbol in symbols}
        self.sizes = {symbol.name: symbol["st_size"] for symbol in symbols}
        self.uc.mem_write(ANSWER, b"\x70\x47")  # bx lr
        self.uc.hook_add(UC_HOOK_CODE, self._answered, begin=ANSWER, end=ANSWER + 1)

    def write(self, name: str, data: bytes) -> None:
        """Sets a global."""
        self.uc.mem_write(self.addresses[name], data.ljust(self.sizes[name], b"\0"))

    def read(self, name: str) -> bytes:
        """A global's bytes."""
        return bytes(self.uc.mem_read(self.addresses[name], self.sizes[name]))

    def memory(self, address: int, size: int) -> bytes:
        """Any bytes."""
        return bytes(self.uc.mem_read(address, size))

    def call(self, name: str, frame: Frame) -> tuple[tuple[int, int], list[int]]:
        """Calls a function; every register that the frame does not set holds rubbish."""
        for register, word in zip(CORE, (*frame.core, *[0xDEADBEEF] * 4), strict=False):
            self.uc.reg_write(register, word)
        for register, word in zip(FLOATS, (*frame.fp, *[0x7FC0DEAD] * 16), strict=False):
            self.uc.reg_write(register, word)
        sp = STACK - len(frame.stack)
        assert sp % 8 == 0
        self.uc.mem_write(sp, frame.stack + b"\xa5" * 64)
        self.uc.reg_write(SP, sp)
        self.uc.reg_write(LR, RETURN + 1)
        self.uc.emu_start(self.addresses[name] | 1, RETURN)
        assert self.uc.reg_read(PC) == RETURN
        return (self.uc.reg_read(CORE[0]), self.uc.reg_read(CORE[1])), self.floats()

    def floats(self) -> list[int]:
        """s0 to s15."""
        return [self.uc.reg_read(register) for register in FLOATS]

    def _answered(self, uc: Uc, *_: object) -> None:
        assert self.answer
        core = tuple(uc.reg_read(register) for register in CORE)
        low, high, floats = self.answer(Call(core, self.floats(), uc.reg_read(SP)))
        uc.reg_write(CORE[0], low)
        uc.reg_write(CORE[1], high)
        uc.reg_write(CORE[2], 0xDEADBEEF)
        for register, word in zip(FLOATS, floats, strict=False):
            uc.reg_write(register, word)


# C for signatures -----------------------------------------------------------------------------------------------------


def functions(number: int, result: str, types: Sequence[str]) -> str:
    """``take_N`` and ``give_N`` of a signature."""
    names = [f"argument_{number}_{index}" for index in range(len(types))]
    lines = [f"{kind} {name};" for kind, name in zip(types, names, strict=True)]
    returned = "" if result == "void" else f"return result_{number};"
    stored = "" if result == "void" else f"result_{number} = "
    stores = " ".join(f"{name} = a{index};" for index, name in enumerate(names))
    parameters = ", ".join(f"{kind} a{index}" for index, kind in enumerate(types)) or "void"
    if result != "void":
        lines.append(f"{result} result_{number};")
    lines.append(f"{result} take_{number}({parameters}) {{ {stores} {returned} }}")
    passed = f"(({result} (*)({', '.join(types) or 'void'}))answer)({', '.join(names)})"
    lines.append(f"void give_{number}(void) {{ {stored}{passed}; }}")
    return "\n".join(lines)


# Values ---------------------------------------------------------------------------------------------------------------


def sample(ctype: CType, seed: int) -> tuple[Value, bytes]:
    """A value of a type and its bytes in memory, by ``struct`` alone; differs by seed."""
    match ctype:
        case Integer(boolean=True):
            return bool(seed % 2), bytes([seed % 2])
        case Integer(size=size, signed=signed):
            low = -(1 << 8 * size - 1) if signed else 0
            choices = (
                low,
                low + (1 << 8 * size) - 1,
                low + seed % 97,
                0x1122334455667788 % (1 << 8 * size - 1) + seed % 7,
            )
            return choices[seed % 4], choices[seed % 4].to_bytes(size, "little", signed=signed)
        case Pointer():
            return 0x20000000 + seed, struct.pack("<I", 0x20000000 + seed)
        case Float(_, size):
            number = (seed * 0.25 - 2) * (-1) ** seed
            return number, struct.pack("<f" if size == 4 else "<d", number)
        case Struct():
            data = bytes_of(ctype, seed)
            return data, data
        case _:
            return None, b""


def bytes_of(ctype: Struct, seed: int) -> bytes:
    """A struct whose members, and array elements, are all set and whose padding is 0."""
    data = bytearray(ctype.size)
    for index, member in enumerate(ctype.members):
        kind, count = member.type, 1
        if hasattr(kind, "element"):
            kind, count = kind.element, kind.count
        for step in range(count):
            piece = sample(kind, seed + 5 * index + step)[1]
            at = member.offset + step * kind.size
            data[at : at + len(piece)] = piece
    return bytes(data)


def take(guest: Guest, number: int, plan: CallLayout, values: Sequence[Value], result: bytes) -> tuple[list[bytes], Value]:
    """Python calls C. What C stored of its arguments, and the result that Python got."""
    if result:
        guest.write(f"result_{number}", result)
    for index in range(len(values)):
        guest.write(f"argument_{number}_{index}", b"\xa5")
    guest.uc.mem_write(SCRATCH, b"\xa5" * 64)
    core, floats = guest.call(f"take_{number}", plan.encode(values, SCRATCH))
    stored = [guest.read(f"argument_{number}_{index}") for index in range(len(values))]
    return stored, plan.decode_result(core, floats, guest.memory(SCRATCH, plan.memory_result))


def give(guest: Guest, number: int, plan: CallLayout, arguments: Sequence[bytes], result: Value) -> tuple[list[Value], bytes]:
    """C calls Python. What Python got, and what C stored of its result."""
    for index, data in enumerate(arguments):
        guest.write(f"argument_{number}_{index}", data)
    if f"result_{number}" in guest.sizes:
        guest.write(f"result_{number}", b"")
    got: list[Value] = []

    def answer(call: Call) -> tuple[int, int, tuple[int, ...]]:
        got.extend(plan.decode_arguments(call.core, lambda: call.floats, lambda at, size: guest.memory(call.sp + at, size)))
        return plan.encode_result(result, lambda data: guest.uc.mem_write(call.core[0], data))

    guest.answer = answer
    guest.call(f"give_{number}", Frame((), (), b""))
    return got, guest.read(f"result_{number}") if f"result_{number}" in guest.sizes else b""
