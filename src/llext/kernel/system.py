"""Chance, which is the same in every run, and the end of a system that is to begin anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.kernel.registry import service
from llext.machine import MachineFault

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

_WORD = (1 << 64) - 1
_STEP, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
"""Of SplitMix64 (Steele, Lea and Flood, 2014)."""
_REBOOTS = {0: "warm", 1: "cold"}


@service("z_impl_sys_rand_get")
def sys_rand_get(kernel: Kernel, target: int, size: int) -> None:
    """Fills memory with what the board's seed leads to."""
    state, data = kernel.state, bytearray()
    while len(data) < size:
        state.chance = mixed = state.chance + _STEP & _WORD
        mixed = (mixed ^ mixed >> 30) * _FIRST & _WORD
        mixed = (mixed ^ mixed >> 27) * _SECOND & _WORD
        data += (mixed ^ mixed >> 31).to_bytes(8, "little")
    kernel.guest.write(target, bytes(data[:size]))


@service("z_impl_sys_csrand_get")
def sys_csrand_get(kernel: Kernel, target: int, size: int) -> int:
    """The same: nothing is secret on a virtual board."""
    sys_rand_get(kernel, target, size)
    return 0


@service("sys_reboot")
def sys_reboot(_kernel: Kernel, kind: int) -> None:
    """Ends the run: a board begins anew when another one is powered on."""
    raise MachineFault(f"{_REBOOTS.get(kind, f'type {kind}')} reboot (sys_reboot)", None)
