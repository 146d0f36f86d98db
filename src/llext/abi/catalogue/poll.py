"""k_poll: waiting for the first of several objects."""

from __future__ import annotations

from llext.abi.catalogue.parts import dlist
from llext.abi.catalogue.spec import ServiceSpec, service, syscall
from llext.abi.structs import CStruct, Member

K_POLL_SIGNAL = CStruct("k_poll_signal", (dlist("poll_events"), Member("unsigned int", "signaled"), Member("int", "result")))
K_POLL_EVENT = CStruct(
    "k_poll_event",
    (dlist("_node"), Member("struct z_poller *", "poller"), Member("uint32_t", "bits"), Member("void *", "obj")),
)
"""``bits`` from the lowest: tag 8, type 6, state 7, mode 1."""

STRUCTS: tuple[CStruct, ...] = (K_POLL_SIGNAL, K_POLL_EVENT)
SERVICES: tuple[ServiceSpec, ...] = (
    service("void k_poll_event_init(struct k_poll_event *event, uint32_t type, int mode, void *obj)"),
    syscall("int k_poll(struct k_poll_event *events, int num_events, k_timeout_t timeout)"),
    syscall("void k_poll_signal_init(struct k_poll_signal *sig)"),
    syscall("void k_poll_signal_reset(struct k_poll_signal *sig)"),
    syscall("void k_poll_signal_check(struct k_poll_signal *sig, unsigned int *signaled, int *result)"),
    syscall("int k_poll_signal_raise(struct k_poll_signal *sig, int result)"),
)
