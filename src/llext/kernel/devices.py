"""Devices: the list in which their names are found. Their life is guest code (zephyr/runtime/kernel/devices.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.abi.catalogue.devices import DEVICE, DEVICE_STATE
from llext.kernel.registry import service

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

_NAME, _STATE = DEVICE.offsets["name"], DEVICE.offsets["state"]


@service("z_device_list")
def z_device_list(kernel: Kernel, device: int, there: int) -> None:
    """Puts a device on the list or takes it off."""
    devices = kernel.state.devices
    if device in devices:
        devices.remove(device)
    if there:
        devices.append(device)


@service("z_impl_device_get_binding")
def device_get_binding(kernel: Kernel, name: int) -> int:
    """The device of this name that is ready, or NULL."""
    wanted = kernel.guest.string(name, None) if name else b""
    for device in kernel.state.devices if wanted else ():
        if _ready(kernel, device) and kernel.guest.string(kernel.guest.word(device + _NAME), None) == wanted:
            return device
    return 0


def _ready(kernel: Kernel, device: int) -> bool:
    state = kernel.guest.read(kernel.guest.word(device + _STATE), DEVICE_STATE.size)
    return bool(DEVICE_STATE.read(state, "initialized")) and not DEVICE_STATE.read(state, "init_res")
