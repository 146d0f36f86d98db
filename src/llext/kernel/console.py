"""printk, printf and their relatives: one formatter, one console."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.kernel.log import print_text
from llext.kernel.printf import Arguments, render
from llext.kernel.registry import service

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

_UNBOUNDED = 1 << 32


def _print(kernel: Kernel, template: int, arguments: Arguments) -> int:
    memory = kernel.guest
    text = render(memory.string(template, None), arguments, memory)
    kernel.write_console(text)
    return len(text)


def _store(kernel: Kernel, target: int, size: int, template: int, arguments: Arguments) -> int:
    """C11 7.21.6.5: at most size bytes with the NUL, and the length that the whole would have had."""
    memory = kernel.guest
    text = render(memory.string(template, None), arguments, memory)
    if size:
        memory.write(target, text[: size - 1] + b"\0")
    return len(text)


@service("printk")
def printk(kernel: Kernel, template: int, arguments: Arguments) -> None:
    """Formats to the console."""
    print_text(kernel, render(kernel.guest.string(template, None), arguments, kernel.guest))


@service("vprintk")
def vprintk(kernel: Kernel, template: int, va_list: int) -> None:
    """Formats to the console, arguments from a va_list."""
    printk(kernel, template, kernel.va_list(va_list))


@service("printf")
def printf(kernel: Kernel, template: int, arguments: Arguments) -> int:
    """Formats to the console and returns the length."""
    return _print(kernel, template, arguments)


@service("snprintf")
@service("snprintk")
def snprintf(kernel: Kernel, target: int, size: int, template: int, arguments: Arguments) -> int:
    """Formats to memory."""
    return _store(kernel, target, size, template, arguments)


@service("vsnprintf")
@service("vsnprintk")
def vsnprintf(kernel: Kernel, target: int, size: int, template: int, va_list: int) -> int:
    """Formats to memory, arguments from a va_list."""
    return _store(kernel, target, size, template, kernel.va_list(va_list))


@service("z_format_piece")
def format_piece(kernel: Kernel, target: int, size: int, skipped: int, template: int, va_list: int) -> int:
    """Formats as much as there is room for, from a place of the text on; returns the length of all of it. For cbvprintf."""
    memory = kernel.guest
    text = render(memory.string(template, None), kernel.va_list(va_list), memory)
    memory.write(target, text[skipped : skipped + size])
    return len(text)


@service("sprintf")
def sprintf(kernel: Kernel, target: int, template: int, arguments: Arguments) -> int:
    """Formats to memory that is large enough."""
    return _store(kernel, target, _UNBOUNDED, template, arguments)


@service("vsprintf")
def vsprintf(kernel: Kernel, target: int, template: int, va_list: int) -> int:
    """The same, arguments from a va_list."""
    return _store(kernel, target, _UNBOUNDED, template, kernel.va_list(va_list))


@service("vprintf")
def vprintf(kernel: Kernel, template: int, va_list: int) -> int:
    """Formats to the console and returns the length, arguments from a va_list."""
    return _print(kernel, template, kernel.va_list(va_list))


@service("puts")
def puts(kernel: Kernel, text: int) -> int:
    """Writes a string and a line feed."""
    kernel.write_console(kernel.guest.string(text, None) + b"\n")
    return 0


@service("putchar")
def putchar(kernel: Kernel, character: int) -> int:
    """Writes one character."""
    kernel.write_console(bytes([character & 0xFF]))
    return character & 0xFF


@service("z_console_put")
def console_put(kernel: Kernel, byte: int) -> None:
    """Writes a byte as a serial port does."""
    kernel.write_console(bytes([byte & 0xFF]), raw=True)
