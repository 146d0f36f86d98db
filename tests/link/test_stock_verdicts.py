"""What stock Zephyr would say of odd files, row by row of docs/stock-zephyr.md."""

import json
import re

import odd_files as odd
import pytest
from conftest import ROOT
from stock_rows import LOADS, ROWS, SOURCE

from llext import Board, LlextError
from llext.cli.app import run
from llext.elf import constants as c
from llext.link import VERSIONS, Check, stock_notes, stock_rules

PAGE = (ROOT / "docs" / "stock-zephyr.md").read_text()


def load(row, version, *, strict=False):
    """The file's notes as a loaded extension has them."""
    with Board(row.board, zephyr=version) as board:
        for number, data in enumerate(row.before):
            board.load(data, f"lib{number}")
        return board.load(bytes(row.make()), row.under, strict=strict).portability


def notes(row, version):
    """What a version says of a file, and what our loader does with it."""
    try:
        return load(row, version), LOADS
    except LlextError as error:
        return stock_notes(row.make(), stock_rules(version)), f"refuses, -{error.errno.name}"


def verdict(found):
    if not found:
        return LOADS
    if found[0].errno is not None:
        return f"-{found[0].errno.name}"
    return "may crash" if found[0].crash else "loads, but"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_stock_zephyr_and_our_loader_answer_as_the_row_says(row):
    for version, expected in zip(VERSIONS, row.verdicts, strict=True):
        found, here = notes(row, version)
        assert (version, verdict(found), here) == (version, expected.removesuffix(SOURCE), row.here), [str(n) for n in found]
        if found:
            certain = expected[-1] != SOURCE and version in {"3.7", "4.0"}
            assert found[0].version == f"Zephyr {version}" + ("" if certain else " (from source)")
            assert re.search(row.said, found[0].reason), found[0].reason
            assert found[0].hint


@pytest.mark.parametrize("row", [row for row in ROWS if row.here == LOADS], ids=lambda row: row.name)
def test_strict_mode_answers_as_stock_zephyr_does(row):
    for version, expected in zip(VERSIONS, row.verdicts, strict=True):
        answer = expected.removesuffix(SOURCE)
        if answer.startswith("loads"):
            load(row, version, strict=True)
            continue
        with pytest.raises(LlextError, match=row.said) as caught:
            load(row, version, strict=True)
        assert (caught.value.errno and f"-{caught.value.errno.name}") == (None if answer == "may crash" else answer)
        assert re.search(f"Zephyr {version}.*{'may crash' if answer == 'may crash' else 'refuses it'}", caught.value.message)


def test_the_page_has_these_rows_and_no_others():
    written = [tuple(cell.strip() for cell in line.split("|")[1:7]) for line in PAGE.splitlines() if line.startswith("| ")]
    rows = [cells for cells in written if cells[0] not in {"file", "---"} and len(cells) == 6]
    assert rows == [(row.name, *row.verdicts, row.here) for row in ROWS]


@pytest.mark.parametrize("count", [1, 500], ids=["one by one", "as arrays"])
def test_many_relocations_do_not_hide_an_odd_symbol_or_place(count):
    pytest.importorskip("numpy")
    made = odd.Arm()
    table = made.section(".data", bytes(4 * count), odd.DATA)
    made.writer.symbol("port", c.SHN_ABS, type_=c.STT_OBJECT)
    made.writer.relocate(table, [*((4 * at, odd.ABS32, made.f) for at in range(count)), (4 * count - 2, odd.ABS32, made.f)])
    found = stock_notes(made.build(), stock_rules("4.4"))
    assert [note.check for note in found] == [Check.SYMBOL_SECTION, Check.RELOCATION_EDGE]
    assert "port" in found[0].reason


def test_inspect_says_what_stock_does_with_a_file_that_we_refuse(tmp_path, capfd):
    path = tmp_path / "odd.llext"
    path.write_bytes(odd.header(odd.Arm().build(), shnum=0))
    assert run(["inspect", str(path), "--zephyr", "4.0"]) == 1
    out, err = capfd.readouterr()
    assert "Zephyr 4.0 refuses it: -ENOMEM, it has no section headers" in out
    assert err.startswith("error: ")
    assert run(["inspect", str(path), "--zephyr", "4.0", "--json"]) == 1
    assert "-ENOMEM" in json.loads(capfd.readouterr().out)["error"]["portability"][0]


def test_inspect_says_that_stock_believes_a_file_that_we_refuse(tmp_path, capfd):
    path = tmp_path / "odd.llext"
    data = odd.Arm().build()
    data[4] = 2
    path.write_bytes(data)
    assert run(["inspect", str(path)]) == 1
    assert "Zephyr 4.4 (from source) has no objection" in capfd.readouterr().out


def test_a_dynamic_symbol_table_only_is_what_stock_answers_to_whatever_else_we_refuse():
    data = odd.section(odd.section(odd.Arm().build(), ".symtab", type=c.SHT_DYNSYM), ".text", alignment=12)
    first, *_ = stock_notes(data, stock_rules("4.0"))
    assert (first.check, first.errno.name) == (Check.DYNAMIC_SYMBOLS, "ENOEXEC")
