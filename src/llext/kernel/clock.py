"""Virtual time. Computing takes none; each look at the clock takes a fixed amount, so that polling loops end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.kernel.registry import service

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

TICKS_PER_SECOND = 10_000
"""CONFIG_SYS_CLOCK_TICKS_PER_SEC of a tickless board."""

READ_COST_NS = 1_000
"""What one look at the clock takes."""


@service("z_impl_k_uptime_ticks")
def uptime_ticks(kernel: Kernel) -> int:
    """Ticks since power-on."""
    kernel.state.nanoseconds += READ_COST_NS
    return kernel.state.nanoseconds * TICKS_PER_SECOND // 1_000_000_000


@service("sys_clock_cycle_get_32")
def cycles(kernel: Kernel) -> int:
    """Low word of the cycle counter, at the CPU's clock."""
    kernel.state.nanoseconds += READ_COST_NS
    return kernel.state.nanoseconds * kernel.machine.target.clock_hz // 1_000_000_000 & 0xFFFFFFFF
