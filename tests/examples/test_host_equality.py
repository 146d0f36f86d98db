"""Each example's console equals what the same C prints when it is compiled for the host."""

import subprocess

import pytest
from conftest import BOARDS, GNU, ROOT, TOOLCHAINS, need

from llext import Board, HeapError
from llext.build import BuildOptions, build_extension

EXAMPLES = {"hello_world": "hello_world", "audio_codec": "codec_demo", "weather_station": "weather_station"}
TOO_LARGE = {("qemu_cortex_m0", "gcc", "audio_codec", level) for level in "0s2"} | {
    ("qemu_cortex_m0", "gcc", "weather_station", "0"),
    ("qemu_cortex_m0", "zig", "audio_codec", "0"),
    ("qemu_cortex_m0", "zig", "audio_codec", "2"),
}
"""What 16 KiB of RAM have no room for: gcc's soft-float helpers are large, and so is what is not optimised."""
SHIM = ROOT / "tests" / "host_shim"


@pytest.fixture(scope="module")
def by_host(tmp_path_factory):
    need("gcc")
    found = {}
    for name, entry in EXAMPLES.items():
        program = tmp_path_factory.mktemp("host") / name
        sources = sorted((ROOT / "examples" / name).glob("*.c"))
        command = ["gcc", "-I", SHIM, f"-DENTRY={entry}", *sources, SHIM / "run.c", "-o", program, "-ffp-contract=off"]
        subprocess.run([str(word) for word in command], check=True)
        found[name] = subprocess.run([program], capture_output=True, check=True).stdout.decode()
    return found


@pytest.mark.parametrize("optimize", ["0", "s", "2"])
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
@pytest.mark.parametrize("target", BOARDS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_prints_what_it_prints_on_the_host(tmp_path, by_host, name, target, toolchain, optimize):
    if toolchain == "gcc":
        need(*GNU)
    sources = sorted((ROOT / "examples" / name).glob("*.c"))
    with Board(target) as board:
        result = build_extension(sources, tmp_path / "x.llext", board.target, BuildOptions(toolchain, optimize))
        if (target, toolchain, name, optimize) in TOO_LARGE:
            with pytest.raises(HeapError, match="the LLEXT heap has no room"):
                board.load(result.output)
            return
        board.load(result.output).bootstrap(EXAMPLES[name])
        assert board.console == by_host[name]


@pytest.mark.parametrize("target", BOARDS)
def test_the_codec_gives_the_results_that_the_host_gives(tmp_path, target):
    """The same functions with the same samples, called from Python on both sides."""
    import ctypes

    need("gcc")
    sources = sorted((ROOT / "examples" / "audio_codec").glob("*.c"))
    library = tmp_path / "codec.so"
    command = ["gcc", "-shared", "-fPIC", "-I", SHIM, *sources, "-o", library]
    subprocess.run([str(word) for word in command], check=True)
    host = ctypes.CDLL(str(library))
    host.codec_energy.restype = ctypes.c_int64
    samples = b"".join(((i * 7919) % 20011 - 10000).to_bytes(2, "little", signed=True) for i in range(200))
    packed, out = ctypes.create_string_buffer(104), ctypes.create_string_buffer(400)
    with Board(target) as board:
        ext = board.load(build_extension(sources, tmp_path / "x.llext", board.target).output)
        ext.bringup()
        ours, decoded = bytearray(104), bytearray(400)
        for choice in (0, 1, 2, 9):
            ext.fn("codec_select")(choice)
            host.codec_select(choice)
            assert ext.fn("codec_encode")(samples, 200, ours) == host.codec_encode(samples, 200, packed) == 104
            assert bytes(ours) == packed.raw
            assert ext.fn("codec_decode")(ours, 104, decoded) == host.codec_decode(packed, 104, out) == 200
            assert bytes(decoded) == out.raw
        assert ext.fn("codec_energy")(samples, 200) == host.codec_energy(samples, 200)
