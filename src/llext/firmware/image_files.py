"""The files of an image: raw, Intel HEX or ELF, and the linked debug ELF beside it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from llext.cache import write_files
from llext.errors import BuildError, UsageError
from llext.firmware.prelinked import Prelinked
from llext.link import intel_hex

FORMATS: Mapping[str, Callable[[Prelinked], bytes]] = {
    "bin": lambda made: made.image,
    "hex": lambda made: intel_hex(made.image, made.load_address),
    "elf": lambda made: made.elf,
}
"""Contents by format."""


def format_of(output: Path, given: str = "") -> str:
    """The format of an output: the one that is given, or what its name ends in.

    Raises:
        UsageError: it is none of ours.
    """
    found = given or output.suffix.removeprefix(".").lower()
    if found not in FORMATS:
        raise UsageError(
            f"{output}: its name does not end in {', '.join(f'.{name}' for name in FORMATS)}",
            hint=f"say what it is: --format {' or '.join(FORMATS)}.",
        )
    return found


def output_files(output: Path, format_: str, extension: Path) -> tuple[Path, ...]:
    """What is written: the image, and its debug ELF unless the image is that; beside an image of the extension's name not its debug file."""
    if format_ == "elf" or not output.name:  # a root has no name, and is refused as a folder
        return (output,)
    twin, own = output.with_name(output.stem + "_debug.elf"), extension.with_name(extension.stem + "_debug.elf")
    if twin.exists() and own.exists() and twin.samefile(own):
        twin = output.with_name(output.stem + "_image_debug.elf")
    return output, twin


def write_image(made: Prelinked, output: Path, format_: str = "") -> list[Path]:
    """Writes the image and its debug ELF, both or none.

    Raises:
        UsageError: a format that is not known, or a file that was read.
        BuildError: it cannot be written.
    """
    kind = format_of(output, format_)
    paths = output_files(output, kind, made.path)
    check_outputs(paths, [path for path in (made.path, made.firmware, made.debug) if path])
    write_files({Path(os.path.realpath(path)): FORMATS[kind if path == output else "elf"](made) for path in paths})
    return list(paths)


def check_outputs(outputs: tuple[Path, ...], inputs: list[Path]) -> None:
    """Raises UsageError or BuildError where an output cannot be written, or is a file that is read."""
    for output in outputs:
        folder = Path(os.path.realpath(output)).parent
        if output.is_dir() or not folder.is_dir():
            why = "it is a folder" if output.is_dir() else f"there is no folder {folder}"
            raise BuildError(f"cannot write {output}: {why}", hint="give a file in a folder that is there: -o image.bin")
        if output.exists() and not output.is_file():
            raise UsageError(f"cannot write {output}: it is no regular file", hint="give a file: -o image.bin")
        taken = next((path for path in inputs if path.exists() and output.exists() and path.samefile(output)), None)
        if taken is not None:
            raise UsageError(
                f"{output} would be overwritten, and the image is made from it",
                hint=f"give the image another name: -o {outputs[0].stem}_image{outputs[0].suffix or '.bin'}",
            )
