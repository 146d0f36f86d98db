"""``llext boards``."""

from __future__ import annotations

import json

import click

from llext.cli.options import json_option
from llext.target import Target, board_names, load_target


@click.command()
@json_option
def boards(as_json: bool) -> None:
    """List the boards: CPU, instruction set, memories, memory rule."""
    targets = [load_target(name) for name in board_names()]
    if as_json:
        click.echo(json.dumps([_plain(target) for target in targets]))
        return
    for target in targets:
        cpu = f"{target.cpu.name} ({target.cpu.architecture}, {target.cpu.float_abi} float)"
        click.echo(f"{target.name}  {target.arch.name} {cpu}, {target.clock_hz // 1_000_000} MHz  {target.model}")
        for area in target.memories:
            click.echo(f"    {area.kind:5} {area.name:8} {area.address:#010x}..{area.end:#010x}  {area.size // 1024} KiB")
        click.echo(f"    rule guarded: rights for each {target.granule} bytes (no-mpu: none)")


def _plain(target: Target) -> dict[str, object]:
    return {
        "name": target.name, "model": target.model, "isa": target.arch.name, "cpu": target.cpu.name,
        "architecture": target.cpu.architecture, "float_abi": target.cpu.float_abi, "clock_hz": target.clock_hz,
        "granule": target.granule, "rules": ["guarded", "no-mpu"],
        "memories": [{"name": a.name, "kind": a.kind, "address": a.address, "size": a.size} for a in target.memories],
    }  # fmt: skip
