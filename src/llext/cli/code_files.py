"""Files with code that a user names for an address or a log, and places in them given by hand: what cannot be right is refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from llext.debug.code import Code
from llext.elf import ElfFile
from llext.elf import constants as c
from llext.errors import ElfError, Errno, UsageError
from llext.firmware.image import FirmwareImage, known_arch

_ADDRESSES = 1 << 32
_FIRMWARE = "give the zephyr.elf of the firmware that wrote the log: build/zephyr/zephyr.elf."
_FILES = "give a zephyr.elf, or NAME_debug.elf of an extension; a .bin or .hex has no symbols."


def check_regular(path: Path, hint: str) -> None:
    """Refuses what is not there, and what is no regular file: a FIFO without a writer never ends.

    Raises:
        UsageError: it is such a thing.
    """
    if not path.exists():
        raise UsageError(f"{path}: no such file or folder", hint=hint, errno=Errno.ENOENT)
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "is no regular file"
        raise UsageError(f"{path}: {what}", hint=hint, errno=Errno.EINVAL)


def check_firmware(path: Path) -> None:
    """Refuses what is no firmware of an instruction set of ours.

    Raises:
        UsageError: it is none, or cannot be read.
        ElfError: it is malformed.
    """
    check_regular(path, _FIRMWARE)
    image = FirmwareImage.read(path)
    known_arch(image.elf, path)


def check_code(path: Path) -> None:
    """The same for a file that may be an extension's too."""
    check_regular(path, _FILES)
    try:
        elf = ElfFile.parse(path.read_bytes(), str(path))
    except ElfError as error:
        raise UsageError(error.message, hint=_FILES, errno=Errno.ENOEXEC) from error
    if elf.header.type == c.ET_CORE:
        raise UsageError(f"{path}: is a core dump, it has no symbols", hint=_FILES, errno=Errno.ENOEXEC)
    known_arch(elf, path)


def check_places(option: str, code: Code, places: Mapping[str, int]) -> None:
    """Refuses places given by hand that no section of a file can have.

    Args:
        option: The option as messages show it, up to the section: ``--at bad:``.
        code: The file.
        places: Section -> address.

    Raises:
        UsageError: one has none of its sections, or an address where it cannot lie.
    """
    bit = code.arch.code_symbol_bit if code.arch else 0
    for name, address in places.items():
        what, section = f"{option}{name}={address:#x}", code.sections.get(name)
        if section is None:
            has = ", ".join(code.sections) or "none"
            raise UsageError(f"{what}: {code.path} has no section {name}", hint=f"its sections are {has}.")
        if not 0 <= address <= _ADDRESSES - section.size:
            raise UsageError(
                f"{what}: its {section.size:#x} bytes lie from 0 to 0xffffffff",
                hint="give the address of the log's line '-s SECTION ADDRESS', in hex.",
            )
        if section.flags & c.SHF_EXECINSTR and address & bit:
            raise UsageError(
                f"{what}: an odd address has the Thumb bit, a section with Thumb code begins at an even one",
                hint=f"give {name}={address & ~bit:#x}, or for a function's address that without its offset in the section.",
            )
