"""Our own sources as compilers make objects of them, every way: linked to the bytes that ld.lld and GNU ld write.

Not joined, as a user may load them; with and without long calls, position independent or not.
"""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from conftest import COUNTED, ROOT, need
from oracle import Case, Linked, differences, linked_by, linked_by_us, linker_gnu, linker_lld

from llext.arch import arch_of_cpu
from llext.build.processes import run
from llext.build.toolchain import find_toolchain, include_flags

pytestmark = pytest.mark.tools

SOURCES = [*sorted((Path(__file__).parent / "sources").glob("*.c")), *sorted((ROOT / "examples").glob("*/*.c"))]
SOURCES = [
    path for path in SOURCES if path.parent.name not in {"broken", "kernel"}
]  # for one instruction set only; nothing new
OPTIMIZE = ("-O0", "-Os", "-O2", "-O3")
MODELS = {
    "near": ("near",),
    "far": ("far",),
    "pic": ("pic",),
    "far pic": ("far", "pic"),
}
"""Flags of several models, one behind the other: long calls and position independence do not exclude each other."""
CPUS = ("cortex-m0", "cortex-m3", "cortex-m4f", "cortex-m33", "rv32imac", "rv32emac")


@dataclass(frozen=True)
class Verdict:
    """What became of one object."""

    ours: str
    from_lld: tuple[str, ...]
    from_gnu: tuple[str, ...]


def objects(compiler: str, cpu: str, folder: Path) -> list[tuple[str, bytes]]:
    """Name and bytes of each source compiled each way."""
    models = [model for model in MODELS if cpu.startswith("cortex") or model != "far pic"]  # RISC-V has no long calls
    ways = list(product(SOURCES, OPTIMIZE, models))
    with ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda way: _compiled(compiler, cpu, *way, folder), ways)
        return [
            (f"{source.name} {optimize} {model}", data) for (source, optimize, model), data in zip(ways, found, strict=True)
        ]


def _compiled(compiler: str, cpu: str, source: Path, optimize: str, model: str, folder: Path) -> bytes:
    arch = arch_of_cpu(cpu)
    tool = find_toolchain(compiler, arch, arch.cpus[cpu])
    flags = [flag for name in MODELS[model] for flag in arch.compiler.models[name]]
    undone = ["-mno-long-calls"] if "-mlong-calls" in tool.flags and "far" not in MODELS[model] else []
    out = folder / f"{source.stem}{optimize}{model.replace(' ', '')}.o"
    done = run([*tool.compiler, *tool.flags, *include_flags(), *undone, *flags, optimize, "-c", str(source), "-o", str(out)])
    assert done.returncode == 0, done.stderr
    return out.read_bytes()


def _verdict(data: bytes) -> Verdict:
    case = Case(data)
    ours = linked_by_us(case)
    with tempfile.TemporaryDirectory() as folder:
        theirs = [linked_by(case, linker(case.arch), Path(folder)) for linker in (linker_lld, linker_gnu)]
    if not isinstance(ours, Linked):
        return Verdict(ours, (), ())
    lld, gnu = (tuple(differences(case, ours, each)) if isinstance(each, Linked) else (each,) for each in theirs)
    return Verdict("", lld, gnu)


@cache
def verdicts(compiler: str, cpu: str) -> dict[str, Verdict]:
    with tempfile.TemporaryDirectory() as folder:
        named = objects(compiler, cpu, Path(folder))
    distinct = list({data for _, data in named})
    with ThreadPoolExecutor(2) as pool:
        known = dict(zip(distinct, pool.map(_verdict, distinct), strict=True))
    COUNTED.append(f"byte identity: own sources, {compiler}, {cpu}: {len(named)} objects, {len(distinct)} of them different")
    return {name: known[data] for name, data in named}


@pytest.mark.parametrize("cpu", CPUS)
@pytest.mark.parametrize("compiler", ["zig", "gcc"])
def test_an_object_of_ours_has_the_bytes_that_linkers_write(compiler, cpu):
    arch = arch_of_cpu(cpu)
    need(f"{arch.compiler.gcc_prefix}gcc", f"{arch.compiler.gcc_prefix}ld")
    found = verdicts(compiler, cpu)
    assert not {name: each.ours for name, each in found.items() if each.ours}
    assert not {name: each.from_lld for name, each in found.items() if each.from_lld}
    assert not {name: each.from_gnu for name, each in found.items() if each.from_gnu}
