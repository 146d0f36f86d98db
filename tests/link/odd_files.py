"""Small ELF files with one odd property each, made by hand."""

import struct

from llext.elf import ElfFile, ElfWriter
from llext.elf import constants as c

CODE = bytes.fromhex("704700bf")  # bx lr; nop
TEXT, DATA, ALLOC = c.SHF_ALLOC | c.SHF_EXECINSTR, c.SHF_ALLOC | c.SHF_WRITE, c.SHF_ALLOC
ABS32, V4BX, JUMP19, TLS_LE32 = 2, 40, 51, 108  # AAELF32, table 5-5
JAL, PCREL_HI20, PCREL_LO12_I, ALIGN, SUB6, SET6 = 17, 23, 24, 43, 52, 53  # RISC-V psABI, "Relocation Types"
NOTE = 7  # gABI, sh_type
HEADER = {"version": (20, "I"), "machine": (18, "H"), "type": (16, "H"), "phoff": (28, "I"), "phnum": (44, "H"),
          "shoff": (32, "I"), "shentsize": (46, "H"), "shnum": (48, "H"), "shstrndx": (50, "H")}  # fmt: skip
SECTION = ["name", "type", "flags", "address", "offset", "size", "link", "info", "alignment", "entry_size"]


class Arm:
    """A function ``f`` in .text, and what a test adds."""

    machine = c.EM_ARM
    code = CODE

    def __init__(self, type_=c.ET_REL, *, f=c.STB_GLOBAL, f_type=c.STT_FUNC, text=None, address=0):
        self.writer = ElfWriter(self.machine, type_)
        self.text = self.section(".text", text or self.code, TEXT, address=address)
        self.f = self.writer.symbol("f", self.text, int(self.machine == c.EM_ARM), binding=f, type_=f_type)

    def section(self, name, data=b"", flags=ALLOC, type_=c.SHT_PROGBITS, **more):
        return self.writer.section(name, data, type_=type_, flags=flags, **more)

    def build(self):
        return bytearray(self.writer.build())


class RiscV(Arm):
    machine = c.EM_RISCV
    code = bytes.fromhex("67800000")  # ret


def header(data, **fields):
    """The file with other values in its header."""
    for name, value in fields.items():
        offset, form = HEADER[name]
        struct.pack_into("<" + form, data, offset, value)
    return bytes(data)


def section(data, which, **fields):
    """The file with other values in the header of a section, given by name."""
    elf = ElfFile.parse(bytes(data))
    start = elf.header.section_offset + 40 * elf.section(which).index
    for name, value in fields.items():
        struct.pack_into("<I", data, start + 4 * SECTION.index(name), value)
    return data


def symbol(data, index, form, offset, value):
    """The file with another value at an offset of a symbol."""
    elf = ElfFile.parse(bytes(data))
    struct.pack_into("<" + form, data, elf.section(".symtab").offset + 16 * index + offset, value)
    return bytes(data)


def one_table_of_names():
    """Names of sections and symbols in .strtab, as clang's assembler writes them."""
    made = Arm()
    made.writer._symbols.insert(1, (".symtab", 0, 0, c.STB_LOCAL, c.STT_NOTYPE, 0))
    data = made.build()
    elf = ElfFile.parse(bytes(data))
    names = bytes(elf.contents(elf.section(".strtab")))
    at = names.index(b".symtab\0")
    for name in [s.name for s in elf.sections[1:]]:
        start = elf.header.section_offset + 40 * elf.section(name).index
        struct.pack_into("<I", data, start, at if name == ".symtab" else 0)
        if name == ".shstrtab":
            struct.pack_into("<I", data, start + 4, c.SHT_PROGBITS)
    return header(data, shstrndx=elf.section(".strtab").index)


def names_first():
    """.strtab before .symtab in the section headers, as clang writes them."""
    data = Arm().build()
    elf = ElfFile.parse(bytes(data))
    first = elf.header.section_offset + 40 * elf.section(".symtab").index
    data[first : first + 80] = data[first + 40 : first + 80] + data[first : first + 40]
    struct.pack_into("<I", data, first + 40 + 24, elf.section(".symtab").index)
    return bytes(data)


def second_symbol_table():
    """The header of .symtab twice."""
    data = Arm().build()
    elf = ElfFile.parse(bytes(data))
    start = elf.header.section_offset + 40 * elf.section(".symtab").index
    return header(data + data[start : start + 40], shnum=len(elf.sections) + 1)


