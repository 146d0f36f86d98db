"""Work: items, delays before them, and the queues whose threads do them."""

from __future__ import annotations

from dataclasses import replace

from llext.abi.catalogue.parts import slist, timeout, wait_q
from llext.abi.catalogue.spec import ServiceSpec, service
from llext.abi.catalogue.threads import K_THREAD
from llext.abi.structs import CStruct, Member


def _work(prefix: str = "") -> tuple[Member, ...]:
    return (
        Member("sys_snode_t", f"{prefix}node"),
        Member("k_work_handler_t", f"{prefix}handler"),
        Member("struct k_work_q *", f"{prefix}queue"),
        Member("uint32_t", f"{prefix}flags"),
    )


K_WORK = CStruct("k_work", _work())
K_WORK_DELAYABLE = CStruct("k_work_delayable", (*_work("work."), *timeout("timeout"), Member("struct k_work_q *", "queue")))
K_WORK_Q = CStruct(
    "k_work_q",
    (
        *(replace(member, name=f"thread.{member.name}") for member in K_THREAD.members),
        replace(slist("pending"), align=8),  # behind a struct k_thread, which is a multiple of that
        wait_q("notifyq"),
        wait_q("drainq"),
        Member("uint32_t", "flags"),
    ),
)
K_WORK_POLL = CStruct(
    "k_work_poll",
    (
        *_work("work."),
        Member("struct k_work_q *", "workq"),
        Member("bool", "poller.is_polling", 1),
        Member("uint8_t", "poller.mode", 1),
        Member("struct k_poll_event *", "events"),
        Member("int", "num_events"),
        Member("k_work_handler_t", "real_handler"),
        *timeout("timeout"),
        Member("int", "poll_result"),
    ),
)

STRUCTS: tuple[CStruct, ...] = (K_WORK, K_WORK_DELAYABLE, K_WORK_Q, K_WORK_POLL)
SERVICES: tuple[ServiceSpec, ...] = (
    service("void k_work_init(struct k_work *work, void (*handler)(struct k_work *work))"),
    service("int k_work_busy_get(const struct k_work *work)"),
    service("int k_work_submit(struct k_work *work)"),
    service("int k_work_submit_to_queue(struct k_work_q *queue, struct k_work *work)"),
    service("bool k_work_flush(struct k_work *work, struct k_work_sync *sync)"),
    service("int k_work_cancel(struct k_work *work)"),
    service("bool k_work_cancel_sync(struct k_work *work, struct k_work_sync *sync)"),
    service("void k_work_init_delayable(struct k_work_delayable *dwork, void (*handler)(struct k_work *work))"),
    service("int k_work_delayable_busy_get(const struct k_work_delayable *dwork)"),
    service("int k_work_schedule(struct k_work_delayable *dwork, k_timeout_t delay)"),
    service("int k_work_schedule_for_queue(struct k_work_q *queue, struct k_work_delayable *dwork, k_timeout_t delay)"),
    service("int k_work_reschedule(struct k_work_delayable *dwork, k_timeout_t delay)"),
    service("int k_work_reschedule_for_queue(struct k_work_q *queue, struct k_work_delayable *dwork, k_timeout_t delay)"),
    service("bool k_work_flush_delayable(struct k_work_delayable *dwork, struct k_work_sync *sync)"),
    service("int k_work_cancel_delayable(struct k_work_delayable *dwork)"),
    service("bool k_work_cancel_delayable_sync(struct k_work_delayable *dwork, struct k_work_sync *sync)"),
    service("void k_work_poll_init(struct k_work_poll *work, void (*handler)(struct k_work *work))"),
    service(
        "int k_work_poll_submit_to_queue(struct k_work_q *work_q, struct k_work_poll *work, struct k_poll_event *events, "
        "int num_events, k_timeout_t timeout)"
    ),
    service(
        "int k_work_poll_submit(struct k_work_poll *work, struct k_poll_event *events, int num_events, k_timeout_t timeout)"
    ),
    service("int k_work_poll_cancel(struct k_work_poll *work)"),
    service("void z_work_poll_begin(struct k_work_poll *work)"),
    service("void k_work_queue_init(struct k_work_q *queue)"),
    service(
        "void k_work_queue_start(struct k_work_q *queue, k_thread_stack_t *stack, size_t stack_size, int prio, "
        "const struct k_work_queue_config *cfg)"
    ),
    service("k_tid_t k_work_queue_thread_get(struct k_work_q *queue)"),
    service("int k_work_queue_drain(struct k_work_q *queue, bool plug)"),
    service("int k_work_queue_unplug(struct k_work_q *queue)"),
    service("void z_work_queue_begin(struct k_work_q *queue, const struct k_work_queue_config *cfg)"),
    service("int z_work_queue_stop(struct k_work_q *queue)"),
    service("struct k_work *z_work_next(struct k_work_q *queue)"),
    service("void z_work_done(struct k_work_q *queue)"),
)
