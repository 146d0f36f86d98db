"""What a whole system has: chance, its end, and formatting piece by piece."""

from llext.abi.catalogue.spec import ServiceSpec, service, syscall
from llext.abi.structs import CStruct

_RANDOM, _REBOOT, _CBPRINTF = "zephyr/random/random.h", "zephyr/sys/reboot.h", "zephyr/sys/cbprintf.h"

STRUCTS: tuple[CStruct, ...] = ()
SERVICES: tuple[ServiceSpec, ...] = (
    syscall("void sys_rand_get(void *dst, size_t len)", _RANDOM),
    syscall("int sys_csrand_get(void *dst, size_t len)", _RANDOM),
    service("void sys_reboot(int type)", _REBOOT),
    service("size_t z_format_piece(char *to, size_t size, size_t skipped, const char *fmt, va_list ap)", _CBPRINTF),
)
