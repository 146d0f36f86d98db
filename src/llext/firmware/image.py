"""A stock zephyr.elf as it lies on a disk: its bytes by address, its symbols, its configuration.

Each Kconfig value that is set is an absolute symbol CONFIG_NAME: 1 for y, the number, 1 for any text; what is n has none
(measured on firmware of 3.7 and 4.0).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from llext.arch import ARCHES, Arch, arch_of_machine
from llext.elf import ElfFile, ElfSymbol, Section
from llext.elf import constants as c
from llext.errors import ElfError, Errno, UsageError
from llext.firmware.facts import Fact, assumed
from llext.target.kconfig.conf_files import read_conf

_STRIPPED = "the symbols CONFIG_* were stripped; --config .config tells it"


@dataclass(frozen=True)
class FirmwareImage:
    """One zephyr.elf.

    Attributes:
        path: Where it is.
        elf: Its contents.
        data: Its bytes.
        settings: What a .config says, by names without CONFIG_; empty without one.
        config: The .config's path.
    """

    path: Path
    elf: ElfFile
    data: bytes
    settings: Mapping[str, str] = field(default_factory=dict)
    config: Path | None = None

    @classmethod
    def read(cls, path: str | os.PathLike[str], config: str | os.PathLike[str] | None = None) -> FirmwareImage:
        """Reads a firmware.

        Raises:
            UsageError: it is no linked program.
            ConfigError: the .config cannot be read.
            ElfError: it is malformed.
        """
        where = Path(path)
        for each in filter(None, (where, Path(config) if config else None)):
            if each.exists() and not each.is_file():
                raise UsageError(
                    f"{each}: {'is a folder' if each.is_dir() else 'is no regular file'}", hint=_WANTED, errno=Errno.EINVAL
                )
        try:
            data = where.read_bytes()
        except OSError as error:
            raise UsageError(f"{where}: {error.strerror}", hint=_WANTED, errno=Errno.ENOENT) from None
        try:
            elf = ElfFile.parse(data, str(where))
        except ElfError as error:
            raise UsageError(f"{error.message}", hint=_WANTED, errno=Errno.ENOEXEC) from error
        if elf.header.type != c.ET_EXEC:
            raise UsageError(f"{where}: {_KINDS.get(elf.header.type, 'no linked program')}", hint=_WANTED, errno=Errno.ENOEXEC)
        return cls(where, elf, data, _settings(Path(config)) if config else {}, Path(config) if config else None)

    @cached_property
    def symbols(self) -> dict[str, ElfSymbol]:
        """Symbols by name, global ones before local ones."""
        local = {symbol.name: symbol for symbol in self.elf.symbols if symbol.binding == c.STB_LOCAL}
        return local | {symbol.name: symbol for symbol in self.elf.symbols if symbol.binding != c.STB_LOCAL}

    @cached_property
    def has_configuration(self) -> bool:
        """Whether values of its configuration are among the symbols."""
        return any(symbol.section == c.SHN_ABS and name.startswith("CONFIG_") for name, symbol in self.symbols.items())

    def option(self, name: str, default: int = 0) -> Fact[int]:
        """A value of the configuration: n is 0, y is 1, a text is 1."""
        if name in self.settings:
            return Fact(_number(self.settings[name]), f"CONFIG_{name} in {self.config}")
        symbol = self.symbols.get(f"CONFIG_{name}")
        if symbol is not None and symbol.section == c.SHN_ABS:
            return Fact(symbol.value, f"symbol CONFIG_{name}")
        if self.settings:
            return Fact(0, f"no CONFIG_{name} in {self.config}")
        if self.has_configuration:
            return Fact(0, f"no symbol CONFIG_{name}")
        return assumed(default, _STRIPPED)

    @cached_property
    def contradictions(self) -> tuple[str, ...]:
        """Options of which the .config says something else than the symbols."""
        told = {name.removeprefix("CONFIG_"): each.value for name, each in self.symbols.items() if each.section == c.SHN_ABS}
        both = self.settings.keys() & told.keys() if self.has_configuration else ()
        return tuple(sorted(name for name in both if _number(self.settings[name]) not in (told[name], 1)))

    def contents(self, address: int, size: int) -> bytes | None:
        """Bytes at an address, None where the file has none."""
        section = self.section_at(address, size)
        if section is None or section.type == c.SHT_NOBITS:
            return None
        start = address - section.address
        return bytes(self.elf.contents(section)[start : start + size])

    def section_at(self, address: int, size: int = 1) -> Section | None:
        """The loaded section that holds an address."""
        for section in self.elf.sections:
            if section.flags & c.SHF_ALLOC and section.address <= address and address + size <= section.address + section.size:
                return section
        return None

    def string(self, address: int, limit: int = 256) -> str | None:
        """A text that ends within a section; None where there is none."""
        section = self.section_at(address)
        if section is None or section.type == c.SHT_NOBITS:
            return None
        start = address - section.address
        data = bytes(self.elf.contents(section)[start : start + limit])
        text, end, _ = data.partition(b"\0")
        return text.decode("utf-8", "backslashreplace") if end else None

    def find(self, text: bytes) -> bool:
        """Whether a text is among its constants."""
        return any(
            text in bytes(self.elf.contents(section))
            for section in self.elf.sections
            if section.type == c.SHT_PROGBITS and section.flags & c.SHF_ALLOC and not section.flags & c.SHF_EXECINSTR
        )


_WANTED = "give the zephyr.elf of the firmware's build folder: build/zephyr/zephyr.elf. A .bin or .hex has no symbols."
_KINDS = {
    c.ET_REL: "is an object or an extension, no firmware",
    c.ET_DYN: "is a shared object, no firmware",
    c.ET_CORE: "is a core dump, no firmware",
}


def known_arch(elf: ElfFile, path: Path) -> Arch:
    """The instruction set of a file.

    Raises:
        UsageError: none of ours.
    """
    header = elf.header
    found = arch_of_machine(header.machine)
    if found is None or header.bits != found.bits or not header.little_endian:
        name = c.MACHINE_NAMES.get(header.machine, "another CPU")
        order = "" if header.little_endian else ", big-endian"
        ours = " and ".join(f"{arch.name} of {arch.bits} bit" for arch in ARCHES)
        raise UsageError(
            f"{path}: is for {name} (e_machine {header.machine}, {header.bits} bits{order}), which is not known here",
            hint=f"{ours}, little-endian, are: give the zephyr.elf, or the extension, of such a build.",
            errno=Errno.ENOEXEC,
        )
    return found


def _settings(path: Path) -> dict[str, str]:
    found = {each.name: each.text for each in read_conf(path).assignments}
    if not found:
        raise UsageError(
            f"{path}: has no line CONFIG_NAME=value",
            hint="give the .config of the firmware's build folder: build/zephyr/.config.",
        )
    return found


def _number(text: str) -> int:
    try:
        return {"y": 1, "n": 0}[text] if text in ("y", "n") else int(text, 0)
    except ValueError:
        return 1
