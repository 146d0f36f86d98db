"""The rows of docs/stock-zephyr.md: a file, what each stock Zephyr does with it, and what our loader does.

A dagger marks what is from source although firmware of that version was measured; 4.2 and 4.4 are from source always.
"""

from collections.abc import Callable
from dataclasses import dataclass

import odd_files as odd
from odd_files import ABS32, ALLOC, CODE, DATA, TEXT, Arm, RiscV

from llext.elf import constants as c

EXEC, MEM, SUP, NODATA = "-ENOEXEC", "-ENOMEM", "-ENOTSUP", "-ENODATA"
LOADS, BUT, CRASH = "loads", "loads, but", "may crash"
SOURCE = "†"
REFUSED = "refuses, -ENOEXEC"


def everywhere(answer):
    """Of every version, and measured in none."""
    return (answer + SOURCE, answer + SOURCE, answer, answer)


def always(answer):
    """Of every version, and measured in 3.7 and 4.0."""
    return (answer,) * 4


@dataclass(frozen=True)
class Row:
    name: str
    make: Callable[[], bytes]
    verdicts: tuple[str, str, str, str]
    said: str = ""
    """What a search finds in the reason that notes give."""
    here: str = LOADS
    board: str = "mps2/an385"
    under: str = "odd"
    before: tuple[bytes, ...] = ()
    """Extensions that are loaded before."""


def _nine(names):
    return tuple(odd.exports([name]) for name in names)


def _cut_short():
    data = Arm(text=CODE + CODE).build()
    return odd.section(data, ".text", offset=len(data) - 4)


def _two_nobits():
    made = Arm()
    for name in (".bss", ".pool"):
        made.section(name, b"", DATA, c.SHT_NOBITS, size=16)
    return made.build()


def _with_rodata():
    made = Arm()
    made.section(".rodata", b"abcd")
    return made


def _branch():
    return Arm(text=bytes.fromhex("00f0008070470000"))  # beq.w; bx lr


def _and_symbol(name, section, type_, binding=c.STB_GLOBAL, value=1):
    made = Arm()
    made.writer.symbol(name, section, value, type_=type_, binding=binding, size=4)
    return made.build()


def _in_comment(*, used=False):
    made = Arm()
    comment = made.section(".comment", b"abcd", 0)
    type_ = c.STT_NOTYPE if used else c.STT_OBJECT
    index = made.writer.symbol("hidden", comment, type_=type_, size=4)
    if used:
        made.writer.relocate(made.text, [(0, ABS32, index)])
    return made.build()


def _uses_comment():
    return _in_comment(used=True)


def _thread_local():
    made = Arm()
    data = made.section(".tdata", bytes(4), DATA | c.SHF_TLS)
    index = made.writer.symbol("own", data, type_=c.STT_TLS, size=4)
    made.writer.relocate(made.text, [(0, odd.TLS_LE32, index)])
    return made.build()


def _pair():
    return odd.pair(elsewhere=False)


def _riscv(number, code):
    made = RiscV(text=code + RiscV.code)
    made.writer.relocate(made.text, [(0, number, made.f)], addends=[0])
    return made.build()


def _overlapping():
    made = Arm(c.ET_DYN, address=0x100)
    made.section(".rodata", b"abcd", address=0x102)
    return odd.section(made.build(), ".symtab", type=c.SHT_DYNSYM)


NINE = [f"part{number}" for number in range(9)]

