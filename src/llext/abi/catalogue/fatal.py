"""Fatal errors, and errno."""

from llext.abi.catalogue.spec import ServiceSpec, service
from llext.abi.structs import CStruct

STRUCTS: tuple[CStruct, ...] = ()
SERVICES: tuple[ServiceSpec, ...] = (
    ServiceSpec("z_impl_z_errno", "int *z_impl_z_errno(void)", "errno.h", "z_impl_z_errno"),
    service("void z_fatal_error(unsigned int reason, const struct arch_esf *esf)", "zephyr/fatal.h"),
    service("void k_fatal_halt(unsigned int reason)", "zephyr/fatal.h"),
    ServiceSpec("k_panic, k_oops", "void z_except_reason(unsigned int reason)", "zephyr/fatal.h", "z_except_reason", trap=True),
)
