"""Which functions of a firmware are answered instead of run, and with what: they need a running kernel, time, or hardware.

A table of names, as fnmatch patterns: the first line that fits counts. What is not here runs as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase, translate

from llext.firmware.execute.emulated import Emulated
from llext.firmware.execute.places import PAGE
from llext.firmware.execute.results import Answered
from llext.firmware.execute.texts import TELLERS


@dataclass(frozen=True)
class Answer:
    """One line of the table.

    Attributes:
        names: Patterns of names.
        why: What such a function needs.
        returns: What its callers get: a number, None for nothing (the result register stays as it is), "memory" for the address of
            zeroed memory.
        ends: Whether the call ends there: it does not return on a device either.
    """

    names: tuple[str, ...]
    why: str
    returns: int | str | None = 0
    ends: bool = False


_EAGAIN = -11
TABLE = (
    Answer(("z_fatal_error", "z_arm_fatal_error", "z_riscv_fatal_error", "k_sys_fatal_error_handler", "arch_system_halt",
            "assert_post_action", "z_except_reason", "z_do_kernel_oops", "abort", "_exit", "exit", "__stack_chk_fail",
            "z_impl_k_thread_abort"), "a fatal error or failed assertion", ends=True),
    Answer(("z_impl_k_mutex_lock", "z_impl_k_mutex_unlock", "z_impl_k_mutex_init", "k_mutex_*"), "a mutex: a current thread"),
    Answer(("z_impl_k_sem_*", "k_sem_*", "z_impl_k_condvar_*", "z_impl_k_event_*", "z_impl_k_poll*", "z_impl_k_msgq_*",
            "z_impl_k_queue_*", "z_impl_k_stack_*"), "an object of the kernel: threads that wait"),
    Answer(("z_pend_curr", "z_pend_curr_*"), "waiting: other threads", returns=_EAGAIN),
    Answer(("z_unpend_all", "z_unpend_first_thread", "z_unpend1_no_timeout", "z_sched_wake*", "z_sched_wait"), "a wait queue: threads"),
    Answer(("z_reschedule*", "z_swap*", "z_ready_thread", "z_pend_thread", "z_unpend_thread*", "k_sched_lock", "k_sched_unlock", "z_impl_k_yield",
            "z_impl_k_wakeup", "z_add_timeout", "z_abort_timeout"), "the scheduler: threads", returns=None),
    Answer(("z_impl_k_sleep", "z_impl_k_usleep", "k_msleep", "z_impl_k_busy_wait", "arch_busy_wait", "z_impl_k_timer_*"), "time"),
    Answer(("sys_clock_*", "z_impl_k_uptime_ticks", "z_impl_k_cycle_get*", "z_timer_cycle_get_32", "arch_timing_*"), "a clock"),
    Answer(("z_impl_z_log_*", "z_log_*", "z_impl_log_*", "log_flush", "log_process", "log_data_pending",
            "log_panic", "log_output_*", "log_backend_*", "z_impl_k_str_out", "printk", "vprintk", "z_vprintk", "printf",
            "vprintf", "puts", "putchar", "assert_print", "z_impl_zephyr_fputc", "z_impl_zephyr_write_stdout"), "log or console"),
    Answer(("arch_dcache_*", "arch_icache_*", "cache_data_*", "cache_instr_*", "sys_cache_*", "z_impl_sys_cache_*"), "a cache"),
    Answer(("k_mem_domain_*", "z_mem_domain_*", "arch_mem_domain_*", "arm_core_mpu_*", "z_arm_configure_*mpu*", "k_mem_update_flags",
            "arch_mem_map", "arch_mem_unmap", "z_riscv_pmp_*"), "memory protection: an MPU or MMU"),
    Answer(("z_spin_lock_valid", "z_spin_unlock_valid", "z_spin_lock_mem_coherent"), "a current CPU", returns=1),
    Answer(("z_spin_lock_set_owner", "sys_trace_*", "sys_port_trace_*"), "a current CPU", returns=None),
    Answer(("k_is_in_isr", "k_is_user_context", "arch_is_user_context", "k_is_pre_kernel"), "a current thread"),
    Answer(("z_impl_k_sched_current_thread_query", "z_impl_z_errno", "z_errno_wrap", "__errno", "__aeabi_read_tp"), "a current thread",
           returns="memory"),
)  # fmt: skip


_ANY = re.compile("|".join(translate(pattern) for answer in TABLE for pattern in answer.names))
"""Of thousands of functions few are in the table."""


def find(name: str) -> Answer | None:
    """The line of the table for a function."""
    if not _ANY.match(name):
        return None
    return next(answer for answer in TABLE if any(fnmatchcase(name, pattern) for pattern in answer.names))


class Answers:
    """The answered functions of one firmware, counted; and what they were asked to print.

    Attributes:
        log: Texts of log and console, in order.
    """

    def __init__(self, cpu: Emulated) -> None:
        self._cpu = cpu
        self._counts: dict[str, int] = {}
        self._returned: dict[str, int | None] = {}
        self._memory = cpu.reserve(PAGE, "memory of a thread that is not there")
        self.log: list[str] = []
        done: set[int] = set()
        for name, address in cpu.functions():
            answer = find(name)
            if answer is not None and address not in done:
                done.add(address)
                cpu.answer(address, self._handler(name, answer))

    def _handler(self, name: str, answer: Answer) -> Callable[[], int | None]:
        tell = next((teller for pattern, teller in TELLERS if fnmatchcase(name, pattern)), None)

        def reached() -> int | None:
            self._counts[name] = self._counts.get(name, 0) + 1
            if tell is not None:
                self.log.append(tell(self._cpu))
            if answer.ends:
                self._cpu.end(f"calls {name}: {answer.why}")
            return self._returns(name, answer)

        return reached

    def _returns(self, name: str, answer: Answer) -> int | None:
        value = self._memory if isinstance(answer.returns, str) else answer.returns
        self._returned[name] = value
        return value

    def took(self) -> Iterator[Answered]:
        """What was answered so far."""
        for name, count in sorted(self._counts.items()):
            answer = find(name)
            assert answer is not None
            yield Answered(name, count, self._returned.get(name), answer.why)
