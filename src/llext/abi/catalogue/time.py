"""The clock."""

from llext.abi.catalogue.spec import ServiceSpec, service, syscall
from llext.abi.structs import CStruct

STRUCTS: tuple[CStruct, ...] = ()
SERVICES: tuple[ServiceSpec, ...] = (
    syscall("k_ticks_t k_uptime_ticks(void)"),
    service("uint32_t sys_clock_cycle_get_32(void)"),
    service("uint64_t sys_clock_cycle_get_64(void)"),
    service("int64_t z_clock_nanoseconds(void)"),
    service("bool z_busy_wait_until(int64_t nanoseconds)"),
)
