"""What a board runs besides extensions: the bare board's stubs and runtime, or an application's zephyr.elf."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from llext.board.configuration import Configured
from llext.board.layout import MemoryLayout
from llext.kernel import Kernel
from llext.loader import Caller, Extension, Scope
from llext.machine import Machine
from llext.target import Target


class Firmware(Protocol):
    """One kind of firmware.

    Attributes:
        target: The board that it is for.
        layout: Where its parts lie.
        configured: What it asks of kernel and loader.
        log_room: Addresses of the log's thread and of its stack; 0 where it has none.
        debug_folder: Where debug files of the extensions that it embeds may be.
    """

    target: Target
    layout: MemoryLayout
    configured: Configured
    log_room: tuple[int, int]
    debug_folder: Path | None

    @property
    def more_heap(self) -> str:
        """How whoever needs it gives the LLEXT heap more memory, in words."""

    def intact(self) -> AbstractContextManager[None]:
        """In which what cannot be, of a file that firmware is read from, is told as damage of that file."""

    def protect(self, machine: Machine) -> None:
        """Gives each part of memory its rights."""

    def install(self, kernel: Kernel, scope: Scope) -> None:
        """Makes services and the thread of calls from Python, and the names that extensions see."""

    def load_runtime(self, machine: Machine, scope: Scope) -> None:
        """Loads what the kernel calls of guest code."""

    def runtime_address(self, name: str, scope: Scope) -> int:
        """Address of a function or object of the guest runtime."""

    def code(self, caller: Caller) -> tuple[Extension, ...]:
        """Its own code and data, as calls and reports see an extension's; nothing where it has no file."""

    def begin(self, kernel: Kernel) -> None:
        """Makes the thread that boots.

        Raises:
            UsageError: there is nothing to boot, or it was booted already.
        """
