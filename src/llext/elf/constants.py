"""The numbers of the ELF format that this project uses (System V gABI, chapters 4 and 5)."""

from __future__ import annotations

MAGIC = b"\x7fELF"

# e_ident, gABI "ELF Identification"
EI_CLASS, EI_DATA = 4, 5
ELFCLASS32, ELFCLASS64 = 1, 2
ELFDATA2LSB, ELFDATA2MSB = 1, 2

# e_type
ET_REL, ET_EXEC, ET_DYN, ET_CORE = 1, 2, 3, 4
TYPE_NAMES = {0: "ET_NONE", 1: "ET_REL", 2: "ET_EXEC", 3: "ET_DYN", 4: "ET_CORE"}

# e_machine: the ones that an error message should be able to name
EM_386, EM_ARM, EM_XTENSA, EM_X86_64, EM_AARCH64, EM_RISCV = 3, 40, 94, 62, 183, 243
MACHINE_NAMES = {
    0: "no machine",
    2: "SPARC",
    3: "x86",
    8: "MIPS",
    20: "PowerPC",
    40: "Arm",
    62: "x86-64",
    93: "ARC",
    94: "Xtensa",
    183: "AArch64",
    195: "ARCv2",
    243: "RISC-V",
}

# p_type and p_flags
PT_LOAD = 1
PF_X, PF_W, PF_R = 1, 2, 4

# sh_type
SHT_NULL, SHT_PROGBITS, SHT_SYMTAB, SHT_STRTAB, SHT_RELA = 0, 1, 2, 3, 4
SHT_NOTE, SHT_NOBITS, SHT_REL, SHT_DYNSYM = 7, 8, 9, 11
SHT_INIT_ARRAY, SHT_FINI_ARRAY, SHT_PREINIT_ARRAY = 14, 15, 16
SHT_ARM_EXIDX, SHT_ARM_ATTRIBUTES = 0x70000001, 0x70000003
SECTION_TYPE_NAMES = {
    SHT_NULL: "NULL",
    SHT_PROGBITS: "PROGBITS",
    SHT_SYMTAB: "SYMTAB",
    SHT_STRTAB: "STRTAB",
    SHT_RELA: "RELA",
    SHT_NOTE: "NOTE",
    SHT_NOBITS: "NOBITS",
    SHT_REL: "REL",
    SHT_DYNSYM: "DYNSYM",
    SHT_INIT_ARRAY: "INIT_ARRAY",
    SHT_FINI_ARRAY: "FINI_ARRAY",
    SHT_PREINIT_ARRAY: "PREINIT_ARRAY",
    17: "GROUP",
    SHT_ARM_EXIDX: "ARM_EXIDX",
    SHT_ARM_ATTRIBUTES: "ATTRIBUTES",
}

# sh_flags
SHF_WRITE, SHF_ALLOC, SHF_EXECINSTR, SHF_MERGE, SHF_STRINGS, SHF_GROUP, SHF_TLS = 1, 2, 4, 0x10, 0x20, 0x200, 0x400

# special section indexes
SHN_UNDEF, SHN_LORESERVE, SHN_ABS, SHN_COMMON = 0, 0xFF00, 0xFFF1, 0xFFF2

# symbol binding and type
STB_LOCAL, STB_GLOBAL, STB_WEAK = 0, 1, 2
STT_NOTYPE, STT_OBJECT, STT_FUNC, STT_SECTION, STT_FILE, STT_COMMON, STT_TLS = 0, 1, 2, 3, 4, 5, 6
