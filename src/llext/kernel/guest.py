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

    def write_word(self, address: int, value: int) -> None:
        """Stores a word."""
        self.write(address, (value & 0xFFFFFFFF).to_bytes(4, "little"))

    def store(self, address: int, value: int, size: int) -> None:
        """Stores an integer of 1 to 8 bytes."""
        self.write(address, (value & (1 << 8 * size) - 1).to_bytes(size, "little"))

    def _check(self, address: int, size: int, needed: Permission, reason: str) -> None:
        if self._memory.block_of(address, max(1, size)) is None:
            raise MachineFault(reason, address)
        if not self._machine.guarded:
            return
        granule = self._machine.rights.granule
        for at in range(address & -granule, address + max(1, size), granule):
            if not self._machine.rights.raw(at) & needed:
                raise MachineFault(reason, max(at, address))
