"""What guest code may call, and who answers. Owns time and the console."""

from llext.kernel.exports import export, prototype_of
from llext.kernel.fatal import announce
from llext.kernel.kernel import Kernel, KernelState
from llext.kernel.thread import install_block

__all__ = ["Kernel", "KernelState", "announce", "export", "install_block", "prototype_of"]
