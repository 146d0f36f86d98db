"""The log, and what a failed assertion calls."""

from llext.abi.catalogue.spec import ServiceSpec, service
from llext.abi.structs import CStruct, Member

_LOG, _CONTROL, _ASSERT = "zephyr/logging/log.h", "zephyr/logging/log_ctrl.h", "zephyr/sys/__assert.h"

LOG_SOURCE = CStruct("log_source_const_data", (Member("const char *", "name"), Member("uint8_t", "level", 1)))

STRUCTS: tuple[CStruct, ...] = (LOG_SOURCE,)
SERVICES: tuple[ServiceSpec, ...] = (
    service(
        "void z_log(const struct log_source_const_data *source, uint32_t flags, const char *function, const char *fmt, ...)",
        _LOG,
    ),
    service(
        "void z_log_hexdump(const struct log_source_const_data *source, uint32_t flags, const void *data, size_t length, "
        "const char *str)",
        _LOG,
    ),
    service("void log_panic(void)", _CONTROL),
    service("bool log_process(void)", _CONTROL),
    service("uint32_t log_buffered_cnt(void)", _CONTROL),
    service("void z_log_wait(void)", _CONTROL),
    service("void assert_print(const char *fmt, ...)", _ASSERT),
    service("void assert_post_action(const char *file, unsigned int line)", _ASSERT),
)
