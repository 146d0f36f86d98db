"""Odd but valid relocatable files: what the gABI allows and no compiler writes."""

import struct

from hypothesis import strategies as st

from llext.elf import ElfFile, ElfWriter
from llext.elf import constants as c

ARM, RISCV = c.EM_ARM, c.EM_RISCV
RETURN = {ARM: bytes.fromhex("704700bf"), RISCV: bytes.fromhex("67800000")}  # bx lr; nop and ret
WORD = {ARM: 2, RISCV: 1}  # R_ARM_ABS32, R_RISCV_32
NAMES = (".text", ".text.f", ".rodata", ".data", ".data.x", ".bss", ".noinit", ".note", "", "odd name", ".rodata.ü")
W, A, X = c.SHF_WRITE, c.SHF_ALLOC, c.SHF_EXECINSTR
KINDS = ((c.SHT_PROGBITS, A | X), (c.SHT_PROGBITS, A), (c.SHT_PROGBITS, A | W), (c.SHT_NOBITS, A | W), (c.SHT_NOBITS, A),
         (c.SHT_INIT_ARRAY, A | W), (c.SHT_FINI_ARRAY, A | W), (c.SHT_PREINIT_ARRAY, A | W), (c.SHT_PROGBITS, 0),
         (c.SHT_NOBITS, A | W))  # fmt: skip
ALIGNMENTS = (0, 1, 2, 4, 8, 16, 64, 256, 1024)


@st.composite
def files(draw):
    """(bytes, names of undefined symbols) of a file that every loader should be able to place."""
    machine = draw(st.sampled_from((ARM, RISCV)))
    writer = ElfWriter(machine)
    text = writer.section(".text", RETURN[machine] * draw(st.integers(1, 20)), flags=A | X)
    more = [_section(draw, writer, machine) for _ in range(draw(st.integers(0, 12)))]
    sections = [(text, c.SHT_PROGBITS, A | X, 4), *more]
    symbols = _symbols(draw, writer, text, sections)
    for index, type_, flags, size in sections:
        if type_ == c.SHT_NOBITS or not (draw(st.booleans()) or type_ in _ARRAYS):
            continue
        _relocate(draw, writer, machine, (index, type_, flags, size), symbols, text)
    data = writer.build()
    return relaid(data, draw(st.randoms(use_true_random=False))) if draw(st.booleans()) else data


_ARRAYS = (c.SHT_INIT_ARRAY, c.SHT_FINI_ARRAY, c.SHT_PREINIT_ARRAY)


def _section(draw, writer, machine):
    type_, flags = draw(st.sampled_from(KINDS))
    code = bool(flags & X)
    size = draw(st.integers(0, 60)) * (4 if type_ in _ARRAYS or code else draw(st.sampled_from((1, 4))))
    name = {c.SHT_INIT_ARRAY: ".init_array", c.SHT_FINI_ARRAY: ".fini_array", c.SHT_PREINIT_ARRAY: ".preinit_array"}.get(
        type_
    ) or draw(st.sampled_from(NAMES))
    data = b"" if type_ == c.SHT_NOBITS else (RETURN[machine] * size)[:size] if code else bytes(size)
    alignment = 4 if type_ in _ARRAYS else max(4 if code else 0, draw(st.sampled_from(ALIGNMENTS)))
    entry = 4 if type_ in _ARRAYS else 0
    index = writer.section(name, data, type_=type_, flags=flags, alignment=alignment, size=size, entry_size=entry)
    return index, type_, flags, size


def _symbols(draw, writer, text, sections):
    """Local ones first, as the format wants it. Returns the indexes of those that may be used."""
    thumb = 1
    usable = [writer.symbol("local_function", text, thumb, binding=c.STB_LOCAL, type_=c.STT_FUNC)]
    unused = []
    for index, _, flags, _ in sections:
        if draw(st.booleans()):
            (usable if flags & A else unused).append(writer.symbol("", index, 0, binding=c.STB_LOCAL, type_=c.STT_SECTION))
    for number in range(draw(st.sampled_from((0, 1, 30, 300)))):
        index, _, flags, size = draw(st.sampled_from(sections)) if number < 30 else sections[number % len(sections)]
        symbol = writer.symbol(f"s{number}", index, size // 2, size=size, type_=c.STT_OBJECT)
        (usable if flags & A else unused).append(symbol)
    for number in range(draw(st.integers(0, 5))):
        alignment = 1 << draw(st.integers(0, 9))
        usable.append(
            writer.symbol(f"common{number}", c.SHN_COMMON, alignment, size=draw(st.integers(1, 99)), type_=c.STT_OBJECT)
        )
    usable.append(writer.symbol("f", text, thumb, size=2, type_=c.STT_FUNC))
    usable.append(writer.symbol("fixed", c.SHN_ABS, 0x1234, type_=c.STT_NOTYPE))
    usable.append(writer.symbol("printk"))
    usable.append(writer.symbol("nobody", binding=c.STB_WEAK))
    return usable


def _relocate(draw, writer, machine, section, symbols, text):
    index, type_, flags, size = section
    places = range(0, size - 3, 4)
    if type_ in _ARRAYS:
        entries = [(at, WORD[machine], symbols[0]) for at in places]
    elif flags & X:
        entries = []
    else:
        chosen = draw(st.lists(st.sampled_from(places), max_size=200, unique=True)) if places else []
        if draw(st.booleans()):
            chosen.sort()
        entries = [(at, WORD[machine], draw(st.sampled_from(symbols))) for at in chosen]
    if not flags & A:
        entries = [entry for entry in entries if entry[2] == symbols[0]]
    addends = [0] * len(entries) if machine == RISCV else None
    writer.relocate(index, entries, addends=addends)


def relaid(data, chance):
    """The same file with its pieces in another order, the section table among them."""
    elf = ElfFile.parse(data)
    table = elf.header.section_offset
    rows = [list(struct.unpack_from("<10I", data, table + 40 * index)) for index in range(len(elf.sections))]
    order = list(range(1, len(rows))) + [0]  # 0 stands for the section table
    chance.shuffle(order)
    body = bytearray(data[:52])
    for index in order:
        alignment = max(1, rows[index][8]) if index else 4
        body += bytes(-len(body) % alignment)
        if not index:
            at = len(body)
            body += bytes(40 * len(rows))
            continue
        start, size = rows[index][4], rows[index][5]
        rows[index][4] = len(body)
        if rows[index][1] != c.SHT_NOBITS:
            body += data[start : start + size]
    body[at : at + 40 * len(rows)] = b"".join(struct.pack("<10I", *row) for row in rows)
    struct.pack_into("<I", body, 32, at)
    return bytes(body)
