"""What a line of the catalogue says."""

from __future__ import annotations

from dataclasses import dataclass

KERNEL = "zephyr/kernel.h"


@dataclass(frozen=True)
class ServiceSpec:
    """One service.

    Attributes:
        name: What C code writes.
        prototype: Its C prototype.
        header: Where it is declared.
        symbol: What the linker sees.
        trap: Whether it is entered by the supervisor call of fatal errors (Zephyr's ARCH_EXCEPT) instead of a stub.
    """

    name: str
    prototype: str
    header: str
    symbol: str
    trap: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Every symbol that leads to it: extensions of others may use either name of a system call."""
        return (self.symbol,) if self.symbol == self.name else (self.symbol, self.name)


def service(prototype: str, header: str = KERNEL, *, trap: bool = False) -> ServiceSpec:
    """A function that the linker sees under its own name."""
    name = _name(prototype)
    return ServiceSpec(name, prototype, header, name, trap)


def syscall(prototype: str, header: str = KERNEL) -> ServiceSpec:
    """A system call of Zephyr: firmware exports its implementation, z_impl_X, and headers refer to that."""
    name = _name(prototype)
    return ServiceSpec(name, prototype, header, f"z_impl_{name}")


def _name(prototype: str) -> str:
    return prototype.partition("(")[0].replace("*", " ").split()[-1]
