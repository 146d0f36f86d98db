"""Every member of the compilers' own libraries, linked to the bytes that ld.lld and GNU ld write.

newlib's libc and libm and libgcc for Arm, picolibc (whose libm is in its libc) and libgcc for RISC-V, as Debian builds
them. Debian has no rv32imc: rv32iac and rv32im stand for it. The set is every member that ld.lld links. ``REFUSED`` is
all that we refuse of it, on purpose; where the two linkers agree with each other we agree with both, which they do
everywhere here.
"""

import hashlib
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest
from conftest import COUNTED, need
from oracle import Case, Linked, differences, linked_by, linked_by_us, linker_gnu, linker_lld

from llext import LoadError

pytestmark = pytest.mark.tools

ARM = {
    "v6-m": "-march=armv6s-m",
    "v7-m": "-march=armv7-m",
    "v7e-m": "-march=armv7e-m",
    "v7e-m+fp": "-march=armv7e-m+fp -mfloat-abi=hard",
    "v8-m.main": "-march=armv8-m.main",
}
RISCV = {
    name: f"-march={name} -mabi={'ilp32e' if name[4] == 'e' else 'ilp32'}"
    for name in ("rv32imac", "rv32iac", "rv32im", "rv32emac")
}
ARCHIVES = [f"{isa} {name}" for isa in ARM for name in ("libc.a", "libm.a", "libgcc.a")]
ARCHIVES += [f"{isa} {name}" for isa in RISCV for name in ("libc.a", "libgcc.a")]

REFUSED = {
    "aligns by deleting bytes": "R_RISCV_ALIGN: an extension is compiled with -mno-relax",
    "holds thread-local variables": "no room in a thread's block: an extension has emulated TLS",
}
"""Words of an error of ours -> why it is one although other linkers link the member."""


@dataclass(frozen=True)
class Verdict:
    """What became of one member: what ours and ld.lld said where they refused, where bytes differ."""

    ours: str = ""
    lld: str = ""
    from_lld: tuple[str, ...] = ()
    from_gnu: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        return any(words in self.ours for words in REFUSED)


def path_of(archive: str) -> Path:
    """Where the compiler has an archive."""
    isa, name = archive.split()
    compiler = "arm-none-eabi-gcc" if isa in ARM else "riscv64-unknown-elf-gcc"
    need(compiler, compiler.replace("gcc", "ld"))
    flags = ["-mthumb", *ARM[isa].split()] if isa in ARM else RISCV[isa].split()
    if isa in RISCV and name != "libgcc.a":
        path = Path("/usr/lib/picolibc/riscv64-unknown-elf/lib", isa, flags[1].split("=")[1], name)
    else:
        asked = subprocess.run([compiler, *flags, f"-print-file-name={name}"], capture_output=True, text=True)
        path = Path(asked.stdout.strip())
    if not path.is_file():
        need(str(path))  # a compiler without this library
    return path


def members(path: Path) -> list[tuple[str, bytes]]:
    """Names and contents of the members of an ``ar`` archive, with GNU's table of long names."""
    data, at, long_names, found = path.read_bytes(), 8, b"", []
    while at + 60 <= len(data):
        name, size = data[at : at + 16].decode().rstrip(), int(data[at + 48 : at + 58])
        body = data[at + 60 : at + 60 + size]
        at += 60 + size + size % 2
        if name == "//":
            long_names = body
        elif name != "/":
            if name.startswith("/"):
                name = long_names[int(name[1:]) :].split(b"\n", 1)[0].decode()
            found.append((name.rstrip("/"), body))
    return found


KNOWN: dict[bytes, Verdict] = {}
"""Members of several archives are compared once."""


def verdict(data: bytes) -> Verdict:
    """Links a member three ways."""
    key = hashlib.sha256(data).digest()
    if key not in KNOWN:
        KNOWN[key] = _verdict(Case(data))
    return KNOWN[key]


def _verdict(case: Case) -> Verdict:
    try:
        assert case.plan
    except LoadError as error:
        return Verdict(str(error))
    ours = linked_by_us(case)
    with tempfile.TemporaryDirectory() as folder:
        lld, gnu = (linked_by(case, linker(case.arch), Path(folder)) for linker in (linker_lld, linker_gnu))
    if not isinstance(ours, Linked) or not isinstance(lld, Linked):
        return Verdict(ours if isinstance(ours, str) else "", lld if isinstance(lld, str) else "")
    from_gnu = tuple(differences(case, ours, gnu)) if isinstance(gnu, Linked) else (f"GNU ld: {gnu}",)
    return Verdict(from_lld=tuple(differences(case, ours, lld)), from_gnu=from_gnu)


@cache
def verdicts(archive: str) -> dict[str, Verdict]:
    """Member -> what became of it; a name that an archive has twice is numbered."""
    entries = members(path_of(archive))
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(verdict, [data for _, data in entries]))
    linked = sum(not (each.ours or each.lld) for each in found)
    refused = f", {sum(each.refused for each in found)} refused on purpose" if any(each.refused for each in found) else ""
    COUNTED.append(f"byte identity: {archive}: {linked} of {len(found)} members{refused}")
    return {f"{name} ({number})": each for number, ((name, _), each) in enumerate(zip(entries, found, strict=True))}


@pytest.mark.parametrize("archive", ARCHIVES)
def test_the_members_that_ld_lld_links_are_linked(archive):
    surprising = {
        name: each.ours for name, each in verdicts(archive).items() if not each.lld and each.ours and not each.refused
    }
    assert not surprising
    assert sum(not (each.ours or each.lld) for each in verdicts(archive).values()) > 100


@pytest.mark.parametrize(("isas", "fewest"), [(ARM, 13_000), (RISCV, 4_000)])
def test_the_members_that_are_linked_are_thousands(isas, fewest):
    found = [each for archive in ARCHIVES if archive.split()[0] in isas for each in verdicts(archive).values()]
    assert sum(not (each.ours or each.lld) for each in found) > fewest


@pytest.mark.parametrize("archive", ARCHIVES)
def test_members_have_the_bytes_that_ld_lld_writes(archive):
    assert not {name: each.from_lld for name, each in verdicts(archive).items() if each.from_lld}


@pytest.mark.parametrize("archive", ARCHIVES)
def test_members_have_the_bytes_that_gnu_ld_writes(archive):
    assert not {name: each.from_gnu for name, each in verdicts(archive).items() if each.from_gnu}


def test_a_wrong_recipe_would_be_noticed(monkeypatch):
    case = Case(next(data for name, data in members(path_of("v7-m libc.a")) if name == "lib_a-printf.o"))
    call = case.arch.relocations[10]
    wrong = replace(call, value=lambda s, a, p, t: call.value(s, a, p, t) ^ 1 << 23)
    monkeypatch.setitem(case.arch.relocations, 10, wrong)
    assert _verdict(case).from_lld
    assert _verdict(case).from_gnu
