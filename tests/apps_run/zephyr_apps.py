"""The applications of tests/apps: copies of them in a path with blanks and letters that are not ASCII, built by either way."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from conftest import ROOT

from llext.build.firmware.project import cmake_folder, cmake_program, ninja_program

APPS = ROOT / "tests" / "apps"
NAMES = sorted(path.name for path in APPS.iterdir() if (path / "CMakeLists.txt").is_file())
ENDS = {"station": ("--for", "250ms")}
"""Words for applications that do not end by themselves."""
_STEP = re.compile(r"^\[\d+/\d+\] (.*)$", re.MULTILINE)
_HOSTILE = {
    "CFLAGS": "-funknown-option",
    "CXXFLAGS": "-funknown-option",
    "CC": "no-such-compiler",
    "ZEPHYR_BASE": "/nonexistent",
}
"""What a developer's shell may have, and must not matter."""


def expected(name):
    """What an application prints."""
    return (APPS / name / "console.txt").read_text()


@dataclass
class Copies:
    """Copies of applications, made when they are asked for."""

    folder: Path
    builds: dict[tuple[str, str], "Build"] = field(default_factory=dict)

    def app(self, name, purpose="app"):
        """A copy for a purpose."""
        copy = self.folder / purpose / f"{name} größer"
        if not copy.exists():
            shutil.copytree(APPS / name, copy)
        return copy

    def build(self, name, board, purpose="cmake"):
        """A copy that plain CMake and ninja have built, once."""
        key = (name, board, purpose)
        if key not in self.builds:
            build = Build(self.app(name, purpose), board)
            build.configure()
            build.steps()
            self.builds[key] = build
        return self.builds[key]


@dataclass
class Build:
    """A build folder outside of the application, by plain CMake and ninja."""

    app: Path
    board: str
    said: str = ""

    @property
    def folder(self):
        return self.app.parent / f"{self.app.name} build {self.board.replace('/', '_')}"

    @property
    def elf(self):
        return self.folder / "zephyr" / "zephyr.elf"

    def configure(self, *words):
        self.run(
            cmake_program(), "-B", self.folder, "-GNinja", f"-DCMAKE_MAKE_PROGRAM={ninja_program()}", f"-DBOARD={self.board}",
            f"-DZephyr_DIR={cmake_folder()}", *words, self.app,
        )  # fmt: skip

    def run(self, *words):
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, env={**os.environ, **_HOSTILE})
        self.said = done.stdout + done.stderr
        assert done.returncode == 0, self.said
        assert "CMake Warning" not in self.said, self.said
        return done.stdout + done.stderr

    def ninja(self, *words):
        return self.run(ninja_program(), "-C", self.folder, *words)

    def steps(self):
        """Builds, and returns what was done, in short words: sources by name, and what was made of them."""
        return {_short(step) for step in _STEP.findall(self.ninja())} - {"Re-checking globbed directories..."}

    def reasons(self):
        """Why ninja did something more just now; empty if it did nothing. Globs are looked at each time: that is CMake's way."""
        said = self.ninja("-d", "explain").splitlines()
        return [
            line for line in said if line.startswith("ninja explain:") and not re.search("verify_?globs", line, re.IGNORECASE)
        ]


def _short(step):
    if step.startswith("Re-running CMake"):
        return "cmake"
    if found := re.match(
        r"(?:Building \w+ object|Linking \w+ (?:executable|static library)|Linking|Generating|Packing) (.*)", step
    ):
        name = Path(found[1]).name
        return name.removesuffix(".obj")
    return step


def edit(path, before, after):
    """Changes a text file."""
    text = path.read_text()
    assert before in text, (path, before)
    path.write_text(text.replace(before, after))


def touch(path):
    """Makes a file look as if it was saved again."""
    path.write_bytes(path.read_bytes())
