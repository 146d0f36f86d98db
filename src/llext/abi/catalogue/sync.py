"""Mutexes, condition variables, events."""

from __future__ import annotations

from llext.abi.catalogue.parts import wait_q
from llext.abi.catalogue.spec import ServiceSpec, syscall
from llext.abi.structs import CStruct, Member

K_MUTEX = CStruct(
    "k_mutex",
    (
        wait_q(),
        Member("struct k_thread *", "owner"),
        Member("uint32_t", "lock_count"),
        Member("int", "owner_orig_prio"),
    ),
)
K_CONDVAR = CStruct("k_condvar", (wait_q(),))
K_EVENT = CStruct("k_event", (wait_q(), Member("uint32_t", "events")))

_WAIT = "(struct k_event *event, uint32_t events, bool reset, k_timeout_t timeout)"

STRUCTS: tuple[CStruct, ...] = (K_MUTEX, K_CONDVAR, K_EVENT)
SERVICES: tuple[ServiceSpec, ...] = (
    syscall("int k_mutex_init(struct k_mutex *mutex)"),
    syscall("int k_mutex_lock(struct k_mutex *mutex, k_timeout_t timeout)"),
    syscall("int k_mutex_unlock(struct k_mutex *mutex)"),
    syscall("int k_condvar_init(struct k_condvar *condvar)"),
    syscall("int k_condvar_signal(struct k_condvar *condvar)"),
    syscall("int k_condvar_broadcast(struct k_condvar *condvar)"),
    syscall("int k_condvar_wait(struct k_condvar *condvar, struct k_mutex *mutex, k_timeout_t timeout)"),
    syscall("void k_event_init(struct k_event *event)"),
    syscall("uint32_t k_event_post(struct k_event *event, uint32_t events)"),
    syscall("uint32_t k_event_set(struct k_event *event, uint32_t events)"),
    syscall("uint32_t k_event_set_masked(struct k_event *event, uint32_t events, uint32_t events_mask)"),
    syscall("uint32_t k_event_clear(struct k_event *event, uint32_t events)"),
    syscall(f"uint32_t k_event_wait{_WAIT}"),
    syscall(f"uint32_t k_event_wait_all{_WAIT}"),
    syscall(f"uint32_t k_event_wait_safe{_WAIT}"),
    syscall(f"uint32_t k_event_wait_all_safe{_WAIT}"),
)
