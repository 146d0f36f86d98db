"""llext symbolize and addr2line: what a board's own fatal dumps say, against the fault report of the same run."""

import sys
from random import Random

import pytest
from crashed_device import damaged

from llext import Board, GuestFault
from llext.cli.app import run
from llext.debug.symbolize import Symbolizer

BAD = """#include <zephyr/llext/symbol.h>

int bad(int *p)
{
	return *p + 1;
}
EXPORT_SYMBOL(bad);
"""
MAIN = """#include <zephyr/kernel.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>
static const uint8_t image[] __aligned(4) = {
#include <bad.inc>
};
int main(void)
{
	struct llext_buf_loader loader = LLEXT_BUF_LOADER(image, sizeof(image));
	struct llext *ext;

	llext_load(&loader.loader, "bad", &ext, NULL);
	return ((int (*)(int *))llext_find_sym(&ext->exp_tab, "bad"))((int *)0xfffffff0);
}
"""
CMAKE = """add_llext_target(bad OUTPUT ${ZEPHYR_BINARY_DIR}/bad.llext SOURCES src/bad.c)
generate_inc_file_for_target(app ${ZEPHYR_BINARY_DIR}/bad.llext ${ZEPHYR_BINARY_DIR}/include/generated/bad.inc)
"""
CONF = "CONFIG_LLEXT=y\nCONFIG_LOG=y\nCONFIG_LLEXT_LOG_LEVEL_DBG=y\nCONFIG_MAIN_STACK_SIZE=2048\n"
MODES = {"minimal": "CONFIG_LOG_MODE_MINIMAL=y\n", "colours": "CONFIG_LOG_MODE_IMMEDIATE=y\nCONFIG_LOG_BACKEND_SHOW_COLOR=y\n"}


@pytest.fixture(params=[(board, mode) for board in ("mps2/an385", "qemu_riscv32") for mode in MODES], ids=" ".join)
def crash(application, request):
    """The firmware, its log, and the report of the same fault."""
    board, mode = request.param
    elf = application(MAIN, CONF + MODES[mode], files={"src/bad.c": BAD}, cmake=CMAKE, board=board)
    with Board(app=elf) as powered:
        powered.boot()
        with pytest.raises(GuestFault) as caught:
            powered.run()
        return elf, powered.console, caught.value


def symbols_of(elf):
    return elf.parent.parent / "llext"


def test_the_faulting_line_and_its_caller_are_told(crash):
    elf, log, fault = crash
    reader = Symbolizer(elf, [symbols_of(elf)])
    told = [text for line in log.splitlines() for text in reader.feed(line) if text.startswith("    ")]
    at = next(text for text in told if f"{fault.pc:08x} = bad .text+" in text)
    assert at.endswith("src/bad.c:5")
    assert f"+{fault.place.offset:#x} <bad+" in at
    assert any("<main+" in text and text.endswith("src/main.c:13") for text in told)
    assert any("PRECISERR: a load or store" in text or "mcause: a load where" in text for text in told)
    assert any("fffffff0 = a NULL pointer minus 16" in text for text in told)  # what main passes


@pytest.mark.parametrize(
    "change", [lambda log: log.replace("\n", "\r\n"), lambda log: "\x00\xff" + log, lambda log: log.replace("os", "o")]
)
def test_odd_logs_are_read(crash, tmp_path, capfd, change):
    elf, log, _ = crash
    path = tmp_path / "log.txt"
    path.write_text(change(log), "utf-8", newline="")
    assert run(["symbolize", str(path), "--firmware", str(elf), "--symbols", str(symbols_of(elf))]) == 0
    assert "src/bad.c:5" in capfd.readouterr().out


def test_a_log_comes_from_standard_input_and_what_is_not_known_is_said(crash, tmp_path, capfd, monkeypatch):
    elf, log, _ = crash
    path = tmp_path / "log.txt"
    path.write_text(log)
    with path.open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert run(["symbolize", "--firmware", str(elf)]) == 0
    captured = capfd.readouterr()
    assert "src/main.c:13" in captured.out
    assert "src/bad.c" not in captured.out
    assert "extension bad: no debug file of that name: --symbols names it, or its folder" in captured.out


def test_an_extension_that_was_unloaded_is_nowhere(crash):
    elf, log, fault = crash
    reader = Symbolizer(elf, [symbols_of(elf)])
    for line in log.splitlines():
        list(reader.feed(line))
    assert reader.spot(fault.pc) is not None
    list(reader.feed("<dbg> llext: Unloaded extension bad"))
    assert reader.spot(fault.pc) is None


def test_damaged_logs_of_a_board_are_read_and_whole_lines_explained(crash):
    """Lines that say all that is told of them, and are as they were, are explained as before."""
    elf, log, _ = crash
    lines = log.splitlines()
    first = next(number for number, line in enumerate(lines) if "FAULT" in line or "mcause" in line)
    alone = [line for line in lines[first:] if "r14/lr" in line or " ra: " in line or "mcause" in line or "Precise" in line]
    told = {line: list(Symbolizer(elf, []).feed(line)) for line in alone}
    dice, compared = Random(7), 0
    for _ in range(100):
        reader = Symbolizer(elf, [symbols_of(elf)])
        for line in [lines[first], *damaged(lines, dice)]:
            found = list(reader.feed(line))
            if line in told:
                assert set(told[line]) <= set(found)
                compared += 1
    assert compared > 150


def test_what_runs_where_an_extension_was_is_told_as_unloaded(crash):
    elf, log, fault = crash
    reader = Symbolizer(elf, [symbols_of(elf)])
    lines = log.splitlines()
    at = next(number for number, line in enumerate(lines) if "Loaded extension" in line)
    lines.insert(at + 1, "Unloaded extension bad")
    told = [text for line in lines for text in reader.feed(line)]
    assert any(f"{fault.pc:08x} = bad .text+" in text and text.endswith("bad has been unloaded") for text in told)


def test_single_addresses_are_told(crash, capfd):
    elf, _, fault = crash
    debug = symbols_of(elf) / "bad_debug.elf"
    start = fault.pc - fault.place.offset
    assert run(["addr2line", str(debug), hex(fault.pc), "--at", f".text={start:#x}"]) == 0
    assert capfd.readouterr().out.endswith("src/bad.c:5\n")
    assert run(["addr2line", str(debug), "0x10", "--at", f".text={start:#x}"]) == 1
    assert "not in the code of" in capfd.readouterr().out
    assert run(["addr2line", str(debug), "xyz"]) in (1, 2)


def test_wrong_files_are_said(tmp_path, capfd):
    assert run(["symbolize", str(tmp_path / "none"), "--firmware", str(tmp_path / "none.elf")]) in (1, 2)
    assert "no such file or folder" in capfd.readouterr().err
    (tmp_path / "text").write_text("text")
    assert run(["symbolize", str(tmp_path / "text"), "--firmware", str(tmp_path / "text")]) in (1, 2)
    assert "not an ELF file" in capfd.readouterr().err
