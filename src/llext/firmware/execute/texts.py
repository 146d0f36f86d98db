"""What a firmware's code wants to log or print, as text: read from the call, because the log itself does not run.

A log message of the deferred mode comes as a package: a word with its length, the address of the format, and its arguments as
va_arg has them, 64-bit ones at multiples of 8 (Zephyr's cbprintf packaging).
"""

from __future__ import annotations

from collections.abc import Callable

from llext.abi import VarArgs
from llext.arch import CallingConvention
from llext.elf import ElfFile
from llext.errors import LlextError
from llext.firmware.execute.emulated import Emulated
from llext.firmware.firmware import Firmware
from llext.kernel.printf import render

_LONGEST = 1024


def base_convention(firmware: Firmware, elf: ElfFile) -> CallingConvention:
    """How code of a file passes integers; all conventions of an ISA that are not known here do that alike."""
    conventions = firmware.arch.conventions
    return conventions.get(firmware.arch.powered_off.float_abi(elf)) or next(iter(conventions.values()))


_Teller = Callable[[Emulated], str]


class _Memory:
    """Guest memory as the formatter wants it: what cannot be read is shown as such."""

    def __init__(self, cpu: Emulated) -> None:
        self._cpu = cpu

    def string(self, address: int, limit: int | None) -> bytes:
        try:
            return self._cpu.memory.string(address, _LONGEST if limit is None else min(limit, _LONGEST))
        except LlextError:
            return b"(unreadable)"

    def store(self, address: int, value: int, size: int) -> None:
        """%n: nothing is stored for a text that nobody writes."""


def _variadic(named: int) -> _Teller:
    """The text of a call like printf's, its format the last of so many named arguments."""

    def tell(cpu: Emulated) -> str:
        convention = base_convention(cpu.firmware, cpu.firmware.image.elf)
        words = cpu.arguments()[: convention.core_registers]
        rest = VarArgs(words, named, cpu.memory.read, cpu.stack_pointer, 0, convention, cpu.firmware.arch.data_model)
        return _text(cpu, words[named - 1], rest)

    return tell


def _packaged(cpu: Emulated) -> str:
    """Of z_impl_z_log_msg_static_create(source, descriptor, package, data)."""
    package = cpu.argument(2)
    if not package:
        return "(binary data)"
    convention = base_convention(cpu.firmware, cpu.firmware.image.elf)
    rest = VarArgs((), convention.core_registers, cpu.memory.read, package, 8, convention, cpu.firmware.arch.data_model)
    return _text(cpu, cpu.memory.word(package + 4), rest)


def _plain(cpu: Emulated) -> str:
    return _Memory(cpu).string(cpu.argument(0), None).decode("utf-8", "backslashreplace")


def _counted(cpu: Emulated) -> str:
    """Of k_str_out(characters, count)."""
    address, count = cpu.argument(0), min(cpu.argument(1), _LONGEST)
    return cpu.memory.read(address, count).decode("utf-8", "backslashreplace")


def _text(cpu: Emulated, template: int, rest: VarArgs) -> str:
    memory = _Memory(cpu)
    return render(memory.string(template, None), rest, memory).decode("utf-8", "backslashreplace").rstrip("\r\n")


def _safe(teller: _Teller) -> _Teller:
    """What is no text: a package or format that leads nowhere."""

    def tell(cpu: Emulated) -> str:
        try:
            return teller(cpu)
        except LlextError:
            return "(unreadable)"

    return tell


TELLERS: tuple[tuple[str, _Teller], ...] = tuple(
    (name, _safe(teller))
    for name, teller in (
        ("printk", _variadic(1)),
        ("printf", _variadic(1)),
        ("assert_print", _variadic(1)),
        ("z_log_minimal_printk", _variadic(1)),
        ("z_impl_z_log_msg_simple_create_[012]", _variadic(3)),
        ("z_impl_z_log_msg_static_create", _packaged),
        ("puts", _plain),
        ("z_impl_k_str_out", _counted),
    )
)
"""Name of a function -> how its text is read; the texts of others are not."""
