"""Fills the pages of docs/examples: what commands print, and pieces of files.

A comment says what the block of code behind it holds:

    <!-- $ llext run examples/hello -->            what the command prints to its standard output
    <!-- $ python script.py | llext run ... -->    what the second prints, to which the first one's output is typed
    <!-- examples/hello/src/main.c -->             a file
    <!-- examples/hello/src/main.c: /int main/,/^}/ -->   lines of a file, from the first that matches to the next that does

The commands of ``llext run`` build in one folder, one after the other, as a reader runs them: what a command says behind -- stays for the next.
Addresses in what it prints are shown as 0x........, and long rows of hex digits as
<hex digits>: neither is the same on every board. Words of a page that are not in such a block are left alone.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "examples"
BLOCK = re.compile(r"^<!-- (?P<what>.+?) -->\n```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_ADDRESS, _DIGITS = re.compile(r"\b0x[0-9a-f]{8}\b"), re.compile(r"\b[0-9a-f]{64,}")
_LINES = re.compile(r"(?P<path>\S+): /(?P<first>.*)/,/(?P<last>.*)/")


def printed(command: str, build: Path, *more: str) -> str:
    """What a command of a page prints.

    Args:
        command: The command; of several with | between them, the last one prints.
        build: Where applications are built.
        more: Further words for ``llext run``, and for what makes its input.
    """
    output = ""
    for part in command.split(" | "):
        done = subprocess.run(_words(part, build, more), cwd=ROOT, input=output, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{part}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        output = done.stdout
    return "".join(_shown(line) + "\n" for line in output.splitlines())


def _words(command: str, build: Path, more: tuple[str, ...]) -> list[str]:
    words = shlex.split(command)
    if words[0] == "llext":
        words[:1] = [sys.executable, "-m", "llext"]
        if words[3] == "run":
            words[5:5] = ["-d", str(build), *more]
    elif words[0] == "python":
        words[:1] = [sys.executable]
        words += more
    return words


def _shown(line: str) -> str:
    """A line as pages show it."""
    return _DIGITS.sub("<hex digits>", _ADDRESS.sub("0x........", line.rstrip()))


def piece(what: str) -> str:
    """A file, or lines of it."""
    found = _LINES.fullmatch(what)
    if found is None:
        return (ROOT / what).read_text("utf-8")
    lines = (ROOT / found["path"]).read_text("utf-8").splitlines(keepends=True)
    first = next(at for at, line in enumerate(lines) if re.search(found["first"], line))
    last = next(at for at, line in enumerate(lines) if at > first and re.search(found["last"], line))
    return "".join(lines[first : last + 1])


def filled(page: str, run: Callable[[str], str]) -> str:
    """A page with its blocks made again."""

    def block(found: re.Match[str]) -> str:
        what = found["what"]
        text = f"{what}\n{run(what.removeprefix('$ '))}" if what.startswith("$ ") else piece(what)
        return f"<!-- {what} -->\n```{found['language']}\n{text}```"

    return BLOCK.sub(block, page)


def main() -> None:
    """All pages, or those that are named."""
    wanted = [Path(name) for name in sys.argv[1:]] or sorted(FOLDER.glob("*.md"))
    with tempfile.TemporaryDirectory(prefix="llext-pages-") as folder:
        for page in wanted:
            text = page.read_text("utf-8")
            build = Path(folder) / page.stem
            new = filled(text, lambda command, build=build: printed(command, build))  # type: ignore[misc]
            if new != text:
                page.write_text(new, "utf-8")
                print(page)


if __name__ == "__main__":
    main()
