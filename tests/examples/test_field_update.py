"""Updates of a working device: formats are right, bad updates change nothing, and messages go on throughout."""

import json
import re
from zlib import crc32

import pytest
from conftest import ROOT

from llext import Board
from llext.build import BuildOptions, build_extension
from llext.build.firmware import Project, build_application
from llext.target import load_target

FOLDER = ROOT / "examples" / "field_update"
NAMES = ["mps2/an385", "qemu_riscv32"]
ENOEXEC, EFBIG, EPROTO, EBADMSG, EMSGSIZE = 8, 27, 71, 77, 122
WRAPPER = """#include <telemetry.h>
#include <zephyr/llext/symbol.h>
extern const struct format format;
int wrapped(uint32_t n, int32_t t, uint32_t u, uint8_t *out, uint32_t room)
{
	const struct sample sample = {n, t, u};

	return format.encode(&sample, out, room);
}
EXPORT_SYMBOL(wrapped);
"""


def extension(folder, board, *sources):
    options = BuildOptions(cflags=(f"-I{FOLDER / 'include'}",))
    return build_extension(list(sources), folder / f"{sources[0].stem}.llext", load_target(board), options).output


@pytest.fixture(scope="module", params=NAMES)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def elf(name, tmp_path_factory):
    return build_application(Project.of(FOLDER, tmp_path_factory.mktemp("update") / "build", name))


@pytest.fixture
def device(elf):
    with Board(app=elf) as board:
        board.boot()
        yield board


@pytest.fixture
def encode(tmp_path, name):
    def make(update):
        wrapper = tmp_path / "wrapper.c"
        wrapper.write_text(WRAPPER)
        function = board.load(extension(tmp_path, name, FOLDER / "update" / f"{update}.c", wrapper)).fn("wrapped")

        def call(*sample, room=48):
            out = bytearray(room)
            length = function(*sample, out, room)
            return bytes(out[:length]) if length >= 0 else length

        return call

    with Board(name) as board:
        yield make


def cbor(data):
    """A map of small keys and whole numbers, in the shortest form (RFC 8949, 4.2.1)."""
    at, found = 1, []
    assert data[0] == 0xA3
    while at < len(data):
        kind, low = data[at] >> 5, data[at] & 31
        size = 0 if low < 24 else 1 << low - 24
        value = int.from_bytes(data[at + 1 : at + 1 + size], "big") if size else low
        assert not size or value >= (24, 2**8, 2**16)[size.bit_length() - 1]
        found.append(value if kind == 0 else -1 - value)
        assert kind in {0, 1}
        at += 1 + size
    return dict(zip(found[::2], found[1::2], strict=True))


SAMPLES = [
    (1, 2150, 3300), (0, 0, 0), (23, 24, 255), (256, -1, 65535), (65536, -24, 2**32 - 1), (2**32 - 1, -25, 23), (9, -(2**31), 24),
    (7, 2**31 - 1, 1000), (8, -257, 70000), (5, -50, 3),
]  # fmt: skip


def test_compact_is_cbor(encode):
    call = encode("compact")
    for sample in SAMPLES:
        assert cbor(call(*sample)) == dict(zip((1, 2, 3), sample, strict=True))
    assert call(1, 2, 3, room=18) == -12


def test_json_is_json(encode):
    call = encode("json")
    for number, centidegrees, millivolts in SAMPLES:
        shown = json.loads(call(number, centidegrees, millivolts, room=80))
        assert shown == {"n": number, "t": centidegrees / 100, "u": millivolts / 1000}
    assert call(1, 2, 3, room=10) == -12


def send(board, data, crc=None, size=None):
    result = board.call("update_begin", len(data) if size is None else size, crc32(data) if crc is None else crc)
    for at in range(0, len(data), 100):
        result = result or board.call("update_piece", data[at : at + 100], len(data[at : at + 100]))
    return result or board.call("update_finish")


def formats(board):
    return re.findall(r"ms  (\w+) ", board.console)


def test_messages_go_on_without_a_gap(device):
    device.run_for(ms=1550)
    numbers = [int(each) for each in re.findall(r"^ *(\d+) ms", device.console, re.MULTILINE)]
    assert numbers == list(range(100, 1600, 100))
    assert formats(device) == ["text"] * 6 + ["compact"] * 3 + ["text"] * 6
    sent = [cbor(bytes.fromhex(each)) for each in re.findall(r"compact.*bytes  (\w+)", device.console)]
    assert sent == [{1: n, 2: 2150 - 430 * n, 3: 3300 - 7 * n} for n in (7, 8, 9)]


def test_a_bad_update_changes_nothing(device, elf, tmp_path, name):
    good = (elf.parents[1] / "llext" / "compact_ext.llext").read_bytes()
    device.run_for(ms=1050)
    free = device.heap.allocated_bytes
    other = tmp_path / "version.c"
    other.write_text((FOLDER / "update" / "compact.c").read_text().replace("{TELEMETRY_VERSION,", "{2,"))
    assert send(device, good, crc=crc32(good) ^ 1) == -EBADMSG
    assert send(device, good, size=len(good) + 1) == -EBADMSG
    assert send(device, good, size=len(good) - 1) == -EMSGSIZE
    assert send(device, b"", size=4097) == -EFBIG
    assert send(device, b"") == -EBADMSG
    assert send(device, good[:4] + bytes(400)) < 0
    assert send(device, extension(tmp_path, name, other).read_bytes()) == -EPROTO
    assert device.heap.allocated_bytes == free
    device.run_for(ms=200)
    assert formats(device)[-2:] == ["text"] * 2
    for _ in range(3):
        assert send(device, good) == 0
        assert len(device.extensions) == 1
    device.run_for(ms=200)
    assert formats(device)[-2:] == ["compact"] * 2
    assert device.call("update_remove") == 0
    assert device.heap.allocated_bytes == free
