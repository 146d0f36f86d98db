"""Thread-local variables of the firmware, of which there is one: errno. It lies in each thread's struct k_thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.abi.catalogue.threads import K_THREAD
from llext.kernel.registry import service
from llext.kernel.state import STACK_PAINT, Thread
from llext.link import Symbol

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

ERRNO_OFFSET = 0
"""Of errno among a thread's variables, in bytes."""
_EVERY_THREAD = 0xFFFFFFFF
"""In place of an address: the emulation of thread-local variables asks for errno's (zephyr/support/emulated_tls.c)."""


def install_main(kernel: Kernel, cell: int, thread: int, control: int, name: str = "main") -> list[Symbol]:
    """Gives the kernel its main thread, and returns the symbols by which guest code finds errno.

    Args:
        kernel: Writes the function that tells the thread pointer, where the ISA has no register for it.
        cell: Address of a word in RAM that holds the thread pointer.
        thread: Address of its struct k_thread.
        control: Address of the record by which code with emulated thread-local variables reaches errno: size, alignment,
            address, initial value; 0 if the firmware has one of its own.
        name: Of the thread.
    """
    machine, facts = kernel.machine, kernel.machine.target.arch.thread_pointer
    block = thread + K_THREAD.offsets["errno_var"]
    kernel.thread_cell = cell
    machine.memory.write_word(cell, block - facts.bias)
    machine.set_thread_pointer(block - facts.bias)
    for index, word in enumerate((4, 4, _EVERY_THREAD, 0) if control else ()):
        machine.memory.write_word(control + 4 * index, word)
    size = machine.stack_top - machine.stack_bottom
    main = Thread(thread, 0, stack=machine.stack_bottom, stack_size=size, block=block, name=name)
    main.ticket = kernel.scheduler.ticket()
    stack = {"stack_info.start": machine.stack_bottom, "stack_info.size": size}
    K_THREAD.write(machine.memory.view(thread, K_THREAD.size), {"name": name.encode(), **stack})
    machine.memory.write(machine.stack_bottom, STACK_PAINT * size)
    kernel.state.threads[thread] = main
    kernel.state.ready.append((0, 0, main.ticket, thread))
    kernel.state.main = kernel.state.current = thread
    if kernel.trace is not None:
        kernel.trace.thread(main)
    kernel.mirror(main)
    symbols = [
        Symbol("errno", ERRNO_OFFSET, "kernel", code=False, thread=True),
        Symbol("__emutls_v.errno", control, "kernel", code=False),
    ]
    if facts.reader:
        symbols.append(Symbol(facts.reader, kernel.stubs.add_code(facts.reader_code(cell)), "kernel"))
    return symbols


@service("z_impl_z_errno")
def address_of_errno(kernel: Kernel) -> int:
    """Address of the running thread's errno."""
    return kernel.state.current + K_THREAD.offsets["errno_var"] + ERRNO_OFFSET
