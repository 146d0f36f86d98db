"""Puts the guest runtime of each board's CPU into the wheel, as an object and as an archive, so that no user compiles it."""

import os
import sys
import tempfile
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class RuntimeHook(BuildHookInterface):
    """Compiles the runtime objects; an editable install makes them on first use instead."""

    def initialize(self, version: str, build_data: dict) -> None:
        if version == "editable" or self.target_name != "wheel":
            return
        sys.path.insert(0, str(Path(self.root) / "src"))
        self._folder = tempfile.TemporaryDirectory(prefix="llext-wheel-")
        os.environ.setdefault("LLEXT_CACHE_DIR", self._folder.name)
        from llext.build.runtime import archive_name, make_archive, make_runtime, runtime_name
        from llext.target import board_names, load_target

        for target in map(load_target, board_names()):
            for name, make in ((runtime_name(target), make_runtime), (archive_name(target), make_archive)):
                path = Path(self._folder.name) / name
                path.write_bytes(make(target))
                build_data["force_include"][str(path)] = f"llext/zephyr/ready/{path.name}"

    def finalize(self, version: str, build_data: dict, artifact_path: str) -> None:  # noqa: ARG002 - hatchling's signature
        if hasattr(self, "_folder"):
            self._folder.cleanup()
