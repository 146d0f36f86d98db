"""An application folder to its zephyr.elf, by CMake and ninja: configured when it must be, else ninja alone.

What CMake cannot notice itself - another compiler, another llext, another board - is written into a stamp beside its cache; if
that differs, CMake begins anew. What the tools say is turned into the words that matter.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from llext import cache
from llext.build.firmware.earlier import STAMP, known_of, owner_of
from llext.build.firmware.noise import said, without_noise
from llext.build.processes import run
from llext.build.toolchain import HEADERS, zig_program
from llext.errors import BuildError, LlextError, UsageError
from llext.target import DEFAULT_BOARD, load_target
from llext.version import __version__

LOCK = ".llext-lock"
ERROR_FILE = "error.json"
"""In build/zephyr, what the helper that CMake runs found wrong."""
_PACKAGE = HEADERS.parent / "cmake"


@dataclass(frozen=True)
class Project:
    """An application and where it is built.

    Attributes:
        app: Its folder.
        build: The build folder.
        board: The board's name.
        defines: Words for CMake: -DCONFIG_X=y and the like.
        again: Whether these are of the last build, not of this one.
        strict: Whether an option of Kconfig that nobody knows is an error.
    """

    app: Path
    build: Path
    board: str
    defines: tuple[str, ...] = ()
    again: bool = False
    strict: bool = False

    @classmethod
    def of(cls, app: Path, build: Path | None = None, board: str | None = None, defines: Sequence[str] = (), *, strict: bool = False) -> Project:
        """A project; what is not given is as it was in the last build in that folder.

        Raises:
            UsageError: the folder holds no application, or two boards are named.
            TargetError: there is no such board.
        """
        _check_application(app)
        folder = build if build is not None else app / "build"
        _check_path(app)
        _check_path(folder)
        _check_folder(folder, app)
        known = known_of(folder)
        words = tuple(word for word in defines if not _BOARD_WORD.match(word))
        chosen = _named_board(board, defines) or str(known.get("board") or DEFAULT_BOARD)
        load_target(chosen)
        before = () if words else tuple(map(str, known.get("defines", [])))
        return cls(app, folder, chosen, words or before, bool(before), strict)

    @property
    def elf(self) -> Path:
        """What is built."""
        return self.build / "zephyr" / "zephyr.elf"


_BOARD_WORD = re.compile(r"-DBOARD(:\w+)?=")


def _named_board(board: str | None, defines: Sequence[str]) -> str:
    """The board that the command line names; empty if none.

    Raises:
        UsageError: it names two.
    """
    words = [word for word in defines if _BOARD_WORD.match(word)]
    named = words[-1].partition("=")[2] if words else ""
    if board and named and board != named:
        raise UsageError(f"--board {board} and {words[-1]} are two boards", hint="give one of them.")
    return board or named


def _check_application(app: Path) -> None:
    if not app.is_dir():
        what = "is a file" if app.exists() else "no such file or folder"
        raise UsageError(f"{app}: {what}", hint="give the folder of an application, with CMakeLists.txt and prj.conf.")
    if not (app / "CMakeLists.txt").is_file():
        sources = next(app.glob("*.c"), None)
        extension = f" To load its C files as an extension: llext run {app / '*.c'}" if sources else ""
        raise UsageError(
            f"{app}: is a folder without CMakeLists.txt, so no Zephyr application",
            hint=f"it begins with find_package(Zephyr), project(name) and target_sources(app PRIVATE src/main.c).{extension}",
        )


_UNUSABLE = {character: repr(character) for character in ';"\\|<>%\n'}
"""Characters that CMake's lists, ninja's rules or the linker take for something else."""


def _check_path(path: Path) -> None:
    """Refuses folders whose names CMake, ninja or the linker take apart.

    Raises:
        UsageError: there is such a character.
    """
    text = str(path.absolute())
    found = next((shown for character, shown in _UNUSABLE.items() if character in text), "")
    if not found and not _balanced(text):
        found = "[ or ] without its other one"
    if found:
        hint = "the tools take it for something else: give the folder another name, or build in another place."
        raise UsageError(f"{path}: no application can be built in a path with {found}", hint=hint)


def _balanced(text: str) -> bool:
    """Whether each [ of a text has its ], as CMake wants it of words in lists."""
    while (shorter := re.sub(r"\[[^\[\]]*\]", "", text)) != text:
        text = shorter
    return not re.search(r"[\[\]]", text)


def _check_folder(build: Path, app: Path) -> None:
    """Refuses to build where other things lie: cleaning would take them along.

    Raises:
        UsageError: the folder has them, or is another application's.
    """
    if build.resolve() == app.resolve():
        raise UsageError(f"{build}: is the application's own folder", hint="give another build folder: --build-dir build.")
    if build.is_dir() and not is_build_folder(build) and any(not path.name.startswith(".") for path in build.iterdir()):
        raise UsageError(f"{build}: is no build folder, and not empty", hint="give a new folder: --build-dir FOLDER.")
    owner = owner_of(build)
    if owner is not None and not _same(owner, app):
        hint = f"give a folder of its own: --build-dir FOLDER; or 'llext app clean {owner} --build-dir {build}' removes it first."
        raise UsageError(f"{build}: is the build folder of another application, {owner}", hint=hint)


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


def claim_folder(build: Path, app: Path) -> None:
    """Makes a build folder of an application's before anything is built in it.

    Raises:
        UsageError: other things lie there.
        BuildError: it cannot be written, or somebody builds in it.
    """
    _check_path(build)
    _check_folder(build, app)
    with _alone(build):
        pass


def is_build_folder(folder: Path) -> bool:
    """Whether somebody has built in a folder."""
    return any((folder / name).is_file() for name in ("CMakeCache.txt", LOCK))


def remove_build(build: Path) -> None:
    """Removes a build folder.

    Raises:
        UsageError: it is none, or sources lie in it.
    """
    if not is_build_folder(build):
        raise UsageError(f"{build}: is no build folder", hint="nothing was removed.")
    sources = [path for name in ("CMakeLists.txt", "prj.conf", ".git", "*.c", "*.cpp", "*/CMakeLists.txt") for path in build.glob(name)]
    if sources:
        raise UsageError(f"{build}: holds {sources[0].relative_to(build)} too", hint="nothing was removed; it looks like somebody's work.")
    shutil.rmtree(build)


def board_of(build: Path) -> str:
    """The board that a build folder is for.

    Raises:
        UsageError: it is no build folder.
    """
    cached = build / "CMakeCache.txt"
    text = cached.read_text("utf-8", "replace") if cached.is_file() else ""
    found = re.search(r"^BOARD:\w+=(.+)$", text, re.MULTILINE)
    if found is None or not (build / "zephyr" / "zephyr.map").is_file():
        raise UsageError(f"{build}: is no build folder of an application", hint="build one first: llext app build APP")
    return found[1]


def build_application(project: Project, told: Callable[[str], None] = lambda _text: None) -> Path:
    """Configures and builds what has changed, and returns the zephyr.elf.

    Args:
        project: The application.
        told: Gets what the compilers and the application's CMakeLists.txt say, as it comes.

    Raises:
        BuildError: it cannot be configured or built; what the tools said is in ``diagnostics``.
    """
    _check_times(project.app)
    with _alone(project.build):
        stamp = _stamp(project)
        if known_of(project.build) != stamp or not _whole(project.build):
            _write_stamp(project, known_of(project.build) | {"configured": False})
            _configure(project, told)
            _write_stamp(project, stamp)
        _ninja(project, told)
    return project.elf


_READ_FIRST = ("CMakeLists.txt", "prj.conf", "Kconfig", "app.overlay")
_CLOCK_SLACK = 5.0
"""Seconds that the clock of a file server may be ahead."""


def _check_times(app: Path) -> None:
    """Refuses files from the future: ninja would have CMake run a hundred times before it says anything.

    Raises:
        BuildError: there is one.
    """
    latest = time.time() + _CLOCK_SLACK
    for path in (*(app / name for name in _READ_FIRST), *(app / "boards").glob("*")):
        if path.is_file() and path.stat().st_mtime > latest:
            raise BuildError(f"{path}: was changed in the future, as this computer's clock has it", hint="is the clock right? Else touch the file.")


_CONFIGURED = (
    "build.ninja", "CMakeCache.txt", "zephyr/config.cmake", "zephyr/linker.cmd", "zephyr/services.o", "zephyr/libzephyr.a",
    "zephyr/include/generated/zephyr/autoconf.h", "zephyr/include/generated/zephyr/devicetree_generated.h",
)  # fmt: skip


def _whole(build: Path) -> bool:
    """Whether what a configuration wrote is still there; ninja has no rule for it."""
    try:
        return all((build / name).stat().st_size for name in _CONFIGURED)
    except OSError:
        return False


# CMake ------------------------------------------------------------------------------------------------------------------


def cmake_folder() -> Path:
    """A folder with a ZephyrConfig.cmake that knows this Python; what -DZephyr_DIR is given."""
    folder = cache.make_folder(cache.cache_folder() / "cmake" / cache.digest(sys.executable, str(_PACKAGE))[:16])
    text = f'set(LLEXT_PYTHON [[{sys.executable}]])\ninclude([[{_PACKAGE / "ZephyrConfig.cmake"}]])\n'
    for name, data in (("ZephyrConfig.cmake", text.encode()), ("ZephyrConfigVersion.cmake", (_PACKAGE / "ZephyrConfigVersion.cmake").read_bytes())):
        if not (folder / name).is_file() or (folder / name).read_bytes() != data:
            cache.write_file(folder / name, data)
    return folder


@lru_cache(maxsize=1)
def cmake_program() -> str:
    """The cmake of the wheel, found without importing it; else that of the PATH."""
    spec = importlib.util.find_spec("cmake")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        program = Path(folder) / "data" / "bin" / ("cmake.exe" if sys.platform == "win32" else "cmake")
        if program.is_file():
            return str(program)
    found = shutil.which("cmake")
    if found is None:
        raise BuildError("no cmake: the package 'cmake' is not installed", hint="pip install cmake ninja")
    return found


@lru_cache(maxsize=1)
def ninja_program() -> str:
    """The ninja of the wheel, else that of the PATH."""
    try:
        files = metadata.files("ninja") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name in ("ninja", "ninja.exe"):
            program = Path(str(file.locate())).resolve()
            if program.is_file():
                return str(program)
    found = shutil.which("ninja")
    if found is None:
        raise BuildError("no ninja: the package 'ninja' is not installed", hint="pip install cmake ninja")
    return found


def _configure(project: Project, told: Callable[[str], None]) -> None:
    command = [
        cmake_program(), "--fresh", "-S", str(project.app), "-B", str(project.build), "-G", "Ninja",
        f"-DCMAKE_MAKE_PROGRAM={ninja_program()}", f"-DZephyr_DIR={cmake_folder()}", f"-DBOARD={project.board}",
        "-DCMAKE_POLICY_VERSION_MINIMUM=3.5", *(["-DLLEXT_KCONFIG_STRICT=ON"] if project.strict else []), *project.defines,
    ]  # fmt: skip
    done = run(command, timeout=3600, nested=True)
    for line in done.stdout.splitlines():
        if line.startswith("-- ") and not _DULL.match(line):
            told(line)
    stderr = without_noise(done.stderr)
    if done.returncode:
        from llext.build.firmware.cmake_words import cmake_reason, one_error  # only then: it costs time

        shown = "" if one_error(stderr) else stderr
        raise _helpers_words(project) or _refused(project, *cmake_reason(stderr, project.app, _PACKAGE), shown)
    if stderr:
        told(stderr)


_DULL = re.compile(r"-- (The \w+ compiler|Found assembler|Check for working|Detecting|Configuring |Generating done|Build files)")


_LEAST_SPACE = 1 << 18
"""Bytes: with less, what tools say is about anything but that."""


def _helpers_words(project: Project) -> LlextError | None:
    """What the helper that CMake runs found wrong: its own words, which say all."""
    path = project.build / "zephyr" / ERROR_FILE
    try:
        found = json.loads(path.read_text("utf-8"))
        path.unlink()
        return BuildError(found["message"], hint=_with_words(project, found["message"], found["hint"]), diagnostics=found["diagnostics"])
    except (OSError, ValueError, KeyError):
        return None


def _refused(project: Project, why: str, hint: str, diagnostics: str) -> BuildError:
    if shutil.disk_usage(project.build).free < _LEAST_SPACE:
        why, hint = f"{project.build}: no space left on the disk", "make room, or give another folder: --build-dir FOLDER."
    words = why or f"{project.app}: the application does not build"
    if not any(str(folder) in words for folder in (project.app, project.app.resolve(), project.build)):
        words = f"{project.app}: {words}"
    return BuildError(words, hint=_with_words(project, words, hint), diagnostics=diagnostics)


def _with_words(project: Project, message: str, hint: str) -> str:
    """A hint, with the definitions that it is about and nobody gave this time."""
    about = [word for word in project.defines if word.removeprefix("-D").partition("=")[0].partition(":")[0] in message + hint]
    if not project.again or not about:
        return hint
    note = f"{' '.join(about)} is of an earlier build: other -D words take its place, 'llext app clean' forgets it."
    return f"{hint}\n  {note}" if hint else note


# ninja ------------------------------------------------------------------------------------------------------------------


_NO_RULES = re.compile(r"ninja: error: \S*\.ninja:\d+: ")


def _ninja(project: Project, told: Callable[[str], None]) -> None:
    command = [ninja_program(), "-C", str(project.build)]
    done = run(command, timeout=3600, nested=True)
    if done.returncode and _NO_RULES.search(done.stdout + done.stderr):  # not even that CMake must run is known then
        _configure(project, told)
        done = run(command, timeout=3600, nested=True)
    if done.returncode:
        from llext.build.firmware.words import reason  # only then: it knows all services and headers

        text = done.stdout + done.stderr
        lines = without_noise("\n".join(said(text, failed=True)))
        raise _helpers_words(project) or _refused(project, *reason(text, project.app, project.build, _PACKAGE), lines)
    for line in said(done.stdout + done.stderr):  # CMake's notes too, if ninja had it configure again
        told(line)


# One at a time ----------------------------------------------------------------------------------------------------------


def _stamp(project: Project) -> dict[str, object]:
    zig = zig_program()
    if zig is None:
        raise BuildError("no compiler: the package 'ziglang' is not installed", hint="pip install ziglang")
    status = zig.stat()
    return {
        "board": project.board, "defines": list(project.defines), "strict": project.strict, "app": str(project.app.resolve()), "python": sys.executable,
        "zig": [str(zig), status.st_size, status.st_mtime_ns], "package": str(_PACKAGE), "cmake": cmake_program(),
        "llext": __version__, "build": str(project.build.resolve()), "configured": True,
    }  # fmt: skip


def _write_stamp(project: Project, stamp: dict[str, object]) -> None:
    """Keeps what a folder is configured for; what was so last, before CMake begins, which may fail or be stopped."""
    cache.write_file(project.build / STAMP, json.dumps(stamp, indent=1).encode())


@contextmanager
def _alone(build: Path) -> Iterator[None]:
    """Nobody else builds in a folder meanwhile.

    Raises:
        BuildError: somebody does, or the folder cannot be written.
    """
    try:
        build.mkdir(parents=True, exist_ok=True)
        lock = open(build / LOCK, "a+")  # noqa: SIM115 - closed below
    except OSError as error:
        raise BuildError(f"cannot write the build folder {build}: {error.strerror}", hint="give another: --build-dir FOLDER.") from error
    with lock:
        if not _locked(lock.fileno()):
            raise BuildError(f"another build runs in {build}", hint="wait for it, or give another folder: --build-dir FOLDER.")
        yield


def _locked(descriptor: int) -> bool:
    """Takes a lock that ends with the process."""
    if os.name != "posix":
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


__all__ = ["Project", "build_application", "cmake_folder", "cmake_program", "ninja_program"]
