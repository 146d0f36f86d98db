"""Which overlays an application has, and the one text that the preprocessor makes of them."""

import pytest
from devicetrees import BOARD, text_of

from llext.build.devicetree import find_overlays, preprocess, read_devicetree
from llext.errors import BuildError, TargetError
from llext.target import load_target
from llext.target.boards import board_file
from llext.target.devicetree import BINDINGS, read_tree
from llext.target.dt_header import header_text


@pytest.fixture
def app(tmp_path):
    folder = tmp_path / "my äpp"
    for name in ("app.overlay", "boards/mps2_an385.overlay", "boards/qemu_riscv32.overlay", "a.overlay", "b c.overlay"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'/ {{ zephyr,user {{ said-by = "{name}"; }}; }};\n')
    return folder


def names(app, found):
    return [path.relative_to(app).as_posix() for path in found.files]


def test_the_boards_own_overlay_takes_the_place_of_the_applications(app):
    found = find_overlays(app, BOARD)
    assert names(app, found) == ["boards/mps2_an385.overlay"]
    assert found.notes == (f"{app / 'app.overlay'} is not used: {app / 'boards/mps2_an385.overlay'} takes its place",)


def test_another_board_has_the_applications_overlay(app):
    assert names(app, find_overlays(app, "qemu_cortex_m0")) == ["app.overlay"]


def test_an_application_needs_no_overlay(tmp_path):
    found = find_overlays(tmp_path, BOARD)
    assert (found.files, found.notes) == ((), ())


@pytest.mark.parametrize(
    ("overlays", "extra", "wanted"),
    [
        ("a.overlay", "", ["a.overlay"]),
        ("a.overlay;app.overlay", "", ["a.overlay", "app.overlay"]),
        ("app.overlay a.overlay", "", ["app.overlay", "a.overlay"]),
        ("b c.overlay;a.overlay", "", ["b c.overlay", "a.overlay"]),
        ("", "a.overlay", ["boards/mps2_an385.overlay", "a.overlay"]),
        ("app.overlay", "a.overlay;b c.overlay", ["app.overlay", "a.overlay", "b c.overlay"]),
    ],
)
def test_named_overlays_come_in_their_order_and_extra_ones_behind(app, overlays, extra, wanted):
    assert names(app, find_overlays(app, BOARD, overlays, extra)) == wanted


def test_an_absolute_name_stands_for_itself(app, tmp_path):
    other = tmp_path / "other.overlay"
    other.write_text("")
    assert find_overlays(app, BOARD, str(other)).files == (other,)


@pytest.mark.parametrize("variable", ["DTC_OVERLAY_FILE", "EXTRA_DTC_OVERLAY_FILE"])
def test_a_named_overlay_that_is_not_there_gets_the_nearest(app, variable):
    values = ("ap.overlay", "") if variable == "DTC_OVERLAY_FILE" else ("", "ap.overlay")
    with pytest.raises(BuildError) as raised:
        find_overlays(app, BOARD, *values)
    assert raised.value.message == f"{variable} names {app / 'ap.overlay'}, which does not exist"
    assert "did you mean app.overlay" in raised.value.hint


def test_an_overlay_for_a_board_of_nearly_this_name_is_noted(tmp_path):
    (tmp_path / "boards").mkdir()
    (tmp_path / "boards" / "mps2_an358.overlay").write_text("")
    notes = find_overlays(tmp_path, BOARD).notes
    assert notes == (f"{tmp_path / 'boards/mps2_an358.overlay'} is not used: this board's would be mps2_an385.overlay",)


@pytest.mark.parametrize("order", [("a.overlay", "b c.overlay"), ("b c.overlay", "a.overlay")])
def test_the_last_overlay_wins(app, order):
    tree = read_tree(text_of(*(app / name for name in order)))
    assert tree.node("/zephyr,user").property("said-by").value == order[-1]


