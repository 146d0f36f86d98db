"""How an application boots: what the guest runtime tells the kernel."""

from llext.abi.catalogue.spec import ServiceSpec, service
from llext.abi.structs import CStruct

STRUCTS: tuple[CStruct, ...] = ()
SERVICES: tuple[ServiceSpec, ...] = (
    service("void z_boot_kernel_runs(void)", "zephyr/init.h"),
    service("void z_boot_banner(void)", "zephyr/init.h"),
    service("void z_boot_main_returned(void)", "zephyr/init.h"),
)
