"""Interrupts."""

from llext.abi.catalogue.spec import ServiceSpec, service
from llext.abi.structs import CStruct

_IRQ = "zephyr/irq.h"

STRUCTS: tuple[CStruct, ...] = ()
SERVICES: tuple[ServiceSpec, ...] = (
    service("bool k_is_in_isr(void)"),
    service("void irq_offload(irq_offload_routine_t routine, const void *parameter)", "zephyr/irq_offload.h"),
    service(
        "int arch_irq_connect_dynamic(unsigned int irq, unsigned int priority, void (*routine)(const void *parameter), "
        "const void *parameter, uint32_t flags)",
        _IRQ,
    ),
    service("void arch_irq_enable(unsigned int irq)", _IRQ),
    service("void arch_irq_disable(unsigned int irq)", _IRQ),
    service("int arch_irq_is_enabled(unsigned int irq)", _IRQ),
    service("void z_wait_for_interrupt(void)"),
)
