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
    kernel.advance(READ_COST_NS)
    return kernel.scheduler.now


@service("sys_clock_cycle_get_32")
def cycles(kernel: Kernel) -> int:
    """Low word of the cycle counter, at the CPU's clock."""
    return cycles_64(kernel) & 0xFFFFFFFF


@service("sys_clock_cycle_get_64")
def cycles_64(kernel: Kernel) -> int:
    """The cycle counter, at the CPU's clock."""
    kernel.advance(READ_COST_NS)
    return kernel.state.nanoseconds * kernel.machine.target.clock_hz // 1_000_000_000


@service("z_clock_nanoseconds")
def nanoseconds(kernel: Kernel) -> int:
    """Nanoseconds since power-on, for k_busy_wait: this look takes no time."""
    return kernel.state.nanoseconds


@service("z_busy_wait_until")
def busy_wait_until(kernel: Kernel, end: int) -> int:
    """A step of k_busy_wait: lets time pass up to its end, or up to what is due before that and gets through: a turn's end too.

    Returns:
        Whether the end is still to come.
    """
    state = kernel.state
    until = [end]
    if not state.in_isr and kernel.machine.nesting == 1 and not kernel.machine.interrupts_masked:
        until += [kernel.scheduler.at(tick) for tick, *_ in state.timeouts[:1]]
        turn = kernel.turn_ends()
        until += [] if turn is None else [turn]
    kernel.advance(max(0, min(until) - state.nanoseconds))
    return int(state.nanoseconds < end)
