"""Files with the sizes of those that stock firmware was measured with (reference firmware.md 3)."""

from llext.elf import ElfFile, ElfWriter
from llext.elf import constants as c


def extension(shstrtab, strtab, sections, symbols, count):
    """A file with tables of exactly these sizes."""
    data = of_sizes(strtab, sections, symbols, count)
    elf = ElfFile.parse(data)
    assert elf.section(".shstrtab").size == shstrtab
    assert elf.section(".strtab").size == strtab
    assert elf.section(".symtab").size == 16 * symbols
    return data


def of_sizes(strtab, sections, symbols, count):
    """A file with so many symbols, of which so many count, and bytes of their names."""
    writer = ElfWriter(c.EM_ARM)
    indexes = {}
    for name, type_, flags, size in sections:
        data = b"" if type_ == c.SHT_NOBITS else bytes(size)
        indexes[name] = writer.section(name, data, type_=type_, flags=flags, size=size)
    table = indexes[".exported_sym"]
    for number in range(symbols - 1 - count - 2):
        writer.symbol("", indexes[".text"], number, binding=c.STB_LOCAL, type_=c.STT_SECTION)
    text = writer.symbol("n", indexes[".rodata"], 0, binding=c.STB_LOCAL, type_=c.STT_OBJECT)
    writer.symbol("", indexes[".text"], 0, binding=c.STB_LOCAL, type_=c.STT_SECTION)
    left = strtab - 1 - 2
    names = []
    for number in range(count):
        length = left // (count - number) - 1
        names.append(chr(97 + number) * length)
        left -= length + 1
    entries = [writer.symbol(name, indexes[".text"], 1, type_=c.STT_FUNC) for name in names]
    size = next(size for name, _, _, size in sections if name == ".exported_sym")
    writer.relocate(table, [row for n in range(size // 8) for row in ((8 * n, 2, text), (8 * n + 4, 2, entries[n % count]))])
    return writer.build()


PROG, AX, A, WA = c.SHT_PROGBITS, 6, 2, 3


def file_a():
    """11 sections; SHSTRTAB 95, STRTAB 29, TEXT 24, DATA 4, RODATA 8, BSS 16, EXPORT 16, SYMTAB 96, 3 symbols."""
    rows = [(".text", PROG, AX, 24), (".data", PROG, WA, 4), (".rodata", PROG, A, 8), (".bss", c.SHT_NOBITS, WA, 16),
            (".exported_sym", PROG, A, 16), (".comments.", PROG, 0, 5)]  # fmt: skip
    return extension(95, 29, rows, 6, 3)


def file_b():
    """13 sections; SHSTRTAB 122, STRTAB 264, TEXT 608, DATA 16, RODATA 125, BSS 45, EXPORT 32, SYMTAB 640, 11 symbols."""
    rows = [(".text", PROG, AX, 608), (".data", PROG, WA, 16), (".rodata", PROG, A, 125), (".bss", c.SHT_NOBITS, WA, 45),
            (".exported_sym", PROG, A, 32), (".comments.", PROG, 0, 5), (".more.comment.", PROG, 0, 5), (".and.others", PROG, 0, 3)]  # fmt: skip
    return extension(122, 264, rows, 40, 11)
