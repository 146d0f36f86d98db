"""Codecs of the example give what decoders in Python give, sample by sample."""

import random
import sys
from math import floor

import pytest
from conftest import ROOT

from llext import Board
from llext.build.firmware import Project, build_application

FOLDER = ROOT / "examples" / "vendor_codec"
BLOCKS = FOLDER / "src" / "blocks.inc"
ENOMEM, EBADMSG, ENOTSUP = 12, 77, 134


@pytest.fixture(scope="module", params=["mps2/an385", "qemu_riscv32"])
def board(request, tmp_path_factory):
    with Board(app=build_application(Project.of(FOLDER, tmp_path_factory.mktemp("codec") / "build", request.param))) as powered:
        powered.boot()
        powered.run()
        yield powered


def shared():
    sys.path.insert(0, str(FOLDER))
    try:
        import make_blocks
    finally:
        sys.path.remove(str(FOLDER))
    return make_blocks


def mulaw(data):
    """G.711, table 2: the upper four bits choose a segment of 16 equal steps; a set top bit is positive."""
    found = []
    for byte in data:
        segment, step = 7 - (byte >> 4 & 7), 15 - (byte & 15)
        size = (2 * step + 33) * 2**segment * 4 - 132
        found.append(size if byte >= 128 else -size)
    return found


def adpcm(data):
    steps = shared().table()
    sample, step, found = int.from_bytes(data[:2], "little", signed=True), data[2], []
    for nibble in (part for byte in data[3:] for part in (byte % 16, byte // 16)):
        change = sum(floor(steps[step] / part) for part, bit in ((8, 8), (1, 4), (2, 2), (4, 1)) if bit == 8 or nibble & bit)
        sample = sorted((-32768, sample + (-change if nibble > 7 else change), 32767))[1]
        step = sorted((0, step + (-1, -1, -1, -1, 2, 4, 6, 8)[nibble % 8], 88))[1]
        found.append(sample)
    return found


def played(board, block):
    count = board.call("play", block, len(block))
    at = next(symbol.value for symbol in board.firmware.image.elf.symbols if symbol.name == "pcm")
    raw = bytes(board.memory[at : at + 2 * max(count, 0)])
    return count, [int.from_bytes(raw[i : i + 2], "little", signed=True) for i in range(0, len(raw), 2)]


@pytest.mark.parametrize(("header", "reference"), [(0xC7, mulaw), (0xA1, adpcm)], ids=["mulaw", "adpcm"])
def test_a_codec_gives_what_a_decoder_in_python_gives(board, header, reference):
    chance = random.Random(header)
    every_code = bytes(range(256))
    for part in [every_code[at : at + 32] for at in range(0, 256, 32)] + [chance.randbytes(32) for _ in range(30)]:
        data = part[:2] + bytes([part[2] % 89]) + part[3:] if header == 0xA1 else part
        expected = reference(data)
        assert played(board, bytes([header]) + data) == (len(expected), expected)


def test_blocks_that_cannot_be_played_are_refused_by_whom_it_concerns(board):
    assert board.call("play", b"", 0) == -EBADMSG
    assert board.call("play", b"\x00abc", 4) == -ENOTSUP
    assert board.call("play", b"\xa1\x00\x00\x59", 4) == -EBADMSG
    assert board.call("play", b"\xa1\x00", 2) == -EBADMSG
    assert board.call("play", b"\xa1\x00\x00\x00" + bytes(33), 37) == -ENOMEM
    assert board.call("play", b"\xc7" + bytes(65), 66) == -ENOMEM


def test_one_codec_at_a_time_is_loaded(board):
    board.call("play", b"\xc7\xff", 2)
    assert [extension.name for extension in board.extensions] == ["mulaw"]
    board.call("play", b"\xa1\x00\x00\x00", 4)
    assert [extension.name for extension in board.extensions] == ["adpcm"]


def test_the_blocks_are_those_that_the_script_makes(monkeypatch):
    before = BLOCKS.read_text()
    written = []
    monkeypatch.setattr("pathlib.Path.write_text", lambda _path, text, *_: written.append(text))
    shared().main()
    assert written == [before]
