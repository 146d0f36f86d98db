"""llext link on the command line: what it writes and prints, its exit codes, its JSON."""

import json
import os
import resource
import subprocess
import sys

import pytest
from conftest import need
from other_linkers import AT, BOARDS, CONFIG, VARIABLES, firmware_for, undefined
from stand_in import stand_in

from llext.cli.app import run
from llext.link import intel_hex

ADD = """static int total = 40;
static int calls[10];
int add(int a, int b) { calls[a % 10]++; printk("adding\\n"); return total += a + b; }
EXPORT_SYMBOL(add);
__attribute__((constructor)) static void up(void) { printk("up\\n"); }
__attribute__((destructor)) static void down(void) { printk("down\\n"); }
"""
WHERE = ["--at", hex(AT["arm"]), "--ram", hex(VARIABLES["arm"])]


@pytest.fixture
def files(tmp_path, build):
    """An extension and a firmware that has what it imports, by their paths, in a folder that the test is in."""
    extension = build(ADD, "adder")
    return extension, firmware_for(tmp_path, "arm", extension).image.path


@pytest.fixture
def link(files, capfd):
    """Links; returns exit code, output and errors."""

    def go(output, *words, where=WHERE, firmware=None, extension=None):
        extension, firmware = extension or files[0], firmware or files[1]
        code = run(["link", str(extension), "--firmware", str(firmware), *where, "-o", str(output), *words])
        return code, *capfd.readouterr()

    return go


def facts(link, output, *words):
    code, out, err = link(output, "--json", *words)
    assert (code, err) == (0, "")
    return json.loads(out)


def test_the_report_is_for_people(tmp_path, link, files):
    code, out, err = link(tmp_path / "image.bin")
    assert (code, err) == (0, "")
    size = (tmp_path / "image.bin").stat().st_size
    assert f"linked   {files[0]} for {files[1]}\n" in out
    assert (
        f"image    {tmp_path}/image.bin: {size} bytes, 0x08040000 to {AT['arm'] + size - 1:#010x}\n  text     0x08040000" in out
    )
    assert "  data     0x20010000       4 bytes  rw  in the image at 0x0804" in out
    assert "  bss      0x20010004      40 bytes  rw  not in the image\n" in out
    assert "imports\n  printk 0x08000" in out
    assert "exports\n  add 0x0804" in out
    assert "before the first call, the device must\n  copy 4 bytes from 0x0804" in out
    assert "  zero 40 bytes at 0x20010004\n  call 1 function, init array: pointers from 0x0804" in out
    assert "after the last call it may\n  call 1 function, fini array: pointers from 0x0804" in out
    assert "bytes of symbol tables" in out
    assert out.endswith(f"for gdb  {tmp_path}/image_debug.elf\n")


def test_the_report_for_programs_has_the_same(tmp_path, link):
    found = facts(link, tmp_path / "image.bin")
    image = (tmp_path / "image.bin").read_bytes()
    assert (found["load_address"], found["size"]) == (AT["arm"], len(image))
    assert found["files"] == [str(tmp_path / "image.bin"), str(tmp_path / "image_debug.elf")]
    assert [each["name"] for each in found["regions"]] == ["text", "rodata", "export", "init", "fini", "data", "bss"]
    (copy,), (zeroed,) = found["copies"], found["zeroed"]
    assert copy["target"] == VARIABLES["arm"]
    assert image[copy["source"] - AT["arm"] :][: copy["size"]] == (40).to_bytes(4, "little")
    assert zeroed == {"address": VARIABLES["arm"] + 4, "size": 40}
    assert found["exports"]["add"] & 1
    assert found["warnings"] == []


