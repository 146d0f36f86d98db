"""Sources to a ``.llext`` file and its debug twin."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from llext.arch import Processor
from llext import cache
from llext.build.compile import Object, compile_source
from llext.build.helpers import helper_library, wants_helpers
from llext.build.join import Joined, alone, join
from llext.build.processes import in_parallel
from llext.build.support import support_objects
from llext.build.toolchain import Toolchain, find_toolchain, include_flags
from llext.elf import ElfFile
from llext.elf import constants as c
from llext.errors import BuildError, UsageError
from llext.link import kind_of
from llext.target import Target


@dataclass(frozen=True)
class BuildOptions:
    """What a user can choose about a build.

    Attributes:
        toolchain: ``auto``, ``zig`` or ``gcc``.
        optimize: What stands behind -O.
        cflags: Further compiler flags, as they are.
        helpers: ``link`` joins compiler helpers into the extension, ``import`` leaves them to the firmware.
        model: How code reaches what is far away: ``far``, ``near`` or ``pic``.
        kind: ``relocatable`` joins any number of sources; ``object`` is one source as the compiler leaves it, without
            debug sections, as Zephyr's CONFIG_LLEXT_TYPE_ELF_OBJECT.
        provided: Compiler helpers that the firmware exports, and that are not linked in therefore.
        slids: Whether undefined symbols get their SLIDs, as a firmware with exports by number wants.
        types: Whether the debug file gets the types of imports where compilers do not write them, for ``check``.
    """

    toolchain: str = "auto"
    optimize: str = "s"
    cflags: tuple[str, ...] = ()
    helpers: str = "link"
    model: str = "far"
    kind: str = "relocatable"
    provided: frozenset[str] = frozenset()
    slids: bool = False
    types: bool = False


@dataclass(frozen=True)
class BuildResult:
    """What a build gave.

    Attributes:
        output: The file to load.
        debug: The same with DWARF.
        compiler: ``zig`` or ``gcc``.
        milliseconds: Wall time.
        cached: Whether no compiler and no linker ran.
        sizes: Bytes per region, lower-case names.
        file_size: Bytes of ``output``.
        removed: Bytes that dead code removal saved.
        warnings: What compilers printed.
    """

    output: Path
    debug: Path
    compiler: str
    milliseconds: float
    cached: bool
    sizes: dict[str, int]
    file_size: int
    removed: int
    warnings: str


def build_extension(sources: Sequence[Path], output: Path, target: Processor, options: BuildOptions | None = None) -> BuildResult:
    """Compiles, joins and writes an extension.

    Args:
        sources: C and assembler files.
        output: The file to write; ``NAME_debug.elf`` goes beside it.
        target: The board, or the chip, to build for.
        options: The user's choices.

    Raises:
        BuildError: a tool refused; what it printed is in ``diagnostics``.
        UsageError: a file to write is one that is read, or no regular file.
    """
    options = options or BuildOptions()
    started = time.perf_counter()
    _check_count(sources, options)
    debug = _debug_twin(output)
    toolchain = find_toolchain(options.toolchain, target.arch, target.cpu, options.model)
    flags = (f"-O{options.optimize}", "-g", "-DLL_EXTENSION_BUILD", *_rates(target), *include_flags(), *_KINDS[options.kind])
    flags += options.cflags
    objects = in_parallel(lambda source: compile_source(source, toolchain, flags), sources)
    _refuse_inputs((output, debug), objects)
    _refuse_thread_local(objects, toolchain)
    joined = _typed(objects, toolchain, target, options, flags) if options.types else _joined(objects, toolchain, target, options)
    _write(output, _numbered(joined.data, output.name) if options.slids else joined.data)
    _write(debug, joined.debug)
    return BuildResult(
        output=output,
        debug=debug,
        compiler=toolchain.name,
        milliseconds=(time.perf_counter() - started) * 1000,
        cached=joined.cached and all(made.cached for made in objects),
        sizes=_sizes(joined.data, output.name),
        file_size=len(joined.data),
        removed=joined.removed,
        warnings=_warnings(objects),
    )


def _typed(
    objects: list[Object], toolchain: Toolchain, target: Processor, options: BuildOptions, flags: tuple[str, ...]
) -> Joined:
    """The same with the types of imports in the debug file; the compiler reads them while the linker joins."""
    from llext.build.declared import declared, with_declared

    with ThreadPoolExecutor(1) as pool:
        types = pool.submit(declared, objects, toolchain, flags)
        joined = _joined(objects, toolchain, target, options)
    return replace(joined, debug=with_declared(joined.debug, types.result()))


def _numbered(data: bytes, name: str) -> bytes:
    """An extension for exports by number."""
    from llext.build.firmware.slids import inject

    return inject(data, name)


def _rates(target: Processor) -> tuple[str, ...]:
    """What the headers are to know of a board's clock."""
    return (f"-DCONFIG_SYS_CLOCK_HW_CYCLES_PER_SEC={target.clock_hz}",) if isinstance(target, Target) else ()


