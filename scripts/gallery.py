"""Writes docs/gallery.md: the programs of examples/broken, each with what ``llext run`` prints of it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from llext.target import DEFAULT_BOARD, load_target

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "gallery.md"
FOLDER = Path("examples") / "broken"
GROUPS = {
    "Pointers": (
        "null_store",
        "null_member",
        "constant_store",
        "code_store",
        "firmware_store",
        "overrun",
        "unmapped",
        "unaligned",
    ),
    "Jumps": ("null_call", "wild_jump", "even_address", "data_jump", "stack_jump", "smashed_return"),
    "The stack": ("recursion", "large_local"),
    "Instructions": ("undefined", "supervisor_call", "endless"),
    "The firmware": ("bad_string", "free_nothing", "assertion", "panic", "oops"),
}
ELSEWHERE = {"unaligned": "qemu_cortex_m0"}
"""Programs that need another board."""
INTRODUCTION = """\
# A gallery of broken programs

What the virtual board says of code that does wrong. Each program is in [examples/broken](../examples/broken/README.md) and
was run as

    llext run -O0 --timeout 0.5 examples/broken/NAME.c

on mps2/an385, a Cortex-M3, unless another board is named. What you see is all that it printed: first the console of the board, with the words that Zephyr's
own fault handlers have, then the report. The same facts are in `--json`, and in Python in the `GuestFault` that was raised:
`reason`, `address`, `lies`, `file`, `line`, `chain`, `registers`. On a terminal the report has colours.

A chain of calls is certain where the extension's debug file has frame information; a call that was only found by scanning
the stack is marked *maybe*. After each of these faults the board works on: the extension can be unloaded, and another runs.

Addresses in the firmware's functions are shown as 0x........: they are others with every function that it gets.
`scripts/gallery` writes this page again.
"""


_ADDRESS = re.compile(r"\b0x[0-9a-f]{8}\b")
_FUNCTIONS = 0x2001
"""Above what lies at the same place in every firmware: its vectors, what calls return to, and the first of the stubs."""


def without_firmware(printed: str, code: str, board: str) -> str:
    """What a program printed, with addresses in the firmware's functions masked; numbers that are in its code stay."""
    end = load_target(board).flash.end
    its_own = {int(number, 16) for number in re.findall(r"\b0x[0-9a-fA-F]+\b", code)}

    def masked(found: re.Match[str]) -> str:
        value = int(found[0], 16)
        return "0x........" if _FUNCTIONS <= value < end and value not in its_own else found[0]

    return _ADDRESS.sub(masked, printed)


def shown(name: str) -> str:
    """One program: title, why, code, what was printed."""
    source = FOLDER / f"{name}.c"
    text = (ROOT / source).read_text()
    comment, code = re.fullmatch(r"/\* (.*?) \*/\n(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    title, _, why = (line.strip(" *\n") for line in comment.partition("\n"))
    code = re.sub(r"#include .*\n", "", code).strip()
    board = ["--board", ELSEWHERE[name]] if name in ELSEWHERE else []
    words = [sys.executable, "-m", "llext", "run", "-O0", "--timeout", "0.5", *board, str(source)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, (name, done)
    assert "guest fault: " in done.stderr, (name, done)
    printed = "\n".join(line.rstrip() for line in (done.stdout + done.stderr).splitlines())
    printed = without_firmware(printed, code, ELSEWHERE.get(name, DEFAULT_BOARD))
    return f"### {title}\n\n{' '.join(why.split())}\n\n```c\n{code}\n```\n\n```console\n$ llext run {' '.join(['-O0', *board])} {source}\n{printed}\n```\n"


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION]
    for group, names in GROUPS.items():
        parts += [f"## {group}\n", *(shown(name) for name in names)]
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page())