def test_hex_is_what_objcopy_makes_of_the_raw_image(tmp_path, link):
    need("arm-none-eabi-objcopy")
    assert link(tmp_path / "image.bin")[0] == link(tmp_path / "image.hex")[0] == 0
    words = ["arm-none-eabi-objcopy", "-I", "ihex", "-O", "binary", tmp_path / "image.hex", tmp_path / "back.bin"]
    subprocess.run(words, check=True)
    assert (tmp_path / "back.bin").read_bytes() == (tmp_path / "image.bin").read_bytes()
    shown = subprocess.run(["arm-none-eabi-objdump", "-h", tmp_path / "image.hex"], capture_output=True, text=True, check=True)
    assert f"{AT['arm']:08x}" in shown.stdout


@pytest.mark.parametrize("address", [0, 0xFFF8, 0x0800FFF1, 0xFFFFFF00])
def test_hex_of_any_address_is_read_by_objcopy(tmp_path, address):
    need("arm-none-eabi-objcopy")
    data = bytes(range(1, 256))
    (tmp_path / "x.hex").write_bytes(intel_hex(data, address))
    subprocess.run(["arm-none-eabi-objcopy", "-I", "ihex", "-O", "srec", "x.hex", "x.srec"], check=True, cwd=tmp_path)
    theirs = bytearray()
    first = None
    for line in (tmp_path / "x.srec").read_text().split():
        width = {"S1": 2, "S2": 3, "S3": 4}.get(line[:2])
        if width:
            row = bytes.fromhex(line[4:])
            first = int.from_bytes(row[:width], "big") if first is None else first
            theirs += row[width:-1]
    assert (first, bytes(theirs)) == (address, data)


def test_elf_is_the_debug_elf_and_nothing_lies_beside_it(tmp_path, link):
    assert link(tmp_path / "image.bin")[0] == link(tmp_path / "only.elf")[0] == 0
    assert (tmp_path / "only.elf").read_bytes() == (tmp_path / "image_debug.elf").read_bytes()
    assert not (tmp_path / "only_debug.elf").exists()


def test_format_goes_before_the_name(tmp_path, link):
    assert link(tmp_path / "image.bin")[0] == link(tmp_path / "firmware.img", "--format", "bin")[0] == 0
    assert (tmp_path / "firmware.img").read_bytes() == (tmp_path / "image.bin").read_bytes()
    code, _, err = link(tmp_path / "firmware.rom")
    assert (code, (tmp_path / "firmware.rom").exists()) == (2, False)
    assert "its name does not end in .bin, .hex, .elf" in err
    assert "--format bin or hex or elf" in err


def test_the_same_output_twice_is_the_same_file(tmp_path, link):
    assert link(tmp_path / "image.bin")[0] == 0
    first = {path: path.read_bytes() for path in tmp_path.glob("image*")}
    assert link(tmp_path / "image.bin")[0] == 0
    assert {path: path.read_bytes() for path in tmp_path.glob("image*")} == first
    assert not list(tmp_path.glob(".tmp-*"))


def test_names_with_blanks(tmp_path, link):
    folder = tmp_path / "meine Bilder"
    folder.mkdir()
    assert link(folder / "ein Bild.bin")[0] == 0
    assert sorted(path.name for path in folder.iterdir()) == ["ein Bild.bin", "ein Bild_debug.elf"]


def test_an_image_of_the_extensions_name_leaves_its_debug_file_alone(tmp_path, link):
    before = (tmp_path / "adder_debug.elf").read_bytes()
    for _ in range(2):
        assert link(tmp_path / "adder.bin")[0] == 0
    assert (tmp_path / "adder_debug.elf").read_bytes() == before
    assert (tmp_path / "adder_image_debug.elf").exists()


# Refused: nothing is written ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["adder.llext", "zephyr.elf", "adder_debug.elf"])
def test_what_is_read_is_not_overwritten(tmp_path, link, name):
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    code, _, err = link(tmp_path / name, "--format", "elf" if name.endswith("elf") else "bin")
    assert code == 2
    assert "would be overwritten, and the image is made from it" in err
    assert "_image" in err
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


def test_a_name_for_the_same_file_is_noticed(tmp_path, link, files):
    (tmp_path / "other.bin").symlink_to(files[0])
    assert link(tmp_path / "other.bin")[0] == 2


