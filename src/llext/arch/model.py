"""What an instruction set is to this project: a set of frozen facts.

Everything that differs between ISAs stands in one file per ISA beside this one, as data. Relocation recipes follow the
notation of the ABI documents: S the symbol, A the addend, P the place, T 1 if the symbol is a Thumb function. Their
operators are those that Python integers and numpy int64 arrays share, so that one recipe serves one relocation or many.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from llext.arch.convention import CallingConvention, DataModel
from llext.elf import ElfFile

Value = Callable[[int, int, int, int], int]
"""A recipe: (S, A, P, T) -> the value that goes into the field."""


@dataclass(frozen=True)
class Field:
    """Where in the instruction stream a value lives. A 32-bit Thumb instruction counts its first halfword as the low one.

    Attributes:
        size: Bytes of the field: 1, 2 or 4, little endian.
        addend: Extracts the addend that a SHT_REL field holds.
        insert: Puts a value into the old contents of the field.
    """

    size: int
    addend: Callable[[int], int]
    insert: Callable[[int, int], int]


@dataclass(frozen=True)
class Reloc:
    """One relocation type: a value recipe, a field, and the closed range that the value must lie in.

    Attributes:
        number: The ABI's number.
        name: The ABI's name.
        value: Recipe of the value.
        field: Where it goes.
        low: Smallest value that fits, None where the ABI checks nothing.
        high: Largest value that fits.
        alignment: The value must be a multiple of this.
        nop: What replaces a branch to an undefined weak symbol, or None.
        hint: The way out when the value does not fit.
    """

    number: int
    name: str
    value: Value
    field: Field
    low: int | None = None
    high: int | None = None
    alignment: int = 1
    nop: int | None = None
    hint: str = ""


@dataclass(frozen=True)
class Cpu:
    """One CPU as a board has it.

    Attributes:
        name: Its name for compilers, ``cortex-m4``.
        architecture: The ABI's name of its instruction set, ``v7E-M``.
        level: Number by which ``Arch.incompatibility`` compares instruction sets.
        float_abi: ``soft`` or ``hard``.
        fpu: The compiler's name of its floating-point unit, empty without one.
    """

    name: str
    architecture: str
    level: int
    float_abi: str = "soft"
    fpu: str = ""


@dataclass(frozen=True, eq=False)
class EmulatorFacts:
    """How the CPU emulator names things: the suffixes of its constants, resolved by the machine floor.

    Attributes:
        family: ``UC_ARCH_`` suffix, and the prefix of its register constants.
        mode: ``UC_MODE_`` suffix.
        models: CPU name -> ``UC_CPU_`` suffix.
        arguments: Argument registers, in order.
        float_arguments: Single-precision argument registers, in order.
        results: Registers of the first and second result word.
        stack_pointer, link, pc: The registers with these duties.
        status: The register with flags and execution state, and what it holds when a function is entered: the emulator
            keeps the state of a finished call, a half-done IT block for one.
        report: Registers that a fault report shows, in order.
        code_bit: Set in code addresses that the CPU is started at (Thumb).
        supervisor_call: Interrupt number by which the emulator announces a supervisor call.
        fetch_abort: Interrupt number of a fetch from where the CPU's memory map forbids execution.
        page_bytes: The page size to set, which is the granule of memory rights; 0 keeps the emulator's own.
        trap_bytes: Size of the supervisor-call instruction, which lies before the pc that the emulator reports.
        trap_number: The number in that instruction, from its bytes.
    """

    family: str
    mode: str
    models: Mapping[str, str]
    arguments: tuple[str, ...]
    float_arguments: tuple[str, ...]
    results: tuple[str, str]
    stack_pointer: str
    link: str
    pc: str
    status: tuple[str, int]
    report: tuple[str, ...]
    code_bit: int
    supervisor_call: int
    fetch_abort: int
    page_bytes: int
    trap_bytes: int
    trap_number: Callable[[bytes], int]


@dataclass(frozen=True)
class CompilerFacts:
    """How compilers are told about this ISA.

    Attributes:
        clang_target: ``--target`` of clang.
        gcc_prefix: Prefix of the GNU tools.
        flags: Flags of every compilation.
        cpu_flags: Flags that select a CPU.
        rt_target: ``-target`` of zig's own compiler-rt build.
    """

    clang_target: str
    gcc_prefix: str
    flags: tuple[str, ...]
    cpu_flags: Callable[[Cpu], tuple[str, ...]]
    rt_target: Callable[[Cpu], tuple[str, str]]


@dataclass(frozen=True)
class ServiceStub:
    """The piece of guest code through which a service is called, and where it leaves what.

    The stub stores the argument registers below the window, reads the word of its service number, which is what calls
    the host, and returns what it read.

    Attributes:
        size: Bytes of one stub.
        code: (window address, service number) -> the stub.
        below_window: Bytes below the window that the stub writes.
        arguments: Format of those bytes for ``struct``: high result word, stack pointer, return address, arguments.
    """

    size: int
    code: Callable[[int, int], bytes]
    below_window: int
    arguments: str


@dataclass(frozen=True, eq=False)
class Arch:
    """One instruction set.

    Attributes:
        name: For messages and devicetree-free look-ups.
        machine: e_machine.
        bits: Class of its ELF files.
        cpus: CPU name -> facts.
        relocations: Supported types by number.
        relocation_names: Names of all types that the ABI knows, for messages about the others.
        conventions: Float ABI -> calling convention.
        data_model: Sizes and signs of C types.
        incompatibility: Why code in a file cannot run on a CPU, or None.
        code_symbol_bit: Set in the value of function symbols (Thumb).
        uses_rela: Whether the ABI's relocatable files use SHT_RELA.
    """

    name: str
    machine: int
    bits: int
    cpus: Mapping[str, Cpu]
    relocations: Mapping[int, Reloc]
    relocation_names: Mapping[int, str]
    conventions: Mapping[str, CallingConvention]
    data_model: DataModel
    incompatibility: Callable[[ElfFile, Cpu], str | None]
    compiler: CompilerFacts
    emulator: EmulatorFacts
    stub: ServiceStub
    code_symbol_bit: int = 0
    uses_rela: bool = False
    stock_relocations: frozenset[int] = field(default_factory=frozenset)

    def relocation_name(self, number: int) -> str:
        """The ABI's name of a relocation type, or its number in words."""
        return self.relocation_names.get(number, f"relocation type {number}")
