"""A file for a firmware's loader: the bytes in RAM, and a struct llext_buf_loader for it.

read, seek and peek are the firmware's own where it has them; else they are answered at addresses of ours.
"""

from __future__ import annotations

from llext.firmware.execute.emulated import Emulated
from llext.firmware.execute.layouts import Layouts

_STORAGES = {"temporary": 0, "persistent": 1, "writable": 2, "file": 0}
"""Enum llext_storage_type; what comes from a file system is temporary and cannot be peeked at."""


class Source:
    """Where loaders of one run get their files from.

    Args:
        cpu: The firmware.
        layouts: Of its structures.
        storage: One of STORAGES.
    """

    def __init__(self, cpu: Emulated, layouts: Layouts, storage: str) -> None:
        self._cpu, self._layouts, self._storage = cpu, layouts, storage
        self._data, self._buffer, self._at = b"", 0, 0
        own = {name: cpu.symbol(f"llext_buf_{name}") for name in ("read", "seek", "peek")}
        self._own = layouts.buffer is not None and all(own.values())
        self._pointers = {name: address or 0 for name, address in own.items()} if self._own else self._answered()
        if storage == "file":
            self._pointers["peek"] = 0

    def _answered(self) -> dict[str, int]:
        bit = self._cpu.firmware.arch.emulator.code_bit
        found = {}
        for name, handler in (("read", self._read), ("seek", self._seek), ("peek", self._peek)):
            address = self._cpu.gate(f"{name} of the loader")
            self._cpu.answer(address, handler)
            found[name] = address | bit
        return found

    def _read(self) -> int:
        address, size = self._cpu.argument(1), self._cpu.argument(2)
        piece = self._data[self._at : self._at + size]
        self._cpu.store(address, piece)
        self._at += len(piece)
        return 0

    def _seek(self) -> int:
        self._at = min(self._cpu.argument(1), len(self._data))
        return 0

    def _peek(self) -> int:
        return self._buffer + self._cpu.argument(1)

    def open(self, data: bytes, name: str) -> tuple[int, int]:
        """Puts a file into RAM of its own, which stays.

        Returns:
            Addresses of its struct llext_loader and of its bytes.
        """
        cpu, layouts = self._cpu, self._layouts
        self._data, self._at = data, 0
        self._buffer = cpu.reserve(len(data), f"the file {name}")
        cpu.memory.write(self._buffer, data)
        size = layouts.buffer.size if layouts.buffer is not None else layouts.loader.size
        loader = cpu.reserve(size, f"struct llext_loader of {name}")
        for member, address in self._pointers.items():
            cpu.memory.write_word(loader + layouts.loader.offsets[member], address)
        if "storage" in layouts.loader.offsets:
            cpu.memory.write_word(loader + layouts.loader.offsets["storage"], _STORAGES[self._storage])
        if self._own and layouts.buffer is not None:
            cpu.memory.write_word(loader + layouts.buffer.offsets["buf"], self._buffer)
            cpu.memory.write_word(loader + layouts.buffer.offsets["len"], len(data))
        return loader, self._buffer
