"""What guest code may call, and who answers. Owns time and the console."""

from llext.kernel.boot import begin_main
from llext.kernel.errno_ import install_main
from llext.kernel.exports import export, prototype_of
from llext.kernel.extensions import Extensions
from llext.kernel.fatal import announce
from llext.kernel.in_use import in_use, power_off
from llext.kernel.interrupts import IRQS, raise_irq
from llext.kernel.kernel import Kernel
from llext.kernel.log import choose, say
from llext.kernel.log_lines import LogOptions
from llext.kernel.settings import Settings
from llext.kernel.state import KernelState
from llext.kernel.trace import Trace, TraceEvent
from llext.kernel.trace_file import rendered
from llext.kernel.work import install_work_queue

__all__ = [
    "IRQS",
    "Extensions",
    "Kernel",
    "KernelState",
    "LogOptions",
    "Settings",
    "Trace",
    "TraceEvent",
    "announce",
    "begin_main",
    "choose",
    "export",
    "in_use",
    "install_main",
    "install_work_queue",
    "power_off",
    "prototype_of",
    "raise_irq",
    "rendered",
    "say",
]
