"""Timers."""

from llext.abi.catalogue.parts import timeout, wait_q
from llext.abi.catalogue.spec import ServiceSpec, service, syscall
from llext.abi.structs import CStruct, Member

K_TIMER = CStruct(
    "k_timer",
    (
        *timeout("timeout"),
        wait_q(),
        Member("k_timer_expiry_t", "expiry_fn"),
        Member("k_timer_stop_t", "stop_fn"),
        Member("k_timeout_t", "period", 8),
        Member("uint32_t", "status"),
        Member("void *", "user_data"),
    ),
)

STRUCTS: tuple[CStruct, ...] = (K_TIMER,)
SERVICES: tuple[ServiceSpec, ...] = (
    service(
        "void k_timer_init(struct k_timer *timer, void (*expiry_fn)(struct k_timer *timer), "
        "void (*stop_fn)(struct k_timer *timer))"
    ),
    syscall("void k_timer_start(struct k_timer *timer, k_timeout_t duration, k_timeout_t period)"),
    syscall("uint32_t k_timer_status_get(struct k_timer *timer)"),
    service("bool z_timer_cancel(struct k_timer *timer)"),
    service("void z_timer_wait(struct k_timer *timer)"),
    service("void z_timer_wake(struct k_timer *timer)"),
    service("k_ticks_t z_timeout_remaining(const struct _timeout *timeout)"),
    service("k_ticks_t z_timeout_expires(const struct _timeout *timeout)"),
)
