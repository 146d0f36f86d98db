"""What an instruction set is to this project: a set of frozen facts.

Everything that differs between ISAs stands in one file per ISA beside this one, as data. Relocation recipes follow the
notation of the ABI documents: S the symbol, A the addend, P the place, T 1 if the symbol is a Thumb function. Their
operators are those that Python integers and numpy int64 arrays share, so that one recipe serves one relocation or many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Protocol

from llext.arch.built_for import BuiltFor, Misfit
from llext.arch.convention import CallingConvention, DataModel
from llext.arch.fault_registers import FaultVocabulary
from llext.arch.powered_off import PoweredOff
from llext.elf import ElfFile

Value = Callable[[int, int, int, int], int]
"""A recipe: (S, A, P, T) -> the value that goes into the field."""


class Operand(Enum):
    """What a recipe's S is."""

    SYMBOL = "the symbol's address"
    GOT = "the address of the symbol's slot in the global offset table: GOT(S)"
    GOT_ORIGIN = "the start of the global offset table: B(S) of _GLOBAL_OFFSET_TABLE_"
    THREAD = "the symbol's offset from the thread pointer"
    THREAD_GOT = "the address of a slot that holds that offset"
    PAIRED = "the value of the relocation at the place that the symbol names"
    DIFFERENCE = "the value of the other relocation at this place, less the symbol's address"


@dataclass(frozen=True)
class Field:
    """Where in the instruction stream a value lives. A 32-bit Thumb instruction counts its first halfword as the low one.

    Attributes:
        size: Bytes of the field: 1, 2 or 4, little endian; 0 for a marker that changes nothing.
        addend: Extracts the addend that a SHT_REL field holds.
        insert: Puts a value into the old contents of the field.
        store: For a field whose length its bytes tell: (bytes of the section, offset, value) -> whether it fits; scalars only.
    """

    size: int
    addend: Callable[[int], int]
    insert: Callable[[int, int], int]
    store: Callable[[memoryview, int, int], bool] | None = None


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
        operand: What S is.
        from_got: P is the start of the global offset table instead of the place.
        second: A field right behind the first that takes the same value (AUIPC and JALR of one call).
        residue: What of the value the field cannot express; anything but 0 does not fit.
        veneer: Whether a branch that does not reach may go through a veneer, and the addend of a plain branch.
        may_detour: (instruction) -> whether it survives a veneer, where some do not.
        completed_by: What it is half of: a PAIRED one, or the DIFFERENCE that must be at the same place.
        state: What the code bit of a function must be that this branch goes to; None where either will do.
        refused: Why the type is not supported although the ABI has it, with the way out; empty if it is.
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
    operand: Operand = Operand.SYMBOL
    from_got: bool = False
    second: Field | None = None
    residue: Callable[[int], int] | None = None
    veneer: int | None = None
    may_detour: Callable[[int], bool] | None = None
    completed_by: Operand | None = None
    state: int | None = None
    refused: str = ""

    @cached_property
    def plain(self) -> bool:
        """Whether nothing but symbol, addend, place and field matters."""
        special = (self.second, self.residue, self.field.store, self.veneer, self.state)
        simple = self.operand is Operand.SYMBOL and not self.from_got and not self.refused
        return simple and all(part is None for part in special)

    def veneer_reaches(self, value: int) -> bool:
        """Whether a branch gets where it goes without a veneer; also if none could help."""
        if self.veneer is None or self.low is None or self.high is None:
            return True
        return self.low <= (value + 0x80000000 & 0xFFFFFFFF) - 0x80000000 <= self.high


@dataclass(frozen=True)
class Veneer:
    """A piece of code that jumps anywhere, for a branch that does not reach. Clobbers only what a call may.

    Attributes:
        size: Bytes, a multiple of 4; it stands at a multiple of 4.
        code: (target address with its code bit) -> the bytes.
    """

    size: int
    code: Callable[[int], bytes]


@dataclass(frozen=True)
class ThreadPointer:
    """Where thread-local variables are found (local exec).

    Attributes:
        bias: Bytes from the thread pointer to the first variable (the ABI's thread control block).
        register: The emulator's name of the register that holds the thread pointer, or empty.
        reader: Name of the function that returns it, or empty.
        reader_code: (address of a word that holds the thread pointer) -> that function; it may clobber little else.
    """

    bias: int
    register: str = ""
    reader: str = ""
    reader_code: Callable[[int], bytes] = lambda _cell: b""


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


class Processor(Protocol):
    """What can be built for: a board, or a chip that no board of ours has."""

    @property
    def arch(self) -> Arch: ...
    @property
    def cpu(self) -> Cpu: ...


