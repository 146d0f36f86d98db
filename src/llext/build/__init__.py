"""C to ``.llext``, and the guest runtime object. Never imports the emulator."""

from llext.build.compile import SUFFIXES
from llext.build.extension import BuildOptions, BuildResult, build_extension
from llext.build.runtime import runtime_object

__all__ = ["SUFFIXES", "BuildOptions", "BuildResult", "build_extension", "runtime_object"]
