"""Guest memory as a service may touch it on behalf of its caller: with the caller's rights.

A service that is handed a bad pointer faults as the caller's own load or store would.
"""

from __future__ import annotations

from llext.errors import UsageError
from llext.machine import Machine, MachineFault, Permission


class GuestAccess:
    """Reads and writes for services; raises MachineFault where guest code could not."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._memory = machine.memory
        ram = machine.memory.block_of(machine.target.ram.address)
        assert ram is not None
        self._base, self._bytes = ram.start, ram.end - ram.start
        self._words = ram.view.cast("I")
        self._rights = (
            machine.rights.table_of(ram.start) if machine.guarded else bytes([7]) * (self._bytes // machine.rights.granule)
        )
        self._shift = machine.rights.granule.bit_length() - 1

    def read(self, address: int, size: int) -> bytes:
        """A copy of bytes."""
        self._check(address, size, Permission.READ, "read")
        return self._memory.read(address, size)

    def string(self, address: int, limit: int | None) -> bytes:
        """Bytes up to a NUL."""
        self._check(address, 1, Permission.READ, "read")
        try:
            return self._memory.string(address, limit)
        except UsageError:
            raise MachineFault("read", address) from None

    def writable(self, address: int, size: int) -> memoryview:
        """Bytes to write in place."""
        self._check(address, size, Permission.WRITE, "write")
        return self._memory.view(address, size)

    def write(self, address: int, data: bytes) -> None:
        """Stores bytes."""
        self.writable(address, len(data))[:] = data

    def word(self, address: int) -> int:
        """An unsigned 32-bit word."""
        at = address - self._base
        if 0 <= at < self._bytes and not at & 3 and self._rights[at >> self._shift] & 1:
            return self._words[at >> 2]
        return int.from_bytes(self.read(address, 4), "little")

    def write_word(self, address: int, value: int) -> None:
        """Stores a word."""
        at = address - self._base
        if 0 <= at < self._bytes and not at & 3 and self._rights[at >> self._shift] & 2:
            self._words[at >> 2] = value & 0xFFFFFFFF
            return
        self.write(address, (value & 0xFFFFFFFF).to_bytes(4, "little"))

    def store(self, address: int, value: int, size: int) -> None:
        """Stores an integer of 1 to 8 bytes."""
        self.write(address, (value & (1 << 8 * size) - 1).to_bytes(size, "little"))

    def _check(self, address: int, size: int, needed: Permission, reason: str) -> None:
        if self._memory.block_of(address, max(1, size)) is None:
            begins = self._memory.block_of(address)
            raise MachineFault(reason, address if begins is None else begins.end)
        if not self._machine.guarded:
            return
        granule = self._machine.rights.granule
        for at in range(address & -granule, address + max(1, size), granule):
            if not self._machine.rights.raw(at) & needed:
                raise MachineFault(reason, max(at, address))