@dataclass(frozen=True)
class Chip:
    """A CPU by the name that compilers know."""

    arch: Arch
    cpu: Cpu


@dataclass(frozen=True, eq=False)
class EmulatorFacts:
    """How the CPU emulator names things: the suffixes of its constants, resolved by the machine floor.

    Attributes:
        family: ``UC_ARCH_`` suffix, and the prefix of its register constants.
        mode: ``UC_MODE_`` suffix.
        models: CPU name -> ``UC_CPU_`` suffix.
        arguments: Argument registers, in order; a calling convention may use fewer.
        float_arguments: Single-precision argument registers, in order.
        results: Registers of the first and second result word.
        stack_pointer, link, pc: The registers with these duties.
        status: The register with flags and execution state, and what it holds when a function is entered: the emulator
            keeps the state of a finished call, a half-done IT block for one. None where there is none.
        report: Registers that a fault report shows, in order.
        kept: CPU -> what else a thread has: the interrupt mask, and the registers of the floating-point unit.
        interrupt_mask: CPU -> the register with the interrupt mask.
        masked: Whether interrupts wait, by that register.
        unmasked: What the mask register holds at power-on, bits that are set.
        code_bit: Set in code addresses that the CPU is started at (Thumb).
        supervisor_call: Interrupt number by which the emulator announces a supervisor call.
        exceptions: Other interrupt numbers -> the fault's reason, and how far behind the instruction the pc stands then.
        stops: Instructions that stop the emulator without a number of their own -> the same two.
        accessed: (instruction, registers by lower-case name) -> the address of its first access to data, for the
            instructions that fault if that is unaligned. Bits above a short instruction do not matter.
        page_bytes: The page size, which is the granule of memory rights.
        page_is_fixed: Whether the emulator knows no other page size for this ISA.
        trap_bytes: Size of the supervisor-call instruction, which lies before the pc that the emulator reports.
        except_trap: Number of the supervisor call that raises a fatal error (Zephyr's ARCH_EXCEPT).
        trap_register: Register that holds the number of a supervisor call; empty where the instruction's first byte does.
        block_bits: Bits of the status register that say where in a block of conditional instructions the CPU is.
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
    status: tuple[str, int] | None
    report: tuple[str, ...]
    kept: Callable[[Cpu], tuple[str, ...]]
    interrupt_mask: Callable[[Cpu], str]
    masked: Callable[[int], bool]
    unmasked: int
    code_bit: int
    supervisor_call: int
    exceptions: Mapping[int, tuple[str, int]]
    stops: Mapping[bytes, tuple[str, int]]
    accessed: Callable[[int, Mapping[str, int]], int]
    page_bytes: int
    page_is_fixed: bool
    trap_bytes: int
    except_trap: int
    trap_register: str = ""
    block_bits: int = 0


@dataclass(frozen=True)
class CompilerFacts:
    """How compilers are told about this ISA.

    Attributes:
        clang_target: ``--target`` of clang.
        gcc_prefix: Prefix of the GNU tools.
        flags: Flags of every compilation.
        models: How code reaches what is far away: ``far`` (calls reach all of memory), ``near`` (what reaches
            less and is shorter) and ``pic`` (through a global offset table) -> flags.
        cpu_flags: Flags that select a CPU.
        rt_target: ``-target`` and ``-mcpu`` of zig's own compiler-rt build.
        debian: Debian's package of the GNU compiler.
        musl: musl's name of this ISA.
        gnu_linker: What GNU ld must be told.
    """

    clang_target: str
    gcc_prefix: str
    flags: tuple[str, ...]
    models: Mapping[str, tuple[str, ...]]
    cpu_flags: Callable[[Cpu], tuple[str, ...]]
    rt_target: Callable[[Cpu], tuple[str, str]]
    debian: str
    musl: str
    gnu_linker: tuple[str, ...] = ()


@dataclass(frozen=True)
class ServiceStub:
    """The piece of guest code through which a service is called, and where it leaves what.

    The stub stores what is to be known of the call in words below the window: high result word, stack pointer, return
    address, argument registers in order. Then it reads the word of its service number, which is what calls the host,
    and returns what it read, with the high result word in the second result register.

    Attributes:
        size: Bytes of one stub.
        registers: Number of argument registers.
        load_at: Offset in it of the instruction that calls the host.
        load: Bytes of that instruction.
        code: (window address, service number) -> the stub.
    """

    size: int
    registers: int
    load_at: int
    load: int
    code: Callable[[int, int], bytes]

    def is_load(self, window: int, number: int, code: bytes) -> bool:
        """Whether bytes begin with the instruction that calls the host for a service."""
        return code.startswith(self.code(window, number)[self.load_at : self.load_at + self.load])

    @property
    def below_window(self) -> int:
        """Bytes below the window that the stub writes or reads."""
        return 4 * (3 + self.registers)


@dataclass(frozen=True)
class FatalFacts:
    """A fault of the CPU, for the words that firmware has for it.

    Attributes:
        cpu: The CPU.
        reason: Its reason as the machine names it: ``read``, ``write``, ``execute``, ``undefined instruction``, ...
        address: The address that was touched, or None.
        memory: Whether there is memory at that address.
        registers: Names (lower case) and values.
    """

    cpu: Cpu
    reason: str
    address: int | None
    memory: bool
    registers: dict[str, int]


@dataclass(frozen=True)
class FatalWords:
    """What Zephyr's fault handler prints before its last line, and the reason in that line (K_ERR_ of fatal.h)."""

    reason: int
    lines: tuple[str, ...]


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
        built_for: What a file says of its CPU, or None.
        cpu_options: What Zephyr's options of CPUs begin with -> what compilers' names of those begin with.
        misfits: (extension, firmware) -> in what they were built differently.
        stub: CPU -> how it calls services.
        veneer: File -> the veneer that any CPU which runs the file executes.
        thread_pointer: Where thread-local variables are.
        pointer_relocation: The type of a word that holds an address.
        dwarf_registers: Names of the registers in fault reports by the numbers that DWARF has for them.
        call_size: (up to 4 bytes before a return address) -> size of the call instruction that they end with, 0 if none.
        fatal_words: What Zephyr says of a fault on its console; None for what is no fault of the CPU.
        fault_registers: What the registers of a fault say, in words.
        exception_frame: CPU -> the registers that Zephyr's struct arch_esf begins with, in order, as fault reports name them.
        trapped: Registers -> what a trap makes of them before they are saved.
        named_cpu: (name as compilers know it, float ABI or empty) -> a CPU without a board, or None if it is of another ISA.
        object_flags: CPU -> e_flags of its objects.
        powered_off: How code of a firmware runs without its device.
        code_symbol_bit: Set in the value of function symbols (Thumb).
        uses_rela: Whether the ABI's relocatable files use SHT_RELA.
        stock_since: The first Zephyr version whose LLEXT relocates this ISA.
        stock_measured: Whether firmware of this ISA was measured, so that a version's rules are certain.
        stock_relocations: The types that Zephyr 3.7 to 4.4 applies.
        stock_out_of_range: Name of a symbol -> what Zephyr logs where a relocation's field has no room for its address.
        stock_defects: Types that Zephyr applies wrongly -> what goes wrong; we follow the ABI.
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
    built_for: Callable[[ElfFile], BuiltFor | None]
    misfits: Callable[[ElfFile, ElfFile], Iterator[Misfit]]
    compiler: CompilerFacts
    emulator: EmulatorFacts
    stub: Callable[[Cpu], ServiceStub]
    veneer: Callable[[ElfFile], Veneer]
    thread_pointer: ThreadPointer
    pointer_relocation: int
    dwarf_registers: tuple[str, ...]
    call_size: Callable[[bytes], int]
    fatal_words: Callable[[FatalFacts], FatalWords | None]
    fault_registers: FaultVocabulary
    exception_frame: Callable[[Cpu], tuple[str, ...]]
    named_cpu: Callable[[str, str], Cpu | None]
    object_flags: Callable[[Cpu], int]
    powered_off: PoweredOff
    trapped: Callable[[Mapping[str, int]], Mapping[str, int]] = lambda registers: registers
    cpu_options: Mapping[str, str] = field(default_factory=dict)
    code_symbol_bit: int = 0
    uses_rela: bool = False
    stock_since: str = "3.7"
    stock_measured: bool = False
    stock_relocations: frozenset[int] = field(default_factory=frozenset)
    stock_out_of_range: Callable[[str], tuple[str, ...]] = lambda _name: ()
    stock_defects: Mapping[int, str] = field(default_factory=dict)

    @cached_property
    def branches(self) -> Mapping[int, Reloc]:
        """The types that may go through a veneer; their fields have 4 bytes."""
        return {number: reloc for number, reloc in self.relocations.items() if reloc.veneer is not None}

    def relocation_name(self, number: int) -> str:
        """The ABI's name of a relocation type, or its number in words."""
        return self.relocation_names.get(number, f"relocation type {number}")
