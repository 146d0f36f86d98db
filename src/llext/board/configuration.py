"""What a board is told about its firmware: by arguments for a bare board, by Kconfig for an application.

An application's firmware holds its values as absolute symbols CONFIG_*. A value that is n, or was never asked for, has no symbol;
of a text there is only that it is set: what the board needs of texts is in the section that names the board.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from llext.kernel import LogOptions, Settings

Value = Callable[[str, int], int]
"""(name without CONFIG_, value if there is no such symbol) -> the value."""
BANNER = "Booting Zephyr OS build"
"""CONFIG_BOOT_BANNER_STRING where nothing else is said."""


@dataclass(frozen=True)
class Configured:
    """How a board's firmware is configured.

    Attributes:
        kernel: What the kernel is told.
        log: How the log is written.
        mpu: Whether memory has rights.
        banner: What stands in the boot banner before the version; empty for no banner.
        llext: Whether extensions can be loaded.
        llext_log: The most talkative level of the loader's own messages, 0 for none.
        all_globals: Whether extensions export all their globals (CONFIG_LLEXT_IMPORT_ALL_GLOBALS).
        keeps_symbols: Whether symbol tables of extensions stay in memory (CONFIG_LLEXT_LOG_LEVEL_DBG).
        dynamic_heap: Whether the application gives the LLEXT heap (CONFIG_LLEXT_HEAP_DYNAMIC).
    """

    kernel: Settings = field(default_factory=Settings)
    log: LogOptions = field(default_factory=LogOptions)
    mpu: bool = True
    banner: str = ""
    llext: bool = True
    llext_log: int = 0
    all_globals: bool = False
    keeps_symbols: bool = False
    dynamic_heap: bool = False


def more_heap(wanted: Configured, kib: int) -> str:
    """How an application gives the LLEXT heap more memory.

    Args:
        wanted: Its configuration.
        kib: CONFIG_LLEXT_HEAP_SIZE.
    """
    if not wanted.llext:
        return "CONFIG_LLEXT=y and CONFIG_LLEXT_HEAP_SIZE=KiB in prj.conf"
    if wanted.dynamic_heap:
        return "llext_heap_init(memory, bytes), before the first load (CONFIG_LLEXT_HEAP_DYNAMIC=y)"
    return f"CONFIG_LLEXT_HEAP_SIZE=KiB in prj.conf, which is {kib} now"


def configured(value: Value, texts: Mapping[str, str]) -> Configured:
    """An application's configuration.

    Args:
        value: Its numbers.
        texts: Its texts by their names without CONFIG_.
    """
    return Configured(
        kernel=_kernel(value),
        log=_log(value),
        mpu=bool(value("ARM_MPU", 0) or value("RISCV_PMP", 0)),
        banner=texts.get("BOOT_BANNER_STRING", BANNER) if value("BOOT_BANNER", 0) else "",
        llext=bool(value("LLEXT", 0)),
        llext_log=value("LLEXT_LOG_LEVEL", 0) if value("LOG", 0) else 0,
        all_globals=bool(value("LLEXT_IMPORT_ALL_GLOBALS", 0)),
        keeps_symbols=bool(value("LLEXT_LOG_LEVEL_DBG", 0)),
        dynamic_heap=bool(value("LLEXT_HEAP_DYNAMIC", 0)),
    )


def _kernel(value: Value) -> Settings:
    return Settings(
        ticks_per_second=value("SYS_CLOCK_TICKS_PER_SEC", 10_000),
        cooperative=value("NUM_COOP_PRIORITIES", 0),
        preemptive=value("NUM_PREEMPT_PRIORITIES", 0),
        main_priority=_signed(value("MAIN_THREAD_PRIORITY", 0)),
        slice_milliseconds=value("TIMESLICE_SIZE", 0) if value("TIMESLICING", 0) else 0,
        slice_priority=_signed(value("TIMESLICE_PRIORITY", 0)),
        work_priority=_signed(value("SYSTEM_WORKQUEUE_PRIORITY", -1)),
        work_stack=value("SYSTEM_WORKQUEUE_STACK_SIZE", 1024),
        work_yields=not value("SYSTEM_WORKQUEUE_NO_YIELD", 0),
        system_heap=bool(value("HEAP_MEM_POOL_SIZE", 0)),
        boot_delay=value("BOOT_DELAY", 0),
    )


def _log(value: Value) -> LogOptions:
    mode = next((name for name in ("deferred", "minimal") if value(f"LOG_MODE_{name.upper()}", 0)), "immediate")
    return LogOptions(
        mode if value("LOG", 0) else "off",
        colour=bool(value("LOG_BACKEND_SHOW_COLOR", 0)),
        green=bool(value("LOG_INFO_COLOR_GREEN", 0)),
        threads=bool(value("LOG_THREAD_ID_PREFIX", 0)),
        stamps=_stamps(value),
        levels=bool(value("LOG_BACKEND_SHOW_LEVEL", 0)),
        buffer=value("LOG_BUFFER_SIZE", 1024),
        overflow=bool(value("LOG_MODE_OVERFLOW", 0)),
        printk=bool(value("LOG_PRINTK", 0)),
        threshold=value("LOG_PROCESS_TRIGGER_THRESHOLD", 10),
        sleep=value("LOG_PROCESS_THREAD_SLEEP_MS", 1000),
        startup=value("LOG_PROCESS_THREAD_STARTUP_DELAY_MS", 0),
        stack=value("LOG_PROCESS_THREAD_STACK_SIZE", 768),
        priority=_signed(value("LOG_PROCESS_THREAD_PRIORITY", 0)) if value("LOG_PROCESS_THREAD_CUSTOM_PRIORITY", 0) else None,
        thread=bool(value("LOG_PROCESS_THREAD", 0)),
    )


def _stamps(value: Value) -> str:
    """How the log's own times are written, as the headers say it of the application's messages."""
    if not value("LOG_BACKEND_SHOW_TIMESTAMP", 0):
        return "none"
    if value("LOG_OUTPUT_FORMAT_LINUX_TIMESTAMP", 0):
        return "linux"
    return "formatted" if value("LOG_BACKEND_FORMAT_TIMESTAMP", 0) else "plain"


def _signed(word: int) -> int:
    """A priority as it was written."""
    return word - (1 << 32) if word & 1 << 31 else word
