"""The thread block: variables of which every thread has its own; of the firmware's there is errno."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.kernel.registry import service
from llext.link import Symbol

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

ERRNO_OFFSET = 0
"""Of errno in a thread's block, in bytes."""
CONTROL_OFFSET = 64
"""Of the record by which code with emulated thread-local variables reaches errno: size, alignment, address, initial value."""


def install_block(kernel: Kernel, cell: int, block: int) -> list[Symbol]:
    """Gives the main thread its block and returns the symbols by which guest code finds what is in it.

    Args:
        kernel: Writes the function that tells the thread pointer, where the ISA has no register for it.
        cell: Address of a word in RAM that holds the thread pointer.
        block: Address of the first thread-local variable.
    """
    facts = kernel.machine.target.arch.thread_pointer
    pointer = block - facts.bias
    kernel.machine.memory.write_word(cell, pointer)
    kernel.machine.set_thread_pointer(pointer)
    control = block + CONTROL_OFFSET
    for index, word in enumerate((4, 4, block + ERRNO_OFFSET, 0)):
        kernel.machine.memory.write_word(control + 4 * index, word)
    symbols = [
        Symbol("errno", ERRNO_OFFSET, "kernel", code=False, thread=True),
        Symbol("__emutls_v.errno", control, "kernel", code=False),
    ]
    if facts.reader:
        symbols.append(Symbol(facts.reader, kernel.add_code(facts.reader_code(cell)), "kernel"))
    return symbols


@service("z_impl_z_errno")
def address_of_errno(kernel: Kernel) -> int:
    """Address of the running thread's errno."""
    return kernel.thread_block + ERRNO_OFFSET
