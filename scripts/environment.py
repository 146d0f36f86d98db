"""Makes .venv and installs what a script needs; then runs things in it. Needs nothing but Python 3.11+."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements-dev.lock"


def venv_program(name: str) -> str:
    """Path of a program in .venv."""
    return str(VENV / ("Scripts" if os.name == "nt" else "bin") / (name + (".exe" if os.name == "nt" else "")))


def ensure(*, development: bool) -> None:
    """Creates or completes .venv; does nothing if it is as it should be."""
    stamp = VENV / f".llext-{'dev' if development else 'run'}"
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + LOCK.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    if not Path(venv_program("python")).exists():
        print("making .venv ...", flush=True)
        subprocess.run([_python(), "-m", "venv", str(VENV)], check=True)
    print("installing ...", flush=True)
    command = [venv_program("python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # The project's own build needs no isolated environment: what it takes is installed beside it.
    tools = ["-r", str(LOCK)] if development else ["-c", str(LOCK), "hatchling", "editables"]
    subprocess.run([*command, *tools], check=True)
    subprocess.run([*command, "-c", str(LOCK), "--no-build-isolation", "-e", str(ROOT)], check=True)
    stamp.write_text(wanted)


def _python() -> str:
    """A Python of at least 3.11: this one, or a newer one on the PATH."""
    if sys.version_info >= (3, 11):
        return sys.executable
    for minor in range(20, 10, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            return found
    sys.exit("llext needs Python 3.11 or newer")


def run(*command: str, **options: object) -> int:
    """Runs a command of .venv in the project's folder and returns its exit code. Ctrl-C ends both, once the command has ended."""
    with subprocess.Popen([venv_program(command[0]), *command[1:]], cwd=ROOT, **options) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:  # which the command got too; pytest ends its processes and says where it was
            sys.exit(process.wait() or 130)
