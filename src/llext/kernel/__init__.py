"""What guest code may call, and who answers. Owns time and the console."""

from llext.kernel.exports import export, prototype_of
from llext.kernel.kernel import Kernel, KernelState

__all__ = ["Kernel", "KernelState", "export", "prototype_of"]
