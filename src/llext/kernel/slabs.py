"""k_mem_slab: blocks of one size. The first word of a free block is the address of the next one, in guest memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.abi.catalogue.blocks import K_MEM_SLAB
from llext.errors import Errno
from llext.kernel.registry import service
from llext.kernel.sys_heaps import write_stats
from llext.machine import MachineFault

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

_BUFFER, _FREE, _BLOCKS, _SIZE, _USED, _MOST = (
    K_MEM_SLAB.offsets[name]
    for name in ("buffer", "free_list", "info.num_blocks", "info.block_size", "info.num_used", "info.max_used")
)


@service("k_mem_slab_init")
def k_mem_slab_init(kernel: Kernel, slab: int, buffer: int, size: int, blocks: int) -> int:
    """All blocks free, the lowest address first; -EINVAL if they are not aligned to words."""
    if (size | buffer) % 4:
        return -Errno.EINVAL
    kernel.guest.write(slab, bytes(K_MEM_SLAB.size))
    for at, value in ((_BUFFER, buffer), (_SIZE, size), (_BLOCKS, blocks)):
        kernel.guest.write_word(slab + at, value)
    _make_free_list(kernel, slab)
    return 0


def _make_free_list(kernel: Kernel, slab: int) -> None:
    buffer, size, blocks = (kernel.guest.word(slab + at) for at in (_BUFFER, _SIZE, _BLOCKS))
    following = 0
    for block in range(buffer + size * (blocks - 1), buffer - 1, -size) if size else ():
        kernel.guest.write_word(block, following)
        following = block
    kernel.guest.write_word(slab + _FREE, following)


def _first_free(kernel: Kernel, slab: int) -> int:
    """Head of the free list. One that K_MEM_SLAB_DEFINE made gets ready here, as firmware does it at boot."""
    guest = kernel.guest
    if not guest.word(slab + _FREE) and not guest.word(slab + _USED) and guest.word(slab + _BLOCKS):
        _make_free_list(kernel, slab)
    return guest.word(slab + _FREE)


@service("k_mem_slab_alloc")
def k_mem_slab_alloc(kernel: Kernel, slab: int, memory: int, timeout: int) -> int:
    """0; none free: -ENOMEM and NULL without waiting, -EAGAIN when the time is over."""
    guest = kernel.guest
    block = _first_free(kernel, slab)
    if block:
        guest.write_word(memory, block)
        guest.write_word(slab + _FREE, guest.word(block))
        used = guest.word(slab + _USED) + 1
        guest.write_word(slab + _USED, used)
        guest.write_word(slab + _MOST, max(used, guest.word(slab + _MOST)))
        return 0
    if not timeout:
        guest.write_word(memory, 0)
        return -Errno.ENOMEM
    guest.writable(memory, 4)
    return kernel.wait("k_mem_slab_alloc", slab, slab, timeout, data=(memory,))


@service("k_mem_slab_free")
def k_mem_slab_free(kernel: Kernel, slab: int, block: int) -> None:
    """To the first who waits, or first into the free list."""
    _check(kernel, slab, block)
    guest = kernel.guest
    waiter = kernel.scheduler.first(slab)
    if waiter is not None:
        guest.write_word(waiter.data[0], block)
        kernel.scheduler.wake(waiter)
        return
    guest.write_word(block, guest.word(slab + _FREE))
    guest.write_word(slab + _FREE, block)
    guest.write_word(slab + _USED, guest.word(slab + _USED) - 1)


def _check(kernel: Kernel, slab: int, block: int) -> None:
    """A fault for what is no block of the slab, or is free already; Zephyr would spoil the list in the latter case."""
    guest = kernel.guest
    if not _is_block(kernel, slab, block):
        message = f"k_mem_slab_free: Invalid memory pointer provided: {block:#010x} is no block of the slab at {slab:#010x}"
        raise MachineFault(message, None)
    link = guest.word(block)
    if link and not _is_block(kernel, slab, link):
        return  # a free block begins with a link
    free = guest.word(slab + _FREE)
    for _ in range(guest.word(slab + _BLOCKS)):
        if free == block:
            raise MachineFault(f"k_mem_slab_free: the block at {block:#010x} is free already", None)
        if not _is_block(kernel, slab, free):
            break
        free = guest.word(free)


def _is_block(kernel: Kernel, slab: int, address: int) -> bool:
    offset, size = address - kernel.guest.word(slab + _BUFFER), kernel.guest.word(slab + _SIZE)
    return size > 0 and 0 <= offset < size * kernel.guest.word(slab + _BLOCKS) and offset % size == 0


@service("k_mem_slab_runtime_stats_get")
def k_mem_slab_runtime_stats_get(kernel: Kernel, slab: int, stats: int) -> int:
    """Bytes free, allocated, and the most that ever were; -EINVAL for NULL."""
    if not slab or not stats:
        return -Errno.EINVAL
    blocks, size, used, most = (kernel.guest.word(slab + at) for at in (_BLOCKS, _SIZE, _USED, _MOST))
    write_stats(kernel, stats, size * (blocks - used), size * used, size * most)
    return 0


@service("k_mem_slab_runtime_stats_reset_max")
def k_mem_slab_runtime_stats_reset_max(kernel: Kernel, slab: int) -> int:
    """The most is what is allocated now; -EINVAL for NULL."""
    if not slab:
        return -Errno.EINVAL
    kernel.guest.write_word(slab + _MOST, kernel.guest.word(slab + _USED))
    return 0