ROWS = [
    # Header
    Row("no ELF magic", lambda: b"\x7fELG" + Arm().build()[4:], everywhere(EXEC), "no ELF file", REFUSED),
    Row("a linked program (ET_EXEC)", lambda: Arm(c.ET_EXEC).build(), everywhere(EXEC), "ET_EXEC", REFUSED),
    Row("a core dump (ET_CORE)", lambda: Arm(c.ET_CORE).build(), everywhere(EXEC), "ET_CORE", REFUSED),
    Row("section headers of another size", lambda: odd.header(Arm().build(), shentsize=44), everywhere(EXEC), "44 bytes", REFUSED),
    Row("no section headers", lambda: odd.header(Arm().build(), shnum=0), always(MEM), "no section headers", REFUSED),
    Row("section headers behind the end of the file", lambda: Arm().build()[:-8], always(CRASH), "section headers end", REFUSED),
    Row("another class in the identification", lambda: Arm().build()[:4] + b"\2" + Arm().build()[5:], always(LOADS), here=REFUSED),
    Row("another byte order in the identification", lambda: Arm().build()[:5] + b"\2" + Arm().build()[6:], always(LOADS), here=REFUSED),
    Row("another machine", lambda: odd.header(Arm().build(), machine=c.EM_XTENSA), always(LOADS), here=REFUSED),
    Row("the other float ABI", odd.other_float_abi, always(LOADS), here=REFUSED),
    Row("another ELF version", lambda: odd.header(Arm().build(), version=7), always(LOADS)),
    Row("program headers that lead nowhere", lambda: odd.header(Arm().build(), phoff=0xFFFFFF00, phnum=9), always(LOADS)),
    # Tables
    Row("no symbol table", lambda: odd.section(Arm().build(), ".symtab", type=1), always(EXEC), "no symbol table", REFUSED),
    Row("no names of symbols", lambda: odd.section(Arm().build(), ".strtab", type=1), always(EXEC), "names of its symbols", REFUSED),
    Row("e_shstrndx names no string table", lambda: odd.header(Arm().build(), shstrndx=1), (EXEC, EXEC, EXEC, EXEC), "e_shstrndx", REFUSED),
    Row("a symbol table that names another section as its names", lambda: odd.section(Arm().build(), ".symtab", link=1),
        (LOADS, LOADS, EXEC, EXEC), "section 1, which holds none", REFUSED),
    Row("one table for the names of symbols and sections", odd.one_table_of_names, (EXEC, EXEC, EXEC, LOADS), "both symbols and sections"),
    Row("names before symbols in the section headers", odd.names_first, (LOADS, LOADS, EXEC, LOADS), "comes before .symtab"),
    Row("a string table more", lambda: odd.with_section(".stabstr", b"\0a\0", 0, c.SHT_STRTAB), (EXEC, EXEC, LOADS, LOADS), ".stabstr"),
    Row("two symbol tables", odd.second_symbol_table, everywhere(EXEC), "several symbol tables"),
    Row("a dynamic symbol table only", lambda: odd.section(Arm().build(), ".symtab", type=c.SHT_DYNSYM), everywhere(EXEC), "dynamic"),
    Row("symbols without entry size", lambda: odd.section(Arm().build(), ".symtab", entry_size=0), (MEM, MEM, EXEC, EXEC), "of 0 bytes", REFUSED),
    Row("half a symbol at the end", lambda: odd.section(Arm().build(), ".symtab", size=40), (LOADS, LOADS, EXEC, EXEC), "40 bytes", REFUSED),
    Row("a section name outside its table", lambda: odd.section(Arm().build(), ".text", name=0x9999), (CRASH, CRASH, EXEC, EXEC),
        "at 0x9999", REFUSED),
    # Mapping and merging
    Row("a loaded section of a type that no region takes", lambda: odd.with_section(".note", b"abcd", ALLOC, odd.NOTE), always(LOADS)),
    Row("a section that is not loaded", lambda: odd.with_section(".comment", b"abcd", 0), always(LOADS)),
    Row("an array without entry size", lambda: odd.array(entry_size=0), everywhere(EXEC), "entries 0 bytes"),
    Row("an array with half an entry", lambda: odd.array(size=6), everywhere(EXEC), "6 bytes", REFUSED),
    Row("two init arrays", lambda: odd.array(twice=True), everywhere(EXEC), "2 sections in region INIT"),
    Row("sections of one region that differ in their flags", lambda: odd.with_section(".text.w", CODE, TEXT | DATA), everywhere(EXEC),
        "differ in their flags"),
    Row("two NOBITS sections", _two_nobits, always(SUP),
        "two NOBITS"),
    Row("interleaved sections", lambda: odd.with_section(".text.2", CODE, TEXT, made=_with_rodata()), everywhere(EXEC), "interleaved"),
    Row("something between the sections of a region",
        lambda: odd.between(((".rodata", b"abcd"), 4), ((".comment", b"note", 0), 4), ((".rodata.2", b"abcd"), 4)), always(BUT), ".comment"),
    Row("a pre-pad that reaches into the region before it",
        lambda: odd.between(((".rodata", b"abcd"), 4), ((".rodata.2", b"abcdefgh"), 8), ((), 1)), (BUT, BUT, LOADS, LOADS), "8-byte alignment"),
    Row("an alignment of more than 32 bytes", lambda: odd.with_section(".data", b"abcd", DATA, alignment=128), (BUT, BUT, LOADS, LOADS),
        "128-byte alignment"),
    Row("an alignment that is no power of two", lambda: odd.section(Arm().build(), ".text", alignment=12), (LOADS, LOADS, BUT, BUT),
        "power of two", REFUSED),
    Row("zeroed data at an odd file offset", lambda: odd.section(odd.with_section(".bss", b"", DATA, 8, size=16, alignment=8), ".bss", offset=0x44),
        (LOADS, LOADS, BUT, BUT), "4 bytes off"),
    Row("data at an odd file offset", lambda: odd.section(odd.with_section(".data", b"abcdefgh" * 2, DATA, alignment=8), ".data", offset=0x3C, size=4),
        (LOADS, LOADS, BUT, BUT), "4 bytes off"),
    Row("an export table that is not loaded", lambda: odd.exports(["f"], flags=0), (EXEC, EXEC, BUT, BUT), "exported_sym"),
    Row("a section behind the end of the file", _cut_short, everywhere(BUT),
        "ends at offset", REFUSED),
    # Symbols
    Row("a symbol name outside its table", lambda: odd.symbol(Arm().build(), 1, "I", 0, 0x9999), (CRASH + SOURCE, CRASH + SOURCE, EXEC, EXEC),
        "at 0x9999", REFUSED),
    Row("no global function or object", lambda: Arm(f=c.STB_LOCAL).build(), always(MEM), "no global"),
    Row("weak functions only", lambda: Arm(f=c.STB_WEAK).build(), always(MEM), "weak ones"),
    Row("functions without a type only", lambda: Arm(f_type=c.STT_NOTYPE).build(), always(MEM), "without a type"),
    Row("a weak function beside others", lambda: _and_symbol("g", 1, c.STT_FUNC, c.STB_WEAK), always(LOADS)),
    Row("an absolute global object", lambda: _and_symbol("port", c.SHN_ABS, c.STT_OBJECT), (CRASH, CRASH, CRASH, EXEC), "port"),
    Row("an absolute symbol without a type", lambda: odd.uses("port", c.SHN_ABS, 64), always(LOADS)),
    Row("a global function in a section that is not there", lambda: odd.symbol(Arm().build(), 1, "H", 14, 77), (CRASH, CRASH, CRASH, EXEC),
        "section 77", REFUSED),
    Row("a global object in a section that is not loaded", _in_comment, everywhere(SUP), "hidden in .comment"),
    Row("COMMON symbols", lambda: _and_symbol("shared", c.SHN_COMMON, c.STT_OBJECT, value=4), (CRASH, CRASH, CRASH, EXEC), "COMMON"),
    Row("an export table with half an entry", lambda: odd.exports(["f"], extra=4), always(LOADS)),
    Row("two exports of one name", lambda: odd.exports(["f", "g", "f"]), everywhere(BUT), "exports f more than once"),
    # Linking
    Row("relocations of a section that is not there", lambda: odd.section(odd.relocated(), ".rel.text", info=99),
        (EXEC + SOURCE, EXEC + SOURCE, CRASH, EXEC), "section 99", REFUSED),
    Row("relocations of another size", lambda: odd.section(odd.relocated(), ".rel.text", entry_size=12), everywhere(EXEC), "entries of 12", REFUSED),
    Row("half a relocation at the end", lambda: odd.section(odd.relocated(), ".rel.text", size=12), everywhere(EXEC), "12 bytes", REFUSED),
    Row("relocations of another size for what is not loaded",
        lambda: odd.section(odd.relocated((".debug_info", bytes(8), 0)), ".rel.debug_info", entry_size=4), everywhere(EXEC), "entries of 4"),
    Row("relocations with addends on Arm", lambda: odd.relocated(addends=[0]), everywhere(SUP), "SHT_RELA"),
    Row("relocations of unwind tables", lambda: odd.relocated((".ARM.exidx", bytes(8), ALLOC, c.SHT_ARM_EXIDX)), always(EXEC), ".ARM.exidx"),
    Row("relocations of debug sections", lambda: odd.relocated((".debug_info", bytes(8), 0)), (EXEC, EXEC, LOADS, LOADS), ".debug_info"),
    Row("a relocation by a symbol that is not there", lambda: odd.relocated(entries=[(0, ABS32, 77)]), always(CRASH), "uses symbol 77", REFUSED),
    Row("a relocation by a symbol with a reserved index", lambda: odd.uses("odd", 0xFF05), everywhere(EXEC), "0xff05", REFUSED),
    Row("a relocation by a symbol in what is not loaded", _uses_comment, everywhere(BUT), "its address is wrong", REFUSED),
    Row("a relocation type that only we know", lambda: odd.relocated(entries=[(0, odd.JUMP19, "f")], made=_branch()), always(EXEC),
        "R_ARM_THM_JUMP19"),
    Row("a relocation type that nobody knows", lambda: odd.relocated(entries=[(0, 200, "f")]), always(EXEC), "relocation type 200", REFUSED),
    Row("a thread-local variable of its own", _thread_local, always(EXEC), "R_ARM_TLS_LE32", REFUSED),
    Row("a relocation behind the end of its section", lambda: odd.relocated(entries=[(64, ABS32, "f")]), (CRASH, CRASH, CRASH, EXEC),
        r"\.text\+0x40", REFUSED),
    Row("a relocation across the end of its section", lambda: odd.relocated(entries=[(2, ABS32, "f")]), always(CRASH), "from 0x2 on", REFUSED),
    Row("a weak symbol that nobody defines", lambda: odd.imports("maybe", binding=c.STB_WEAK), (NODATA, NODATA, NODATA, LOADS), "maybe"),
    Row("an undefined symbol that nothing uses", lambda: odd.imports("nobody", used=False), always(LOADS)),
    Row("R_ARM_V4BX", lambda: odd.relocated(entries=[(0, odd.V4BX, 0)], made=Arm(text=bytes.fromhex("1eff2fe1"))), everywhere(BUT), "R_ARM_V4BX"),
    # Use
    Row("an array of functions with one of the firmware's", lambda: odd.array(to="printk"), everywhere(BUT), "-EFAULT"),
    Row("an array of functions with an empty entry", lambda: odd.array(size=8), everywhere(BUT), r"\.init_array\+0x4"),
    Row("more extensions used than are kept", lambda: odd.imports(*NINE), always(BUT), "can be unloaded", before=_nine(NINE)),
    Row("a name of more than 15 bytes", Arm().build, everywhere(BUT), "'sixteen_letters'", under="sixteen_letters_"),
    # RISC-V
    Row("RISC-V: relocations", _pair, (SUP + SOURCE, LOADS, LOADS, LOADS), "since version 4.0", board="qemu_riscv32"),
    Row("RISC-V: the halves of an address in two sections", lambda: odd.pair(elsewhere=True), (SUP + SOURCE, EXEC + SOURCE, EXEC, EXEC),
        "another section|since version 4.0", board="qemu_riscv32"),
    Row("RISC-V: R_RISCV_JAL", lambda: _riscv(odd.JAL, bytes.fromhex("6f000000")), (SUP + SOURCE, BUT + SOURCE, BUT, BUT), "out of reach|since version 4.0", board="qemu_riscv32"),
    Row("RISC-V: R_RISCV_SET6", lambda: _riscv(odd.SET6, bytes(4)), (SUP + SOURCE, BUT + SOURCE, BUT, BUT), "5 of the 6|since version 4.0", board="qemu_riscv32"),
    Row("RISC-V: R_RISCV_SUB6", lambda: _riscv(odd.SUB6, bytes(4)), (SUP + SOURCE, BUT + SOURCE, BUT, BUT), "5 of the 6|since version 4.0", board="qemu_riscv32"),
    Row("RISC-V: R_RISCV_ALIGN", lambda: _riscv(odd.ALIGN, bytes(4)), (SUP + SOURCE, EXEC + SOURCE, EXEC, EXEC), "R_RISCV_ALIGN|since version 4.0", REFUSED, "qemu_riscv32"),
    # Shared objects
    Row("shared object: other distances in memory than in the file", lambda: odd.shared(second=0x1038), always(EXEC), "other distances", REFUSED),
    Row("shared object: tables that stripping takes away", lambda: odd.shared(keep=True), (EXEC, EXEC, LOADS, LOADS), "2 string tables", REFUSED),
    Row("shared object: dynamic relocations", lambda: odd.shared(dynamic_relocations=True), (EXEC, EXEC, BUT, LOADS), "name no section", REFUSED),
    Row("shared object: an alignment below address 0", lambda: odd.shared(address=0, alignment=8), (LOADS, LOADS, EXEC, EXEC),
        "fewer below it", REFUSED),
    Row("shared object: addresses that overlap", _overlapping, everywhere(EXEC), "overlap", REFUSED),
]  # fmt: skip
