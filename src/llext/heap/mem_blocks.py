"""Zephyr's sys_mem_blocks, as far as the LLEXT heap of blocks needs it: one contiguous run of blocks for each request.

A request takes the first run that is long enough, and fails if blocks are no multiple of the alignment that it asks for (from Zephyr's
source). Which blocks are taken is no part of guest memory, so that it is kept here.
"""

from __future__ import annotations


class MemBlocks:
    """A heap of blocks.

    Args:
        address: Guest address of the first block.
        size: Bytes; what is no whole block is not used.
        block: Bytes of a block.
    """

    def __init__(self, address: int, size: int, block: int) -> None:
        self.address = address
        self.block = block
        self._taken = bytearray(size // block)
        self._runs: dict[int, int] = {}
        self.peak = 0
        """Most bytes in use since ``reset_peak``."""

    @property
    def allocated_bytes(self) -> int:
        """Bytes of the blocks in use."""
        return sum(self._taken) * self.block

    def reset_peak(self) -> None:
        """Counts the peak from now on."""
        self.peak = self.allocated_bytes

    def aligned_alloc(self, alignment: int, size: int) -> int | None:
        """The address of a run of blocks, None if there is none.

        Args:
            alignment: In bytes; 0 for any.
            size: In bytes.
        """
        count = -(-size // self.block)
        at = self._taken.find(bytes(count)) if count and self.block % max(alignment, 1) == 0 else -1
        if at < 0:
            return None
        self._taken[at : at + count] = b"\1" * count
        self._runs[at] = count
        self.peak = max(self.peak, self.allocated_bytes)
        return self.address + at * self.block

    def free(self, address: int) -> None:
        """Gives a run back."""
        at = (address - self.address) // self.block
        count = self._runs.pop(at)
        self._taken[at : at + count] = bytes(count)
