"""How an application begins and ends: its main thread, the levels that run before it, and the time when nothing is left to do.

The levels themselves, constructors and threads are C of the guest runtime (``zephyr/runtime/kernel/boot.c``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.kernel.log import print_text
from llext.kernel.registry import service
from llext.kernel.scheduler import FOREVER
from llext.kernel.state import Options
from llext.kernel.threads import give_name, k_thread_create, k_thread_start

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel


def begin_main(kernel: Kernel, thread: int, stack: int, size: int, entry: int, priority: int) -> None:
    """Makes an application's main thread, ready to run.

    Args:
        kernel: The kernel.
        thread: Address of its struct k_thread.
        stack: Of its stack, the guard included.
        size: Bytes of the stack, without the guard.
        entry: The function that boots.
        priority: CONFIG_MAIN_THREAD_PRIORITY.
    """
    kernel.state.booting = True
    k_thread_create(kernel, thread, stack, size, entry, 0, 0, 0, priority, Options.ESSENTIAL, FOREVER)
    give_name(kernel, thread, b"main")
    kernel.state.application = thread
    k_thread_start(kernel, thread)


@service("z_boot_kernel_runs")
def z_boot_kernel_runs(kernel: Kernel) -> None:
    """Levels PRE_KERNEL are done: from now on threads may wait."""
    kernel.state.booting = False


@service("z_boot_banner")
def z_boot_banner(kernel: Kernel) -> None:
    """Before static constructors and level APPLICATION; after CONFIG_BOOT_DELAY."""
    delay = kernel.settings.boot_delay
    if delay > 0:
        print_text(kernel, b"***** delaying boot %dms (per build configuration) *****\n" % delay)
        kernel.advance(delay * 1_000_000)
    if kernel.banner:
        print_text(kernel, kernel.banner)


@service("z_boot_main_returned")
def z_boot_main_returned(kernel: Kernel) -> None:
    """The main thread is not essential any more; it ends, and the others go on."""
    kernel.current.options &= ~Options.ESSENTIAL