def test_a_folder_that_is_not_there_is_not_made(tmp_path, link):
    code, _, err = link(tmp_path / "none" / "image.bin")
    assert (code, (tmp_path / "none").exists()) == (1, False)
    assert "there is no folder" in err


@pytest.mark.parametrize(
    ("where", "words"),
    [
        (["--at", "xyz"], "'xyz' is no address"),
        (["--at", "08040000"], "'08040000' is no address"),
        (["--at", ""], "'' is no address"),
        (["--at", "0x08040000", "--ram", "0xg"], "'0xg' is no address"),
        (["--at", "0x108040000"], "addresses have 32 bits"),
        (["--at", "0x08040001"], "is not aligned"),
        (["--at", "0x08000000"], "and there lies the firmware's"),
        ([], "Missing option '--at'"),
    ],
)
def test_an_address_that_cannot_be_is_a_mistake_in_the_call(tmp_path, link, where, words):
    code, out, err = link(tmp_path / "image.bin", where=where)
    assert (code, out) == (2, "")
    assert words in err
    assert not list(tmp_path.glob("image*"))


@pytest.mark.parametrize(
    ("name", "words"), [("none.elf", "No such file"), ("adder.llext", "no firmware"), ("image.hex", "not an ELF file")]
)
def test_what_is_no_firmware_is_said(tmp_path, link, name, words):
    (tmp_path / "image.hex").write_bytes(intel_hex(b"1234", 0))
    code, _, err = link(tmp_path / "image.bin", firmware=tmp_path / name)
    assert code == 2
    assert words in err
    assert "Traceback" not in err


def test_what_is_no_extension_is_said(tmp_path, link, files):
    assert "no such file" in link(tmp_path / "image.bin", extension=tmp_path / "none.llext")[2]
    assert "no such file" in link(tmp_path / "image.bin", extension=tmp_path)[2]
    code, _, err = link(tmp_path / "image.bin", extension=files[1])
    assert code == 1
    assert "ET_EXEC" in err
    assert not list(tmp_path.glob("image*"))


def test_a_missing_export_is_the_error_with_its_number(tmp_path, link):
    poor = stand_in(tmp_path, name="poor", exports=("k_malloc",), config=CONFIG)
    code, out, _ = link(tmp_path / "image.bin", "--json", firmware=poor)
    error = json.loads(out)["error"]
    assert (code, error["errno"], error["errno_name"], error["missing"]) == (
        1,
        -61,
        "ENODATA",
        ["printk"],
    )
    assert "EXPORT_SYMBOL(printk);" in error["hint"]


@pytest.mark.parametrize("limit", [8, 3000])
def test_a_full_disk_leaves_nothing_half_written(tmp_path, files, limit):
    """By the limit of a file's size: at 3000 bytes the image fits, and its ELF does not."""
    (tmp_path / "image.bin").write_bytes(b"old")
    words = ["link", files[0], "--firmware", files[1], *WHERE, "-o", tmp_path / "image.bin"]
    done = subprocess.run(
        [sys.executable, "-m", "llext", *words], capture_output=True, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert done.returncode == 1
    assert "cannot write" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "image.bin").read_bytes() == b"old"
    assert not (tmp_path / "image_debug.elf").exists()
    assert not list(tmp_path.glob(".tmp-*"))


def test_warnings_go_to_standard_error(tmp_path, build, capfd):
    path = build(ADD, "other", board=BOARDS["riscv"])
    firmware = stand_in(tmp_path, isa="riscv", name="far", exports=tuple(undefined(path)), config=CONFIG)
    assert run(["link", str(path), "--firmware", str(firmware), "--at", "0x10000000", "-o", str(tmp_path / "image.bin")]) == 0
    assert capfd.readouterr().err == (
        "warning: --at 0x10000000: nothing is known of memory there, no section of the firmware is near\n"
    )
