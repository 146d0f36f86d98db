"""What other linkers make of an extension at the addresses of an image, and firmware that has all that an extension imports."""

import io
import subprocess

from elftools.elf.elffile import ELFFile
from stand_in import FLASH, RAM, stand_in

from llext.build.toolchain import zig_program
from llext.firmware import Firmware

BOARDS = {"arm": "mps2/an385", "riscv": "qemu_riscv32"}
AT = {isa: address + 0x40000 for isa, address in FLASH.items()}
VARIABLES = {isa: address + 0x10000 for isa, address in RAM.items()}
LLD = [str(zig_program()), "ld.lld", "-O0", "--no-relax"]
GNU = {
    "arm": ["arm-none-eabi-ld", "--no-warn-rwx-segments", "--no-warn-mismatch"],
    "riscv": ["riscv64-unknown-elf-ld", "-m", "elf32lriscv", "--no-warn-rwx-segments", "--no-relax"],
}
CONFIG = ("LLEXT", "LLEXT_HEAP_SIZE=8")


def undefined(path):
    """Names that a file does not define, as pyelftools reads it."""
    with path.open("rb") as file:
        symbols = ELFFile(file).get_section_by_name(".symtab").iter_symbols()
        return sorted(each.name for each in symbols if each["st_shndx"] == "SHN_UNDEF" and each.name)


def firmware_for(folder, isa, *extensions, **lacks):
    """A firmware that exports all that extensions import."""
    names = tuple(sorted({name for path in extensions for name in undefined(path)} | {"k_malloc"}))
    return Firmware(stand_in(folder, **({"isa": isa, "exports": names, "config": CONFIG} | lacks)))


def sections(elf, *, debug=False):
    """Address and bytes of each loaded section, or of each debug section, as pyelftools reads them."""
    found = {}
    for each in ELFFile(io.BytesIO(elf)).iter_sections():
        loaded = each["sh_flags"] & 2 and each["sh_type"] != "SHT_NOBITS"
        if each.name.startswith(".debug") if debug else loaded:
            found[each.name] = (each["sh_addr"], each.data())
    return found


def places(elf):
    """Address of each section that takes memory, zeroed ones too."""
    return {each.name: each["sh_addr"] for each in ELFFile(io.BytesIO(elf)).iter_sections() if each["sh_flags"] & 2}


def without_merge(data):
    """A file with SHF_MERGE and SHF_STRINGS cleared, because linkers merge strings, which is not placement."""
    out = bytearray(data)
    elf = ELFFile(io.BytesIO(data))
    for index in range(elf.num_sections()):
        at = elf["e_shoff"] + index * elf["e_shentsize"] + 8
        flags = int.from_bytes(out[at : at + 4], "little") & ~0x30
        out[at : at + 4] = flags.to_bytes(4, "little")
    return bytes(out)


def linked_by(linker, folder, path, made):
    """The ELF that another linker makes of a file, each section and each import at the address that it has in an image."""
    (folder / "in.o").write_bytes(without_merge(path.read_bytes()))
    rows = sorted(places(made.elf).items(), key=lambda row: row[1])
    lines = [f"  {name} {address:#x} : {{ KEEP(*({name})) }}" for name, address in rows]
    (folder / "t.ld").write_text("SECTIONS {\n" + "\n".join(lines) + "\n  /DISCARD/ : { *(.ARM.exidx*) }\n}\n")
    words = [word for name, at in made.imports.items() if at for word in ("--defsym", f"{name}={at:#x}")]
    command = [*linker, "-e", "0", "-T", "t.ld", *words, "in.o", "-o", "out.elf"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr
    return (folder / "out.elf").read_bytes()