def test_every_file_that_was_read_is_listed(app):
    (app / "include").mkdir()
    (app / "include" / "own words.h").write_text("#define SPEED 9600\n")
    overlay = app / "a.overlay"
    overlay.write_text('#include "own words.h"\n#include <mem.h>\n&uart0 { current-speed = <SPEED>; };\n')
    done = preprocess(board_file(BOARD), [overlay], app)
    read = {path.name for path in done.files}
    assert read == {
        "an385.dts",
        "an385.dtsi",
        "devices.dtsi",
        "gpio.h",
        "input-event-codes.h",
        "mem.h",
        "a.overlay",
        "own words.h",
    }
    assert all(path.is_absolute() and path.is_file() for path in done.files)
    assert read_tree(done.text).labelled("uart0").property("current-speed").value == 9600
    assert (done.warnings, str(app / "a.overlay") in done.text) == ("", True)


def test_headers_of_the_application_come_first(app):
    (app / "dts" / "common").mkdir(parents=True)
    (app / "dts" / "common" / "mem.h").write_text("#define DT_SIZE_K(x) 5\n")
    (app / "a.overlay").write_text("#include <mem.h>\n/ { zephyr,user { size = <DT_SIZE_K(1)>; }; };\n")
    tree = read_tree(preprocess(board_file(BOARD), [app / "a.overlay"], app).text)
    assert tree.node("/zephyr,user").property("size").value == 5


def test_only_what_devicetrees_define_is_defined(app):
    (app / "a.overlay").write_text("#if defined(__DTS__) && !defined(__arm__) && !defined(unix)\n/ { linux { }; };\n#endif\n")
    assert read_tree(text_of(app / "a.overlay")).node("/linux").okay


def test_a_warning_of_the_preprocessor_is_kept(app):
    (app / "a.overlay").write_text("#warning look here\n")
    assert "a.overlay:1:2: warning: look here" in preprocess(board_file(BOARD), [app / "a.overlay"]).warnings


def test_apostrophes_and_cells_are_no_words_for_the_preprocessor(app):
    (app / "a.overlay").write_text("/* it's */\n/ { it { #address-cells = <1>; }; }; // don't\n")
    done = preprocess(board_file(BOARD), [app / "a.overlay"])
    assert (read_tree(done.text).node("/it").okay, done.warnings) == (True, "")


def test_a_path_that_cannot_be_included_is_refused(tmp_path):
    path = tmp_path / 'a"b.overlay'
    path.write_text("")
    with pytest.raises(BuildError, match="cannot have quotes or line ends in its path"):
        preprocess(board_file(BOARD), [path])


def test_without_a_preprocessor_it_says_how_to_get_one(monkeypatch):
    monkeypatch.setattr("llext.build.devicetree.zig_program", lambda: None)
    with pytest.raises(BuildError) as raised:
        preprocess(board_file(BOARD))
    assert raised.value.hint == "pip install ziglang."


def test_all_of_a_devicetree_is_read_in_one_call(app):
    binding = app / "dts" / "bindings" / "acme,lamp.yaml"
    binding.parent.mkdir(parents=True)
    binding.write_text('description: a lamp\ncompatible: "acme,lamp"\ninclude: base.yaml\nproperties: {watts: {type: int}}\n')
    overlay = app / "boards" / "mps2_an385.overlay"
    overlay.write_text('#warning bright\n/ { lamp: lamp@4 { compatible = "acme,lamp"; reg = <5 1>; watts = <40>; }; };\n')
    made = read_devicetree(app, BOARD, extra="a.overlay")
    assert made.tree.labelled("lamp").property("watts").value == 40
    assert made.target == load_target(BOARD)
    assert made.header == header_text(made.tree)
    assert {binding, overlay, app / "a.overlay", board_file(BOARD), BINDINGS / "base.yaml"} <= {*made.files}
    assert [note.partition(": ")[2] for note in made.notes if ".overlay:" in note] == [
        "bright",
        "/lamp@4 has another address in its name than in reg (0x5)",
    ]
    assert any("app.overlay is not used" in note for note in made.notes)


def test_an_unknown_board_gets_the_nearest(app):
    with pytest.raises(TargetError) as raised:
        read_devicetree(app, "mps2/an384")
    assert raised.value.hint == "did you mean mps2/an386 or mps2/an385? 'llext boards' lists all."
