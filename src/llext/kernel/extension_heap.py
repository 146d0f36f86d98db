"""The LLEXT heap, where it is the application's own memory (CONFIG_LLEXT_HEAP_DYNAMIC)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.errors import Errno, HeapError
from llext.heap import SysHeap
from llext.kernel.extensions import extensions_of
from llext.kernel.registry import service

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel


@service("llext_heap_init")
def llext_heap_init(kernel: Kernel, memory: int, size: int) -> int:
    """0; -ENOSYS where the heap is not the application's, -EEXIST if it was given already, -EINVAL for fewer bytes than a heap needs."""
    extensions = extensions_of(kernel)
    if not extensions.dynamic:
        return -Errno.ENOSYS
    if extensions.heap_given:
        return -Errno.EEXIST
    if size:
        kernel.guest.write(memory, bytes(size))  # it is memory, all of it
    try:
        extensions.loader.heap = SysHeap.init(kernel.machine.memory.view(memory, size) if size else bytearray(), memory)
    except HeapError as error:
        extensions.loader.say("err", f"llext_heap_init: {error.message}")
        return -Errno.EINVAL
    extensions.heap_given = True
    return 0


@service("llext_heap_uninit")
def llext_heap_uninit(kernel: Kernel) -> int:
    """0; -ENOSYS, -EEXIST if there is none, -EBUSY while something is loaded."""
    extensions = extensions_of(kernel)
    if not extensions.dynamic:
        return -Errno.ENOSYS
    if not extensions.heap_given:
        return -Errno.EEXIST
    if extensions.loader.extensions:
        return -Errno.EBUSY
    extensions.loader.heap, extensions.heap_given = extensions.no_heap, False
    return 0


@service("llext_heap_init_harvard")
def llext_heap_init_harvard(kernel: Kernel, code: int, code_size: int, data: int, data_size: int) -> int:  # noqa: ARG001
    """-ENOSYS: no board of ours has memory for code that is not memory for data."""
    return -Errno.ENOSYS
