"""What threads hand each other: message queues, queues of items, stacks of words, pipes."""

from __future__ import annotations

from llext.abi.catalogue.parts import dlist, slist, wait_q
from llext.abi.catalogue.spec import ServiceSpec, service, syscall
from llext.abi.structs import CStruct, Member

K_MSGQ = CStruct(
    "k_msgq",
    (
        wait_q(),
        Member("size_t", "msg_size"),
        Member("uint32_t", "max_msgs"),
        Member("char *", "buffer_start"),
        Member("char *", "buffer_end"),
        Member("char *", "read_ptr"),
        Member("char *", "write_ptr"),
        Member("uint32_t", "used_msgs"),
        dlist("poll_events"),
        Member("uint8_t", "flags", 1),
    ),
)
K_MSGQ_ATTRS = CStruct(
    "k_msgq_attrs", (Member("size_t", "msg_size"), Member("uint32_t", "max_msgs"), Member("uint32_t", "used_msgs"))
)
K_QUEUE = CStruct("k_queue", (slist("data_q"), wait_q(), dlist("poll_events")))
K_STACK = CStruct(
    "k_stack",
    (
        wait_q(),
        Member("stack_data_t *", "base"),
        Member("stack_data_t *", "next"),
        Member("stack_data_t *", "top"),
        Member("uint8_t", "flags", 1),
    ),
)
K_PIPE = CStruct(
    "k_pipe",
    (
        Member("size_t", "waiting"),
        Member("uint8_t *", "buf.buffer"),
        Member("int32_t", "buf.put", 4, 3),
        Member("int32_t", "buf.get", 4, 3),
        Member("uint32_t", "buf.size"),
        wait_q("data"),
        wait_q("space"),
        Member("uint8_t", "flags", 1),
        dlist("poll_events"),
    ),
)
"""struct k_pipe of 4.1 and later; ``buf`` is a struct ring_buf: of its counters only how far put and get came is used."""

STRUCTS: tuple[CStruct, ...] = (K_MSGQ, K_MSGQ_ATTRS, K_QUEUE, K_STACK, K_PIPE)
SERVICES: tuple[ServiceSpec, ...] = (
    service("void k_msgq_init(struct k_msgq *msgq, char *buffer, size_t msg_size, uint32_t max_msgs)"),
    syscall("int k_msgq_alloc_init(struct k_msgq *msgq, size_t msg_size, uint32_t max_msgs)"),
    service("int k_msgq_cleanup(struct k_msgq *msgq)"),
    syscall("int k_msgq_put(struct k_msgq *msgq, const void *data, k_timeout_t timeout)"),
    syscall("int k_msgq_put_front(struct k_msgq *msgq, const void *data)"),
    syscall("int k_msgq_get(struct k_msgq *msgq, void *data, k_timeout_t timeout)"),
    syscall("int k_msgq_peek(struct k_msgq *msgq, void *data)"),
    syscall("int k_msgq_peek_at(struct k_msgq *msgq, void *data, uint32_t idx)"),
    syscall("void k_msgq_purge(struct k_msgq *msgq)"),
    syscall("void k_msgq_get_attrs(struct k_msgq *msgq, struct k_msgq_attrs *attrs)"),
    syscall("void k_queue_init(struct k_queue *queue)"),
    syscall("void k_queue_cancel_wait(struct k_queue *queue)"),
    service("void k_queue_append(struct k_queue *queue, void *data)"),
    syscall("int32_t k_queue_alloc_append(struct k_queue *queue, void *data)"),
    service("void k_queue_prepend(struct k_queue *queue, void *data)"),
    syscall("int32_t k_queue_alloc_prepend(struct k_queue *queue, void *data)"),
    service("void k_queue_insert(struct k_queue *queue, void *prev, void *data)"),
    service("int k_queue_append_list(struct k_queue *queue, void *head, void *tail)"),
    service("int k_queue_merge_slist(struct k_queue *queue, struct _slist *list)"),
    syscall("void *k_queue_get(struct k_queue *queue, k_timeout_t timeout)"),
    service("bool k_queue_remove(struct k_queue *queue, void *data)"),
    service("bool k_queue_unique_append(struct k_queue *queue, void *data)"),
    syscall("void *k_queue_peek_head(struct k_queue *queue)"),
    syscall("void *k_queue_peek_tail(struct k_queue *queue)"),
    service("void k_stack_init(struct k_stack *stack, uintptr_t *buffer, uint32_t num_entries)"),
    syscall("int32_t k_stack_alloc_init(struct k_stack *stack, uint32_t num_entries)"),
    service("int k_stack_cleanup(struct k_stack *stack)"),
    syscall("int k_stack_push(struct k_stack *stack, uintptr_t data)"),
    syscall("int k_stack_pop(struct k_stack *stack, uintptr_t *data, k_timeout_t timeout)"),
    syscall("void k_pipe_init(struct k_pipe *pipe, uint8_t *buffer, size_t buffer_size)"),
    syscall("int k_pipe_write(struct k_pipe *pipe, const uint8_t *data, size_t len, k_timeout_t timeout)"),
    syscall("int k_pipe_read(struct k_pipe *pipe, uint8_t *data, size_t len, k_timeout_t timeout)"),
    syscall("void k_pipe_reset(struct k_pipe *pipe)"),
    syscall("void k_pipe_close(struct k_pipe *pipe)"),
)
