"""What Kconfig decides about the kernel."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Values of an application's configuration, as far as the kernel's behaviour depends on them; Zephyr's defaults.

    Attributes:
        ticks_per_second: CONFIG_SYS_CLOCK_TICKS_PER_SEC.
        cooperative: CONFIG_NUM_COOP_PRIORITIES.
        preemptive: CONFIG_NUM_PREEMPT_PRIORITIES.
        main_priority: CONFIG_MAIN_THREAD_PRIORITY.
        slice_milliseconds: CONFIG_TIMESLICE_SIZE; 0 for no end, and without CONFIG_TIMESLICING.
        slice_priority: CONFIG_TIMESLICE_PRIORITY.
        work_priority: CONFIG_SYSTEM_WORKQUEUE_PRIORITY.
        work_stack: CONFIG_SYSTEM_WORKQUEUE_STACK_SIZE, in bytes.
        work_yields: Not CONFIG_SYSTEM_WORKQUEUE_NO_YIELD.
        system_heap: Whether CONFIG_HEAP_MEM_POOL_SIZE is more than 0.
        boot_delay: CONFIG_BOOT_DELAY, in milliseconds.
    """

    ticks_per_second: int = 10_000
    cooperative: int = 16
    preemptive: int = 15
    main_priority: int = 0
    slice_milliseconds: int = 20
    slice_priority: int = 0
    work_priority: int = -1
    work_stack: int = 1024
    work_yields: bool = True
    system_heap: bool = True
    boot_delay: int = 0

    @property
    def highest(self) -> int:
        """The most urgent priority of a thread."""
        return -self.cooperative

    @property
    def lowest(self) -> int:
        """The least urgent one of an application's thread."""
        return max(0, self.preemptive - 1) if self.preemptive else -1
