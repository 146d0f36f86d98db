"""llext check --execute on the command line: what it prints, its exit code, its JSON."""

import json

import pytest
from executed_firmware import executed_firmware
from stand_in import stand_in

from llext.cli.app import run

ADD = 'int add(int a, int b) { printk("adding\\n"); return a + b; }\nEXPORT_SYMBOL(add);\n'


@pytest.fixture
def extension(build):
    return str(build(ADD, "adder", board="mps2/an386"))


@pytest.fixture
def firmware(tmp_path):
    return str(executed_firmware(tmp_path, config=("CPU_CORTEX_M4",)))


def check(*words):
    return run(["check", *map(str, words)])


def test_both_answers_stand_beside_each_other(extension, firmware, capfd):
    assert check(extension, "--firmware", firmware, "--execute", "--call", "add(2, 3)") == 0
    text = capfd.readouterr().out
    assert "\nits own llext_load, run on ARM_CORTEX_M4; its structures: DWARF of its llext.c\n" in text
    assert f"\n{extension}: its own answer: loads\n" in text
    lines = {line[4:].split("  ")[0]: line.split()[-2:] for line in text.splitlines() if line.startswith("    ")}
    assert lines["llext_load"] == ["loads", "loads"]
    assert lines["region text"][0] == lines["region text"][1]
    assert lines["heap in use"][0] == lines["heap in use"][1]
    assert "differs" not in text
    assert "\nadd(2, 3): 5\n  log: adding\n" in text
    assert "\nllext_unload adder: 0\nLLEXT heap at the end: 0 bytes in use\n" in text
    assert "2 times with 0; it needs a mutex: a current thread\n" in text


def test_the_same_for_programs(extension, firmware, capfd):
    assert check(extension, "--firmware", firmware, "--call", "add(2, 3)", "--json") == 0
    executed = json.loads(capfd.readouterr().out)["executed"]
    assert (executed["ran"], executed["ok"], executed["cpu"], executed["heap_left"]) == (True, True, "ARM_CORTEX_M4", 0)
    (load,) = executed["loads"]
    assert (load["returned"], load["verdict"], load["stop"], list(load["exports"])) == (0, "loads", None, ["add"])
    assert load["requests"][0] == {"size": 188, "alignment": 4, "offset": 68}
    assert {row["what"]: row["differs"] for row in load["compared"]}["heap at most"] is False
    assert executed["calls"] == [{"call": "add(2, 3)", "result": 5, "typed": True, "stop": None, "log": ["adding"]}]
    assert executed["unloads"] == [{"name": "adder", "returned": 0, "stop": None}]


def test_an_own_answer_that_differs_is_marked_and_a_failure(tmp_path, extension, capfd):
    """The .config that check is given says that regions are powers of two; the firmware's are not."""
    firmware = executed_firmware(tmp_path)
    config = tmp_path / "other.config"
    config.write_text("CONFIG_MPU_REQUIRES_POWER_OF_TWO_ALIGNMENT=y\n")
    assert check(extension, "--firmware", firmware, "--config", config, "--execute") == 1
    text = capfd.readouterr().out
    assert f"{extension}: loads\n" in text
    marked = [line for line in text.splitlines() if line.startswith("  ! ")]
    assert marked
    assert all(line.endswith("  differs") for line in marked)
    assert any("request 3 to heap" in line for line in marked)


def test_a_refusal_of_the_firmware_is_a_failure(build, firmware, capfd):
    lonely = build(
        "extern int nobody(void);\nint f(void) { return nobody(); }\nEXPORT_SYMBOL(f);\n", "lonely", board="mps2/an386"
    )
    assert check(lonely, "--firmware", firmware, "--execute") == 1
    text = capfd.readouterr().out
    assert f"{lonely}: its own answer: -ENODATA (-61)\n" in text
    assert "  log: Undefined symbol with no entry in symbol table nobody, link section 0\n" in text
    assert "differs" not in text


def test_code_that_stops_is_shown_with_its_place(tmp_path, extension, capfd):
    firmware = executed_firmware(tmp_path, defines=("WRITES",))
    assert check(extension, "--firmware", firmware, "--execute") == 1
    text = capfd.readouterr().out
    assert "  it writes 0x50000000, where the firmware has no memory: hardware, or a wild pointer, at 0x0800" in text
    assert " in llext_load\n" in text
    assert "  ! llext_load  loads  stopped  differs\n" in text


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_firmware_that_cannot_be_run_is_answered_with_the_reason(tmp_path, extension, words, capfd):
    firmware = stand_in(tmp_path, name="bare", config=("LLEXT",))
    assert check(extension, "--firmware", firmware, "--execute", *words) == 1
    text = capfd.readouterr().out
    if words:
        assert json.loads(text)["executed"]["errno"] == 88
        assert json.loads(text)["loads"] is True
    else:
        assert f"{extension}: loads\n" in text
        assert f"\nnot executed: {firmware}: its own loader cannot be run: it has no symbol llext_load" in text


def test_a_call_that_is_none_is_an_error(extension, firmware, capfd):
    assert check(extension, "--firmware", firmware, "--execute", "--call", "add(2,") == 2
    assert "--call 'add(2,'" in capfd.readouterr().err
