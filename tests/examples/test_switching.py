"""Sound goes on while filters change: what the loudspeaker got is, sample by sample, what the two filters make of what arrived."""

import re
import sys

import pytest
from conftest import ROOT

from llext import Board
from llext.build.firmware import Project, build_application

FOLDER = ROOT / "examples" / "switching"
FRAME = 160
QUARTER = [0, 804, 1598, 2378, 3135, 3861, 4551, 5196, 5792, 6332, 6811, 7224, 7567, 7838, 8034, 8152, 8191]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    def go(board, *defines):
        build = tmp_path_factory.mktemp("switching") / "build"
        with Board(app=build_application(Project.of(FOLDER, build, board, defines))) as powered:
            powered.boot()
            powered.run()
            out = bytearray(32000)
            count = powered.call("recording", out, 16000)
            return powered.console, [int.from_bytes(out[at : at + 2], "little", signed=True) for at in range(0, 2 * count, 2)]

    return go


def sine(phase):
    at = phase >> 26
    value = QUARTER[16 - at % 16 if at & 16 else at % 16]
    return -value if at & 32 else value


def arrived(frames):
    steps = (26843546, 268435456, 1342177280)
    return [
        [sum(sine(step * (at + first) % 2**32) for step in steps) for at in range(FRAME)]
        for first in range(0, frames * FRAME, FRAME)
    ]


class Filter:
    def __init__(self, name):
        text = (FOLDER / "src" / f"{name}.inc").read_text().split("*/")[1]
        self.sections = [[int(word) for word in row.split(",")] for row in re.findall(r"\{(.*)\}", text)]
        self.memory = [[0, 0, 0, 0] for _ in self.sections]

    def run(self, frame):
        out = []
        for sample in frame:
            value = sample * 256
            for (b0, b1, b2, a1, a2), memory in zip(self.sections, self.memory, strict=True):
                x1, x2, y1, y2 = memory
                after = (b0 * value + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2) >> 14
                assert -(2**31) <= after < 2**31
                memory[:] = value, x1, after, y1
                value = after
            out.append(max(-32768, min(32767, int(value / 256))))
        return out


def filtered(frames, changes):
    """All samples, with the filters that come into use at frames."""
    out, filter_, before = [], None, [0] * FRAME
    for number, frame in enumerate(frames):
        if number in changes:
            filter_ = Filter(changes[number])
            filter_.run(before)
        out += filter_.run(frame)
        before = frame
    return out


@pytest.mark.parametrize("board", ["mps2/an385", "qemu_riscv32"])
def test_no_sample_is_lost_and_each_is_that_of_the_filter_in_use(run, board):
    console, samples = run(board)
    count = int(re.search(r"(\d+) samples arrived, \1 were filtered, 0 lost", console)[1])
    assert count == len(samples)
    frames = arrived(count // FRAME)
    first = next(n for n in range(15, 30) if samples[: (n + 1) * FRAME] != filtered(frames[: n + 1], {0: "call"}))
    second = next(
        n for n in range(35, 60) if samples[: (n + 1) * FRAME] != filtered(frames[: n + 1], {0: "call", first: "music"})
    )
    assert samples == filtered(frames, {0: "call", first: "music", second: "call"})


@pytest.mark.parametrize(("name", "worst"), [("call", 1500), ("music", 2000)])
def test_a_filter_that_heard_the_last_frame_begins_as_one_that_had_run_all_along(name, worst):
    frames = arrived(12)
    all_along = filtered(frames, {0: name})[-FRAME:]
    heard, fresh = Filter(name), Filter(name)
    heard.run(frames[-2])
    differences = [
        max(abs(a - b) for a, b in zip(filter_.run(frames[-1]), all_along, strict=True)) for filter_ in (heard, fresh)
    ]
    assert differences[0] < 50
    assert differences[1] > worst


def test_samples_are_lost_where_the_old_filter_goes_first(run):
    console, samples = run("mps2/an385", "-DCONFIG_SWITCHING_STOP_FIRST=y")
    counts = [int(word) for word in re.search(r"(\d+) samples arrived, (\d+) were filtered, (\d+) lost", console).groups()]
    assert counts[1] == len(samples)
    assert counts[2] == counts[0] - counts[1] > 0


def modules():
    sys.path.insert(0, str(FOLDER))
    try:
        import design
        import levels
    finally:
        sys.path.remove(str(FOLDER))
    return design, levels


def test_the_picture_and_the_coefficients_are_those_that_the_scripts_make(monkeypatch, run):
    design, levels = modules()
    console, samples = run("mps2/an385")
    assert levels.picture(samples, console) == (ROOT / "docs" / "examples" / "switching.svg").read_text()
    written = []
    monkeypatch.setattr("pathlib.Path.write_text", lambda _path, text, *_: written.append(text))
    design.main()
    assert written == [(FOLDER / "src" / f"{name}.inc").read_text() for name in ("call", "music")]
