"""What linking an extension for one firmware gives, and what the device has left to do. Addresses are the device's, sizes are bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from llext.firmware.identity import Identity


@dataclass(frozen=True)
class LinkedRegion:
    """A region in its place.

    Attributes:
        name: ``text``, ``rodata``, ``data``, ``bss``, ``export``, ``preinit``, ``init``, ``fini``.
        address: Where it is used.
        stored: Where the image has it; other than ``address`` if the device must copy it. Of zeroed memory the same.
        size: Its bytes.
        permission: ``rx``, ``r`` or ``rw``.
    """

    name: str
    address: int
    stored: int
    size: int
    permission: str


@dataclass(frozen=True)
class Copy:
    """Bytes that the device copies before it calls anything."""

    source: int
    target: int
    size: int


@dataclass(frozen=True)
class Zeroed:
    """Memory that the device clears before it calls anything."""

    address: int
    size: int


@dataclass(frozen=True)
class FunctionArray:
    """Pointers to functions that run in their order.

    Attributes:
        name: ``preinit``, ``init`` or ``fini``.
        address: Where the pointers stand.
        functions: What they hold, with the bit of the instruction set.
    """

    name: str
    address: int
    functions: tuple[int, ...]


@dataclass(frozen=True)
class Saved:
    """What the device is spared, compared with loading the file. Bytes.

    Attributes:
        file: The file's.
        symbols: Of its symbol tables.
        strings: Of names of symbols and sections.
        relocations: Of tables of relocations.
        relocated: Relocations that need not be applied at run time; a number.
        heap: Of the LLEXT heap in use when it is loaded; None if that is not known.
        peak: Of the LLEXT heap while it loads.
    """

    file: int
    symbols: int
    strings: int
    relocations: int
    relocated: int
    heap: int | None
    peak: int | None


@dataclass(frozen=True)
class Prelinked:
    """An extension that is linked for one firmware.

    Attributes:
        path: Its file.
        firmware: The firmware's.
        identity: Which firmware that is.
        image: What goes to the device.
        load_address: Where the image goes.
        regions: What it is made of, by address.
        imports: Name -> address of the firmware's export; None for a weak one that is not there.
        exports: Name -> address, with the bit of the instruction set.
        copies: What the device copies.
        zeroed: What it clears.
        init: What it runs then.
        fini: What it runs when it has done with the extension.
        elf: The linked debug ELF.
        debug: The file with the DWARF that it has; None if there was none.
        veneers: Bytes of jumps for branches that do not reach; 0 if all of them do.
        saved: What the device is spared.
        warnings: What else there is to know.
    """

    path: Path
    firmware: Path
    identity: Identity
    image: bytes
    load_address: int
    regions: tuple[LinkedRegion, ...]
    imports: Mapping[str, int | None]
    exports: Mapping[str, int]
    copies: tuple[Copy, ...]
    zeroed: tuple[Zeroed, ...]
    init: tuple[FunctionArray, ...]
    fini: tuple[FunctionArray, ...]
    elf: bytes
    debug: Path | None
    veneers: int
    saved: Saved
    warnings: tuple[str, ...]

    def write(self, output: Path, format_: str = "") -> list[Path]:
        """Writes the image, and ``OUTPUT_debug.elf`` beside it unless the image is that ELF.

        Args:
            output: The file.
            format_: ``bin``, ``hex`` or ``elf``; what the file's name ends in without it.

        Returns:
            The files, the image first.

        Raises:
            UsageError: a format that is not known, or a file that was read.
            BuildError: it cannot be written.
        """
        from llext.firmware.image_files import write_image

        return write_image(self, output, format_)
