"""Applications with a mistake: written, run by the command line, and what it said."""

import re
from dataclasses import dataclass

from llext.cli.app import run

CMAKE = """cmake_minimum_required(VERSION 3.20)
find_package(Zephyr REQUIRED HINTS $ENV{ZEPHYR_BASE})
project(mistaken)
target_sources(app PRIVATE src/main.c)
"""
MAIN = """#include <zephyr/kernel.h>
int main(void)
{
	printk("hello\\n");
	return 0;
}
"""
SOUND = {"CMakeLists.txt": CMAKE, "prj.conf": "CONFIG_BOOT_BANNER=n\n", "src/main.c": MAIN}


@dataclass(frozen=True)
class Said:
    """What a run printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def message(self) -> str:
        """The last error with its hint."""
        return self.err[self.err.rfind("error: ") :].removeprefix("error: ").rstrip("\n")


def write_app(folder, files=(), without=()):
    """Writes a sound application with other files in it."""
    for name, text in {**SOUND, **dict(files)}.items():
        if name not in without:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def llext(capfd, *words):
    """Runs the command line in this process."""
    capfd.readouterr()
    code = run([str(word) for word in words])
    out, err = capfd.readouterr()
    return Said(code, out, err)


def refused(capfd, app, *words):
    """A run that must fail in words."""
    said = llext(capfd, "run", app, *words)
    assert said.code in (1, 2)
    assert said.out == ""
    assert "Traceback" not in said.err
    assert "stands above" not in said.err
    return said


def plain(text, app):
    """A message with the application's folder as APP, and nobody else's paths."""
    return re.sub(r"/\S*/llext/", "LLEXT/", text.replace(str(app), "APP"))