def other_float_abi():
    """Build attributes of hard-float code: Tag_CPU_arch v7, profile M, Tag_ABI_VFP_args (Addenda to the Arm ABI, 3.3.5)."""
    tags = bytes([6, 10, 7, ord("M"), 28, 1])
    body = b"aeabi\0" + b"\1" + (5 + len(tags)).to_bytes(4, "little") + tags
    made = Arm()
    made.section(".ARM.attributes", b"A" + (4 + len(body)).to_bytes(4, "little") + body, 0, c.SHT_ARM_ATTRIBUTES)
    return made.build()


def with_section(*words, made=None, **more):
    """A file with one more section."""
    made = made or Arm()
    made.section(*words, **more)
    return made.build()


def relocated(target="text", entries=((0, ABS32, "f"),), *, made=None, **more):
    """A file whose text, or another section, has relocations against symbols of these names or indexes."""
    made = made or Arm()
    index = made.text if target == "text" else made.section(*target)
    made.writer.relocate(index, [(offset, type_, made.f if to == "f" else to) for offset, type_, to in entries], **more)
    return made.build()


def uses(name, section_, value=0, *, made=None, number=ABS32, offset=0, **more):
    """A file whose text uses a symbol that is defined in some section."""
    made = made or Arm()
    index = made.writer.symbol(name, section_, value, **more)
    made.writer.relocate(made.text, [(offset, number, index)])
    return made.build()


def array(name=".init_array", type_=c.SHT_INIT_ARRAY, *, entry_size=4, size=4, to="f", twice=False):
    """A file with an array of functions."""
    made = Arm()
    for each in (name, name + ".2")[: 1 + twice]:
        index = made.section(each, bytes(size), DATA, type_, entry_size=entry_size)
        made.writer.relocate(index, [(0, ABS32, made.f if to == "f" else made.writer.symbol(to))])
    return made.build()


def exports(names, *, flags=DATA, extra=0):
    """A file that exports ``f`` under these names."""
    made = Arm()
    text = made.section(".rodata", b"".join(name.encode() + b"\0" for name in names))
    strings = made.writer.symbol("strings", text, binding=c.STB_LOCAL)
    start, table, entries = 0, b"", []
    for name in names:
        entries += [(len(table), ABS32, strings), (len(table) + 4, ABS32, made.f)]
        table += start.to_bytes(4, "little") + bytes(4)
        start += len(name) + 1
    made.writer.relocate(made.section(".exported_sym", table + bytes(extra), flags), entries)
    return made.build()


def imports(*names, binding=c.STB_GLOBAL, used=True):
    """A file that wants these names."""
    made = Arm()
    indexes = [made.writer.symbol(name, binding=binding) for name in names]
    table = made.section(".data", bytes(4 * len(names)), DATA)
    if used:
        made.writer.relocate(table, [(4 * number, ABS32, index) for number, index in enumerate(indexes)])
    return made.build()


def between(first, middle, last):
    """A file with three sections one behind the other."""
    made = Arm(text=bytes.fromhex("704700bf704700bf"))
    for words, alignment in (first, middle, last):
        if words:
            made.section(*words, alignment=alignment)
    return made.build()


def pair(*, elsewhere):
    """RISC-V: the two halves of an address, in one section or in two."""
    made = RiscV(text=bytes.fromhex("1705000003250500") + RiscV.code)  # auipc a0; lw a0, (a0); ret
    where = made.section(".text.other", bytes.fromhex("03250500") + RiscV.code, TEXT) if elsewhere else made.text
    high = made.writer.symbol("high", made.text, binding=c.STB_LOCAL)
    made.writer.relocate(made.text, [(0, PCREL_HI20, made.f)], addends=[0])
    made.writer.relocate(where, [(0 if elsewhere else 4, PCREL_LO12_I, high)], addends=[0])
    return made.build()


def shared(*, keep=False, address=0x34, alignment=4, second=None, dynamic_relocations=False):
    """A shared object whose sections have these addresses; stripped, unless its other tables are kept."""
    made = Arm(c.ET_DYN, address=address)
    if second is not None:
        made.section(".text.2", CODE, TEXT, address=second)
    if dynamic_relocations:
        made.section(".rel.dyn", struct.pack("<II", 0x34, 23), 0, c.SHT_REL, entry_size=8)
    if keep:
        made.section(".dynstr", b"\0", 0, c.SHT_STRTAB)
    return section(section(made.build(), ".symtab", type=c.SHT_DYNSYM), ".text", alignment=alignment)