def _check_count(sources: Sequence[Path], options: BuildOptions) -> None:
    if not sources:
        raise BuildError("nothing to build: no sources")
    if options.kind == "object" and len(sources) > 1:
        raise BuildError(f"an object is made of one source, {len(sources)} given", hint="join several: --type relocatable.")


def _joined(objects: list[Object], toolchain: Toolchain, target: Processor, options: BuildOptions) -> Joined:
    """The one file that objects give."""
    if options.kind == "object":
        return alone(objects[0])
    paths = [made.path for made in objects]
    libraries = _libraries(paths, toolchain, target) if options.helpers == "link" else []
    return join(paths, toolchain, libraries=libraries, outside=sorted(options.provided) if libraries else ())


def _refuse_thread_local(objects: list[Object], toolchain: Toolchain) -> None:
    """Variables in thread-local sections: no loader has room for them, and not every compiler can do without."""
    for made in objects:
        for section in ElfFile.parse(made.path.read_bytes(), made.source.name).sections:
            if section.flags & c.SHF_TLS and section.size:
                raise BuildError(
                    f"{made.source} has thread-local variables, and this {toolchain.name} cannot emulate them",
                    hint="use --toolchain zig, which emulates them with k_malloc.",
                )


_KINDS = {"relocatable": (), "object": ("-fno-function-sections", "-fno-data-sections")}
"""An object keeps one section per region, as compilers make them when nobody asks for more."""


def _libraries(objects: list[Path], toolchain: Toolchain, target: Processor) -> list[Path]:
    support = support_objects(objects, toolchain, target.arch)
    helpers = [helper_library(toolchain, target.arch, target.cpu)] if wants_helpers([*objects, *support]) else []
    return [*support, *helpers]


def _debug_twin(output: Path) -> Path:
    """The file beside the output that gets the DWARF; both are such that they can be written."""
    _check_place(output)
    debug = output.with_name(output.stem + "_debug.elf")
    _check_place(debug)
    if os.path.realpath(output) == os.path.realpath(debug):
        raise UsageError(f"{output} and {debug} are one file", hint="give another output: -o NAME.llext")
    return debug


def _check_place(path: Path) -> None:
    if path.is_dir() or not Path(os.path.realpath(path)).parent.is_dir():
        why = "it is a folder" if path.is_dir() else f"there is no folder {Path(os.path.realpath(path)).parent}"
        raise BuildError(f"cannot write {path}: {why}", hint="give a file in a folder that is there: -o NAME.llext")
    if path.exists() and not path.is_file():
        raise UsageError(f"cannot write {path}: it is no regular file", hint="give a file: -o NAME.llext")


def _refuse_inputs(outputs: Sequence[Path], objects: Sequence[Object]) -> None:
    """No output may take the place of a source, or of a header that was read."""
    read = {_identity(path): path for made in objects for path in (*made.inputs, made.source) if path.exists()}
    for output in outputs:
        if output.exists() and _identity(output) in read:
            raise UsageError(
                f"{output} would be overwritten, and the build reads it: {read[_identity(output)]}",
                hint="give another output: -o NAME.llext",
            )


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


def _write(path: Path, data: bytes) -> None:
    """Leaves a file alone that is right already, so that what depends on it is not made again; follows links."""
    path = Path(os.path.realpath(path))
    with suppress(OSError):  # what cannot be read can be replaced all the same
        if path.read_bytes() == data:
            return
    cache.write_file(path, data)


def _sizes(data: bytes, name: str) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for section in ElfFile.parse(data, name).sections:
        kind = kind_of(section)
        if kind is not None:
            sizes[kind.name.lower()] = sizes.get(kind.name.lower(), 0) + section.size
    return sizes


def _warnings(objects: Sequence[Object]) -> str:
    return "".join(made.warnings for made in objects)


def pack_objects(
    objects: Sequence[Path], output: Path, debug: Path, target: Target, kind: str, options: Sequence[str] = ()
) -> None:
    """Joins objects that somebody else has compiled, and writes the file to load and its debug twin."""
    toolchain = find_toolchain("zig", target.arch, target.cpu)
    if kind == "object":
        joined = alone(Object(objects[0], objects[0], (), "", cached=False))
    else:
        joined = join(list(objects), toolchain, libraries=_libraries(list(objects), toolchain, target), options=options)
    _write(output, joined.data)
    _write(debug, joined.debug)


def pack_made(made: Path, output: Path) -> None:
    """Writes the file to load from what somebody else has joined.

    Raises:
        BuildError: it is not there, or no ELF file.
    """
    try:
        joined = alone(Object(made, made, (), "", cached=False))
    except OSError as error:
        hint = "commands of POST_BUILD make it, property pkg_input, from property lib_output; its commands run again in the next build."
        raise BuildError(f"{made}: {error.strerror}", hint=hint) from error
    _write(output, joined.data)
