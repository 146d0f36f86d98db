"""The command line: words in, words out. What it knows, the library knows."""

from __future__ import annotations

import sys


def main(arguments: list[str] | None = None) -> int:
    """Runs ``llext``; 0, 1 if the build, the load or the guest failed, 2 for wrong usage, 130 for Ctrl-C.

    Every import is inside, so that Ctrl-C during the first milliseconds ends in a word too.
    """
    try:
        import signal

        _open_streams()
        from llext.cli.app import run

        code = run(arguments)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is said; the interpreter's own end would show a traceback
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return 130
    return code


def _open_streams() -> None:
    """Makes the standard streams what printing expects: open (a shell closes one by >&-), and unable to refuse a character."""
    import os

    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is the stream's
            setattr(sys, name, open(descriptor, "w" if descriptor else "r", closefd=False))  # noqa: SIM115
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # it is a text file by now


__all__ = ["main"]
