"""llext check on the command line: what it prints, its exit code, its JSON; on firmware of our own too."""

import json

import pytest
from stand_in import stand_in

from llext.build.firmware import Project, build_application
from llext.build.templates import new_project
from llext.cli.app import run

ADD = 'int add(int a, int b) { printk("adding\\n"); return a + b; }\nEXPORT_SYMBOL(add);\n'


@pytest.fixture
def files(tmp_path, build):
    return build(ADD, "adder"), stand_in(tmp_path, config=("LLEXT", "LLEXT_HEAP_SIZE=8", "CPU_CORTEX_M4"))


def test_the_answer_is_for_people(files, capfd):
    extension, firmware = files
    assert run(["check", str(extension), "--firmware", str(firmware)]) == 0
    text = capfd.readouterr().out
    assert "  Zephyr                     4.0.0  (its boot banner, in section rodata)\n" in text
    assert "  LLEXT heap                 8192 bytes at 0x20001040  (symbol llext_heap, its init_mem and init_bytes)\n" in text
    assert f"\n{extension}: loads\n  LLEXT heap          bytes  aligned  at byte\n" in text
    assert f"\nimports of {extension}\n  printk  firmware, 0x080" in text
    assert "smallest CONFIG_LLEXT_HEAP_SIZE for all of them: 1\n" in text
    assert "not known" not in text


def test_the_answer_is_for_programs(files, capfd):
    extension, firmware = files
    assert run(["check", str(extension), "--firmware", str(firmware), "--json"]) == 0
    facts = json.loads(capfd.readouterr().out)
    assert (facts["loads"], facts["certain"], facts["extensions"][0]["verdict"]) == (True, True, "loads")
    assert facts["extensions"][0]["heap"]["requests"][0] == {
        "purpose": "struct llext",
        "size": 188,
        "alignment": 0,
        "offset": 60,
        "freed": False,
        "rounding": 0,
    }


def test_what_does_not_load_is_exit_code_1(tmp_path, files, capfd):
    extension, _ = files
    firmware = stand_in(tmp_path, name="poor", exports=("k_malloc",), config=("LLEXT",))
    assert run(["check", str(extension), "--firmware", str(firmware)]) == 1
    text = capfd.readouterr().out
    assert f"{extension}: -ENODATA (-61)\n  nothing provides 'printk'\n" in text
    assert "EXPORT_SYMBOL(printk);" in text


@pytest.mark.parametrize(("words", "code"), [([], 0), (["--certain"], 1)])
def test_what_is_only_probable_is_a_failure_if_that_is_wanted(tmp_path, files, words, code):
    extension, _ = files
    firmware = stand_in(tmp_path, name="new", version="4.3.0", config=("LLEXT",))
    assert run(["check", str(extension), "--firmware", str(firmware), *words]) == code


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("absent.elf", "No such file or directory"),
        ("text.elf", "this looks like text"),
        ("ext.llext", "is an object or an extension, no firmware"),
    ],
)
def test_what_is_no_firmware_is_said(tmp_path, files, capfd, name, message):
    extension, _ = files
    (tmp_path / "text.elf").write_text("text\n")
    (tmp_path / "ext.llext").write_bytes(extension.read_bytes())
    assert run(["check", str(extension), "--firmware", str(tmp_path / name)]) in (1, 2)
    said = capfd.readouterr()
    assert message in said.err
    assert "build/zephyr/zephyr.elf" in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("board", ["mps2/an385", "qemu_riscv32"])
def test_firmware_of_our_own_is_asked_as_any(tmp_path, capfd, board):
    new_project(tmp_path / "mine", "pool")
    elf = build_application(Project.of(tmp_path / "mine", board=board))
    assert run(["check", str(elf.with_name("mine.llext")), "--firmware", str(elf)]) == 0
    text = capfd.readouterr().out
    assert "mine.llext: probably loads\n" in text
    assert "k_heap_init   firmware, " in text
