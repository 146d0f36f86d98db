"""Threads."""

from __future__ import annotations

from llext.abi.catalogue.parts import timeout, wait_q
from llext.abi.catalogue.spec import ServiceSpec, service, syscall
from llext.abi.structs import CStruct, Member

THREAD_NAME_BYTES = 32
"""CONFIG_THREAD_MAX_NAME_LEN."""

K_THREAD = CStruct(
    "k_thread",
    (
        Member("sys_dnode_t", "base.qnode_dlist", 4, 2, align=8),
        Member("_wait_q_t *", "base.pended_on"),
        Member("uint8_t", "base.user_options", 1),
        Member("uint8_t", "base.thread_state", 1),
        Member("int8_t", "base.prio", 1),
        Member("uint8_t", "base.sched_locked", 1),
        Member("void *", "base.swap_data"),
        *timeout("base.timeout"),
        Member("uint32_t", "callee_saved.words", 4, 14, align=4),
        Member("void *", "init_data"),
        wait_q("join_queue"),
        Member("struct k_thread *", "next_thread"),
        Member("char", "name", 1, THREAD_NAME_BYTES),
        Member("void *", "custom_data"),
        Member("int", "errno_var"),
        Member("uintptr_t", "stack_info.start"),
        Member("size_t", "stack_info.size"),
        Member("size_t", "stack_info.delta"),
        Member("struct k_heap *", "resource_pool"),
        Member("uintptr_t", "tls"),
        Member("uint32_t", "arch.words", 4, 6),
    ),
)

STRUCTS: tuple[CStruct, ...] = (K_THREAD,)
SERVICES: tuple[ServiceSpec, ...] = (
    syscall(
        "k_tid_t k_thread_create(struct k_thread *new_thread, k_thread_stack_t *stack, size_t stack_size, "
        "k_thread_entry_t entry, void *p1, void *p2, void *p3, int prio, uint32_t options, k_timeout_t delay)"
    ),
    syscall("void k_thread_start(k_tid_t thread)"),
    syscall("void k_thread_abort(k_tid_t thread)"),
    syscall("int k_thread_join(struct k_thread *thread, k_timeout_t timeout)"),
    syscall("void k_thread_suspend(k_tid_t thread)"),
    syscall("void k_thread_resume(k_tid_t thread)"),
    syscall("int32_t k_sleep(k_timeout_t timeout)"),
    syscall("int32_t k_usleep(int32_t us)"),
    syscall("void k_wakeup(k_tid_t thread)"),
    syscall("void k_yield(void)"),
    syscall("void k_thread_priority_set(k_tid_t thread, int prio)"),
    syscall("int k_thread_priority_get(k_tid_t thread)"),
    service("void k_sched_lock(void)"),
    service("void k_sched_unlock(void)"),
    syscall("k_tid_t k_sched_current_thread_query(void)"),
    syscall("int k_is_preempt_thread(void)"),
    syscall("int k_thread_name_set(k_tid_t thread, const char *str)"),
    syscall("int k_thread_stack_space_get(const struct k_thread *thread, size_t *unused_ptr)"),
)
