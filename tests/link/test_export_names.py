"""Names that 'llext inspect' finds in an export table without loading the file."""

import json

import odd_files as odd
import pytest

from llext.cli.app import run
from llext.elf import constants as c


def exports_of(folder, capfd, data, *words):
    """What inspect lists."""
    path = folder / "odd.llext"
    path.write_bytes(data)
    assert run(["inspect", str(path), "--json", *words]) == 0
    return json.loads(capfd.readouterr().out)["exports"]


def table(*symbols, made=None, addends=None, size=None, strings=b"first\0\0second\0last"):
    """A file with an export table whose names are at (symbol, addend), where a symbol is what is added to the file.

    ``strings`` begins at offset 4 of its section, 'second' at 7 of it, 'last' has no end.
    """
    made = made or odd.Arm()
    rodata = made.section(".rodata", b"pad\0" + strings)
    local = made.writer.symbol("strings", rodata, 4, binding=c.STB_LOCAL)
    data, entries, extra = b"", [], []
    for number, (symbol, addend) in enumerate(symbols):
        index = local if symbol is None else symbol(made.writer)
        entries += [(8 * number, odd.ABS32 if addends is None else 1, index)]
        extra.append(addend)
        data += (addend & 0xFFFFFFFF if addends is None else 0).to_bytes(4, "little") + bytes(4)
    exported = made.section(".exported_sym", data if size is None else data[:size], odd.DATA)
    made.writer.relocate(exported, entries, addends=extra if addends else None)
    return made.build()


def test_a_file_without_an_export_table_exports_nothing(tmp_path, capfd):
    assert exports_of(tmp_path, capfd, odd.Arm().build()) == []


@pytest.mark.parametrize("isa", ["Arm", "RISC-V"])
def test_names_are_found_by_symbol_and_addend_of_either_kind_of_table(tmp_path, capfd, isa):
    places = [(None, 7), (None, 0), (lambda writer: writer.symbol("behind", 2, 12, binding=c.STB_LOCAL), -1)]
    more = {"made": odd.RiscV(), "addends": True} if isa == "RISC-V" else {}
    words = ("--board", "qemu_riscv32") if isa == "RISC-V" else ()
    assert exports_of(tmp_path, capfd, table(*places, **more), *words) == ["second", "first", "second"]


@pytest.mark.parametrize(
    "place",
    [
        (lambda writer: writer.symbol("fixed", c.SHN_ABS, 8), 0),
        (lambda writer: writer.symbol("printk"), 0),
        (None, 6),
        (None, 18),
        (None, -5),
        (lambda writer: writer.symbol("zeroed", writer.section(".bss", type_=c.SHT_NOBITS, flags=odd.DATA, size=64)), 4),
    ],
    ids=["absolute", "of the firmware", "empty", "behind the section", "before the section", "zeroed memory"],
)
def test_what_is_no_name_in_the_file_is_left_out(tmp_path, capfd, place):
    assert exports_of(tmp_path, capfd, table(place, (None, 0))) == ["first"]


def test_a_name_that_ends_with_its_section_is_a_name(tmp_path, capfd):
    assert exports_of(tmp_path, capfd, table((None, 14))) == ["last"]


def test_half_an_entry_has_no_name(tmp_path, capfd):
    assert exports_of(tmp_path, capfd, table((None, 0), (None, 7), size=10)) == ["first"]


def test_only_the_first_word_of_an_entry_is_a_name(tmp_path, capfd):
    made = odd.Arm()
    rodata = made.section(".rodata", b"name\0")
    strings = made.writer.symbol("strings", rodata, binding=c.STB_LOCAL)
    exported = made.section(".exported_sym", bytes(16), odd.DATA)
    made.writer.relocate(exported, [(4, odd.ABS32, strings), (8, odd.ABS32, strings), (12, odd.ABS32, made.f)])
    assert exports_of(tmp_path, capfd, made.build()) == ["name"]
