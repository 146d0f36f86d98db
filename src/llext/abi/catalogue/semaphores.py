"""Semaphores."""

from llext.abi.catalogue.parts import dlist, wait_q
from llext.abi.catalogue.spec import ServiceSpec, syscall
from llext.abi.structs import CStruct, Member

K_SEM = CStruct("k_sem", (wait_q(), Member("unsigned int", "count"), Member("unsigned int", "limit"), dlist("poll_events")))

STRUCTS: tuple[CStruct, ...] = (K_SEM,)
SERVICES: tuple[ServiceSpec, ...] = (
    syscall("int k_sem_init(struct k_sem *sem, unsigned int initial_count, unsigned int limit)"),
    syscall("int k_sem_take(struct k_sem *sem, k_timeout_t timeout)"),
    syscall("void k_sem_give(struct k_sem *sem)"),
    syscall("void k_sem_reset(struct k_sem *sem)"),
)
