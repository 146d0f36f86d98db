"""``llext link``."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from llext.cli.options import json_option
from llext.errors import Errno, UsageError
from llext.firmware import Firmware, FunctionArray, Prelinked
from llext.firmware.image_files import FORMATS, check_outputs, format_of, output_files

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("file", metavar="FILE.llext", type=_FILE)
@click.option("--firmware", "elf", required=True, metavar="ZEPHYR.ELF", type=_FILE, help="The firmware that the device has.")
@click.option("--at", "at", required=True, metavar="ADDRESS", help="Where the image goes: 0x08060000.")
@click.option("-o", "--output", required=True, metavar="IMAGE", type=_FILE, help="File to write: .bin, .hex or .elf.")
@click.option("--ram", metavar="ADDRESS", help="Where data and bss go; behind the constants without it.")
@click.option("--format", "format_", type=click.Choice(list(FORMATS)), help="Of IMAGE, whatever its name.")
@click.option("--config", metavar=".CONFIG", type=_FILE, help="The firmware's options, where its ELF was stripped of them.")
@click.option("--debug-file", metavar="FILE", type=_FILE, help="The file with FILE's DWARF; FILE_debug.elf unless given.")
@json_option
def link(
    file: Path, elf: Path, at: str, output: Path, ram: str | None, format_: str | None, config: Path | None,
    debug_file: Path | None, *, as_json: bool,
) -> None:  # fmt: skip
    """Link an extension for exactly one firmware and one address, so that the device needs no loader.

    Writes IMAGE, and IMAGE_debug.elf for gdb. Says what the device must do before it calls an export.
    """
    firmware = Firmware(elf, config=config)
    for path in filter(None, (file, debug_file)):
        if not path.is_file():
            hint = "give the .llext that 'llext build' wrote; --debug-file its NAME_debug.elf."
            raise UsageError(f"{path}: no such file", hint=hint, errno=Errno.ENOENT)
    kind = format_of(output, format_ or "")
    check_outputs(output_files(output, kind, file), [path for path in (file, elf, config, debug_file) if path])
    made = firmware.link(file, at=_address(at), ram=None if ram is None else _address(ram), debug=debug_file)
    paths = made.write(output, kind)
    if as_json:
        click.echo(json.dumps(_facts(made, paths)))
    else:
        _print(made, paths)
    for warning in made.warnings if not as_json else ():
        click.echo(f"warning: {warning}", err=True)


def _address(text: str) -> int:
    try:
        return int(text, 0)
    except ValueError:
        raise UsageError(f"{text!r} is no address", hint="write it in hex: 0x08060000.") from None


def _print(made: Prelinked, paths: list[Path]) -> None:
    click.echo(f"linked   {made.path} for {made.firmware}")
    click.echo(f"         {made.identity}")
    end = made.load_address + len(made.image) - 1
    click.echo(f"image    {paths[0]}: {len(made.image)} bytes, {made.load_address:#010x} to {end:#010x}")
    for region in made.regions:
        where = "not in the image" if region.name == "bss" else f"in the image at {region.stored:#010x}"
        moved = where if region.name == "bss" or region.stored != region.address else ""
        line = f"  {region.name:8} {region.address:#010x} {region.size:7} bytes  {region.permission:2}  {moved}"
        click.echo(line.rstrip())
    _print_names("imports", {name: "not there: NULL" if at is None else f"{at:#010x}" for name, at in made.imports.items()})
    _print_names("exports", {name: f"{at:#010x}" for name, at in made.exports.items()})
    _print_duties(made)
    _print_saved(made)
    for path in paths[1:]:
        click.echo(f"for gdb  {path}")


def _print_names(title: str, names: dict[str, str]) -> None:
    if names:
        click.echo(title)
    width = max(map(len, names), default=0)
    for name, address in names.items():
        click.echo(f"  {name:{width}} {address}")


def _print_duties(made: Prelinked) -> None:
    """What the device has to do, in order."""
    lines = [f"copy {each.size} bytes from {each.source:#010x} to {each.target:#010x}" for each in made.copies]
    lines += [f"zero {each.size} bytes at {each.address:#010x}" for each in made.zeroed]
    lines += map(_calls, made.init)
    if lines:
        click.echo("before the first call, the device must")
    for line in lines:
        click.echo(f"  {line}")
    for array in made.fini:
        click.echo(f"after the last call it may\n  {_calls(array)}")


def _calls(array: FunctionArray) -> str:
    count = len(array.functions)
    return f"call {count} function{'s' * (count > 1)}, {array.name} array: pointers from {array.address:#010x} on"


def _print_saved(made: Prelinked) -> None:
    saved = made.saved
    click.echo(f"the device saves, compared with loading the {saved.file} bytes of {made.path.name}")
    click.echo(f"  {saved.symbols} bytes of symbol tables, {saved.strings} of names, {saved.relocations} of relocations")
    click.echo(f"  applying {saved.relocated} relocations at run time; none are left")
    if saved.heap is None:
        click.echo("  its use of the LLEXT heap, which is not known here")
    else:
        click.echo(f"  {saved.heap} bytes of the LLEXT heap, {saved.peak} while it loads")
    if made.veneers:
        click.echo(f"  {made.veneers} bytes of the text are jumps (veneers) for branches that do not reach")


def _facts(made: Prelinked, paths: list[Path]) -> dict[str, object]:
    return {
        "path": str(made.path),
        "firmware": {"path": str(made.firmware), "identity": made.identity.value.hex(), "identity_is": made.identity.source},
        "files": [str(path) for path in paths],
        "load_address": made.load_address,
        "size": len(made.image),
        "regions": [asdict(region) for region in made.regions],
        "imports": dict(made.imports),
        "exports": dict(made.exports),
        "copies": [asdict(each) for each in made.copies],
        "zeroed": [asdict(each) for each in made.zeroed],
        "init": [asdict(each) for each in made.init],
        "fini": [asdict(each) for each in made.fini],
        "debug_file": str(made.debug) if made.debug else None,
        "veneers": made.veneers,
        "saved": asdict(made.saved),
        "warnings": list(made.warnings),
    }
