"""What else is asked of threads, and set for them."""

from llext.abi.catalogue.spec import ServiceSpec, service, syscall
from llext.abi.structs import CStruct, Member

RUNTIME_STATS = CStruct(
    "k_thread_runtime_stats",
    tuple(Member("uint64_t", name, 8) for name in ("execution_cycles", "total_cycles", "idle_cycles")),
)

STRUCTS: tuple[CStruct, ...] = (RUNTIME_STATS,)
SERVICES: tuple[ServiceSpec, ...] = (
    service("const char *k_thread_name_get(k_tid_t thread)"),
    syscall("int k_thread_name_copy(k_tid_t thread, char *buf, size_t size)"),
    service("const char *k_thread_state_str(k_tid_t thread_id, char *buf, size_t buf_size)"),
    syscall("void k_thread_custom_data_set(void *value)"),
    syscall("void *k_thread_custom_data_get(void)"),
    service("int k_thread_runtime_stats_get(k_tid_t thread, k_thread_runtime_stats_t *stats)"),
    service("k_tid_t z_thread_before(k_tid_t thread)"),
    syscall("void k_thread_deadline_set(k_tid_t thread, int deadline)"),
    syscall("void k_thread_absolute_deadline_set(k_tid_t thread, int deadline)"),
    syscall("void k_reschedule(void)"),
    service("void k_sched_time_slice_set(int32_t slice, int prio)"),
    service(
        "void k_thread_time_slice_set(struct k_thread *th, int32_t slice_ticks, k_thread_timeslice_fn_t expired, void *data)"
    ),
    service("bool k_is_pre_kernel(void)"),
    service("bool k_can_yield(void)"),
    syscall("k_thread_stack_t *k_thread_stack_alloc(size_t size, int flags)"),
    syscall("int k_thread_stack_free(k_thread_stack_t *stack)"),
)
