"""The fuzzer: two thousand damaged files find nothing, and a loader that does wrong is found out."""

import signal
import sys

import pytest
from conftest import COUNTED, ROOT

sys.path.insert(0, str(ROOT / "scripts"))

import fuzzing
from fuzz_mutators import Series
from fuzz_rig import Damage, Rig
from fuzz_seeds import few_seeds

from llext.elf import packed
from llext.loader.load import Loader
from llext.loader.transaction import Work

MUTANTS = 2000


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    return few_seeds(tmp_path_factory.mktemp("seeds"))


@pytest.fixture
def fuzzer(seeds, monkeypatch):
    monkeypatch.setattr(packed, "WORTHWHILE", packed.WORTHWHILE)  # the fuzzer changes it
    return fuzzing.Fuzzer(1, seeds)


@pytest.fixture
def rig():
    return Rig("mps2/an385")


@pytest.fixture
def good(seeds):
    """A file that loads."""
    return next(seed.data for seed in seeds if seed.board == "mps2/an385")


def test_two_thousand_damaged_files_find_nothing(fuzzer, tmp_path, capsys):
    work = fuzzing.Work(fuzzer, tmp_path / "findings")
    assert work.do(0, MUTANTS, float("inf")) == MUTANTS
    assert (work.findings, capsys.readouterr().out) == (0, "")
    loaded = fuzzer.outcomes["loaded"]
    assert MUTANTS // 5 < loaded < MUTANTS
    COUNTED.append(f"damaged files that were loaded or refused: {MUTANTS}, of them loaded {loaded}")


def test_a_mutant_is_the_same_whatever_came_before(seeds):
    one, other = Series(7, seeds), Series(7, seeds)
    others = {index: other.mutant(index) for index in (90, 3, 41, 0)}
    for index in range(100):
        mutant = one.mutant(index)
        if index in others:
            twin = others[index]
            assert (mutant.data, mutant.damages, mutant.chance.random()) == (twin.data, twin.damages, twin.chance.random())
    assert Series(8, seeds).mutant(0).data != one.mutant(0).data


def after(monkeypatch, owner, name, more):
    """Lets something be done wrong behind a method."""
    right = getattr(owner, name)

    def wrong(self, *args, **named):
        result = right(self, *args, **named)
        more(self, result)
        return result

    monkeypatch.setattr(owner, name, wrong)


@pytest.mark.parametrize("where", ["before", "behind"])
def test_one_byte_written_beside_a_region_is_noticed(rig, good, monkeypatch, where):
    def write(_work, extension):
        region = extension.regions["data"]
        size = rig.heap.blocks[region.address][1]
        rig.board.memory.write(region.address - 1 if where == "before" else region.address + size, b"!")

    after(monkeypatch, Work, "finish", write)
    with pytest.raises(Damage, match="the load wrote outside its blocks"):
        rig.try_file(good)


@pytest.mark.parametrize("part", ["stack", "thread", "system_heap", "runtime"])
def test_one_byte_written_outside_the_llext_heap_is_noticed(rig, good, monkeypatch, part):
    address = getattr(rig.board.layout, part) + 5000 * (part == "runtime") + 8
    before = rig.board.memory.read(address, 1)[0]
    after(monkeypatch, Work, "finish", lambda *_: rig.board.memory.write(address, bytes([before ^ 1])))
    with pytest.raises(Damage, match=f"changed memory outside the LLEXT heap at {address:#010x}"):
        rig.try_file(good)


def test_rights_that_were_changed_elsewhere_are_noticed(rig, good, monkeypatch):
    from llext.machine import Permission

    elsewhere = rig.board.layout.system_heap
    after(monkeypatch, Work, "finish", lambda *_: rig.board.machine.protect(elsewhere, 1, Permission.READ))
    with pytest.raises(Damage, match="changed rights outside its regions"):
        rig.try_file(good)


def test_a_block_that_unloading_keeps_is_noticed(rig, good, monkeypatch):
    after(monkeypatch, Work, "finish", lambda _work, extension: extension.allocations.pop())
    with pytest.raises(Damage, match="unloading left"):
        rig.try_file(good)


def test_a_block_that_a_refused_load_keeps_is_noticed(rig, good, monkeypatch):
    right = Work.roll_back

    def forgetful(self):
        self._taken.pop()
        right(self)

    monkeypatch.setattr(Work, "roll_back", forgetful)
    monkeypatch.setattr(Work, "link", lambda _self: Loader.unload(rig.board._loader, _extension_of(rig)))
    with pytest.raises(Damage, match="a refused load left"):
        rig.try_file(good)


def _extension_of(rig):
    """What cannot be unloaded: a LoadError in the middle of a load."""
    from llext.loader import Extension

    extension = Extension("gone", "gone", None, rig.board.caller)
    extension.loaded = False
    return extension


def test_another_exception_is_a_finding_that_is_kept_with_the_way_to_see_it_again(fuzzer, tmp_path, monkeypatch, capsys):
    def fail(*_args, **_named):
        raise KeyError("undocumented")

    monkeypatch.setattr(Work, "allocate", fail)
    work = fuzzing.Work(fuzzer, tmp_path)
    work.do(0, 40, float("inf"))
    assert work.findings
    told = capsys.readouterr().out
    assert "KeyError: 'undocumented'" in told
    kept = next(tmp_path.glob("1-*.elf"))
    number = int(kept.stem.split("-")[1])
    assert f"scripts/fuzz --seed 1 --only {number}" in told
    assert kept.read_bytes() == fuzzer.series.mutant(number).data
    assert "Traceback" in kept.with_suffix(".txt").read_text()


def test_a_load_without_end_is_a_finding(fuzzer, tmp_path, monkeypatch, capsys):
    def hang(*_args, **_named):
        signal.raise_signal(signal.SIGALRM)  # as the timer does when patience is at its end, but nowhere else
        while True:
            pass

    monkeypatch.setattr(Work, "allocate", hang)
    work = fuzzing.Work(fuzzer, tmp_path)
    work.do(0, 40, float("inf"))
    assert work.findings
    assert "Hang: no end after" in capsys.readouterr().out
