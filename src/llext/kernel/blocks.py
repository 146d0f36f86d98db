"""sys_mem_blocks: blocks of one size that can be had in a row, with a bitmap of those in use in guest memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from llext.abi.catalogue.blocks import SYS_BITARRAY, SYS_MEM_BLOCKS
from llext.errors import Errno
from llext.kernel.registry import service
from llext.kernel.sys_heaps import write_stats

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

_USED, _MOST = SYS_MEM_BLOCKS.offsets["info.used_blocks"], SYS_MEM_BLOCKS.offsets["info.max_used_blocks"]
_WORD = 4


class _Blocks(NamedTuple):
    """A struct sys_mem_blocks and its bitmap.

    Attributes:
        at: Address of the struct.
        blocks: How many.
        shift: Bits of the size of one.
        buffer: Address of the first.
        bundles: Address of the bitmap's words.
        bits: What is in use, the first block in bit 0.
    """

    at: int
    blocks: int
    shift: int
    buffer: int
    bundles: int
    bits: int

    def number(self, address: int) -> int:
        """Which block is at an address; -1 for none."""
        offset = address - self.buffer
        fits = 0 <= offset < self.blocks << self.shift and not offset & (1 << self.shift) - 1
        return offset >> self.shift if fits else -1

    def row(self, address: int, count: int) -> int:
        """The bits of so many blocks from an address on; 0 if they are not all there."""
        index = self.number(address)
        return ((1 << count) - 1) << index if 0 <= index <= self.blocks - count else 0

    def free_row(self, count: int) -> int:
        """The lowest of so many free blocks in a row; -1 for none."""
        mask = (1 << min(count, self.blocks + 1)) - 1
        return next((index for index in range(self.blocks - count + 1) if not self.bits & mask << index), -1)


def _found(kernel: Kernel, blocks: int) -> _Blocks:
    data = kernel.guest.read(blocks, SYS_MEM_BLOCKS.size)
    count, shift, buffer, bitmap = (
        SYS_MEM_BLOCKS.read(data, name) for name in ("info.num_blocks", "info.blk_sz_shift", "buffer", "bitmap")
    )
    bundles = kernel.guest.word(bitmap + SYS_BITARRAY.offsets["bundles"])
    size = _WORD * kernel.guest.word(bitmap + SYS_BITARRAY.offsets["num_bundles"])
    bits = int.from_bytes(kernel.guest.read(bundles, size), "little") & (1 << count) - 1
    return _Blocks(blocks, count, shift, buffer, bundles, bits)


def _keep(kernel: Kernel, blocks: _Blocks, bits: int) -> None:
    """Stores what is in use now, and the books of it."""
    size = -(-blocks.blocks // 32) * _WORD
    kernel.guest.write(blocks.bundles, bits.to_bytes(size, "little"))
    used = bits.bit_count()
    kernel.guest.write_word(blocks.at + _USED, used)
    kernel.guest.write_word(blocks.at + _MOST, max(used, kernel.guest.word(blocks.at + _MOST)))


@service("sys_mem_blocks_alloc")
def sys_mem_blocks_alloc(kernel: Kernel, blocks: int, count: int, out: int) -> int:
    """So many blocks, the lowest free ones, wherever they are: 0, -EINVAL, -ENOMEM."""
    if not blocks or not out:
        return -Errno.EINVAL
    if not count:
        return 0
    found = _found(kernel, blocks)
    free = [index for index in range(found.blocks) if not found.bits >> index & 1][:count]
    if len(free) < count:
        return -Errno.ENOMEM
    for at, index in enumerate(free):
        kernel.guest.write_word(out + _WORD * at, found.buffer + (index << found.shift))
    _keep(kernel, found, found.bits | _mask(free))
    return 0


@service("sys_mem_blocks_alloc_contiguous")
def sys_mem_blocks_alloc_contiguous(kernel: Kernel, blocks: int, count: int, out: int) -> int:
    """The first of so many blocks in a row, NULL for none: 0, -EINVAL, -ENOMEM."""
    if not blocks or not out:
        return -Errno.EINVAL
    if not count:
        kernel.guest.write_word(out, 0)
        return 0
    found = _found(kernel, blocks)
    index = found.free_row(count)
    if index < 0:
        return -Errno.ENOMEM
    kernel.guest.write_word(out, found.buffer + (index << found.shift))
    _keep(kernel, found, found.bits | (1 << count) - 1 << index)
    return 0


@service("sys_mem_blocks_get")
def sys_mem_blocks_get(kernel: Kernel, blocks: int, block: int, count: int) -> int:
    """These blocks: 0, -EINVAL for NULL, -ENOMEM if they are not all there and free."""
    if not blocks or not block:
        return -Errno.EINVAL
    if not count:
        return 0
    found = _found(kernel, blocks)
    row = found.row(block, count)
    if not row or found.bits & row:
        return -Errno.ENOMEM
    _keep(kernel, found, found.bits | row)
    return 0


@service("sys_mem_blocks_is_region_free")
def sys_mem_blocks_is_region_free(kernel: Kernel, blocks: int, block: int, count: int) -> int:
    """Whether these blocks are all there and free."""
    found = _found(kernel, blocks)
    row = found.row(block, count)
    return int(bool(row) and not found.bits & row)


@service("sys_mem_blocks_free")
def sys_mem_blocks_free(kernel: Kernel, blocks: int, count: int, given: int) -> int:
    """Gives blocks back: 0, -EINVAL, -EFAULT if one is foreign or not in use; the others are free then."""
    if not blocks or not given:
        return -Errno.EINVAL
    if not count:
        return 0
    found = _found(kernel, blocks)
    bits, result = found.bits, 0
    for at in range(count):
        index = found.number(kernel.guest.word(given + _WORD * at))
        if index < 0 or not bits >> index & 1:
            result = -Errno.EFAULT
        else:
            bits &= ~(1 << index)
    _keep(kernel, found, bits)
    return result


@service("sys_mem_blocks_free_contiguous")
def sys_mem_blocks_free_contiguous(kernel: Kernel, blocks: int, block: int, count: int) -> int:
    """Gives blocks in a row back: 0, -EINVAL, -EFAULT if one is foreign or not in use; none is free then."""
    if not blocks or not block:
        return -Errno.EINVAL
    if not count:
        return 0
    found = _found(kernel, blocks)
    row = found.row(block, count)
    if not row or found.bits & row != row:
        return -Errno.EFAULT
    _keep(kernel, found, found.bits & ~row)
    return 0


@service("sys_mem_blocks_runtime_stats_get")
def sys_mem_blocks_runtime_stats_get(kernel: Kernel, blocks: int, stats: int) -> int:
    """Bytes free, allocated, and the most that ever were; -EINVAL for NULL."""
    if not blocks or not stats:
        return -Errno.EINVAL
    found = _found(kernel, blocks)
    used, most = kernel.guest.word(blocks + _USED), kernel.guest.word(blocks + _MOST)
    write_stats(kernel, stats, found.blocks - used << found.shift, used << found.shift, most << found.shift)
    return 0


@service("sys_mem_blocks_runtime_stats_reset_max")
def sys_mem_blocks_runtime_stats_reset_max(kernel: Kernel, blocks: int) -> int:
    """The most is what is allocated now; -EINVAL for NULL."""
    if not blocks:
        return -Errno.EINVAL
    kernel.guest.write_word(blocks + _MOST, kernel.guest.word(blocks + _USED))
    return 0


def _mask(indexes: Iterable[int]) -> int:
    return sum(1 << index for index in indexes)
