"""Devices. What calls their init functions is guest code (zephyr/runtime/kernel/devices.c)."""

from llext.abi.catalogue.spec import ServiceSpec, service, syscall
from llext.abi.structs import CStruct, Member

_HEADER = "zephyr/device.h"

DEVICE_STATE = CStruct("device_state", (Member("uint8_t", "init_res", 1), Member("bool", "initialized", 1)))
DEVICE = CStruct(
    "device",
    (
        Member("const char *", "name"),
        Member("const void *", "config"),
        Member("const void *", "api"),
        Member("struct device_state *", "state"),
        Member("void *", "data"),
        Member("int (*", "ops.init"),
        Member("uint8_t", "flags", 1),
    ),
)

STRUCTS: tuple[CStruct, ...] = (DEVICE,)
SERVICES: tuple[ServiceSpec, ...] = (
    syscall("const struct device *device_get_binding(const char *name)", _HEADER),
    service("void z_device_list(const struct device *dev, bool there)", _HEADER),
)
