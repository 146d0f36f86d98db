"""The pages of docs/examples: their commands print what they show, on Arm and on RISC-V, and code stands in them as in the files."""

import re
import sys
from importlib.metadata import version

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import pages
from pages import BLOCK, FOLDER, piece, printed

PAGES = sorted(FOLDER.glob("*.md"))
OTHER = ("--board", "qemu_riscv32")


def blocks(page):
    return [(found["what"], found["text"]) for found in BLOCK.finditer(page.read_text("utf-8"))]


COMMANDS = {page.stem: [(what[2:], text) for what, text in blocks(page) if what.startswith("$ ")] for page in PAGES}
"""Of each page its commands, and what it shows of them."""
RUNS = {page: [row for row in rows if "llext run examples/" in row[0]] for page, rows in COMMANDS.items()}
ONE_BOARD = {page for page, rows in RUNS.items() if any("--board" in command for command, _ in rows)}
"""Pages that show another board's output themselves, because it is not the same."""


OTHER_COMPILER = f"ziglang=={version('ziglang')}\n" not in (ROOT / "requirements-dev.lock").read_text("utf-8")


def test_every_application_has_a_page_that_runs_it():
    applications = {path.parent.name for path in (ROOT / "examples").glob("*/CMakeLists.txt")} - {"article"}
    assert applications == {re.search(r"llext run examples/(\w+)", command)[1] for rows in RUNS.values() for command, _ in rows}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_code_stands_in_the_page_as_in_the_file(page):
    for what, text in blocks(page):
        assert what.startswith("$ ") or text == piece(what), what


@pytest.mark.parametrize("page", COMMANDS)
def test_commands_print_what_their_page_shows_one_after_the_other_in_one_folder(tmp_path, page):
    if page in ONE_BOARD and OTHER_COMPILER:
        pytest.skip("the page shows sizes of what the locked compiler makes")
    for command, shown in COMMANDS[page]:
        assert f"$ {command}\n{printed(command, tmp_path / page)}" == shown


@pytest.mark.parametrize("page", sorted(RUNS.keys() - ONE_BOARD))
def test_applications_print_the_same_on_riscv(tmp_path, page):
    for command, shown in RUNS[page]:
        assert f"$ {command}\n{printed(command, tmp_path / page, *OTHER)}" == shown


def test_commands_of_a_page_build_in_one_folder_and_those_of_another_in_another(tmp_path, monkeypatch):
    """What a command says behind -- stays in the folder, so that a page whose next one does not take it back is wrong."""
    names = [tmp_path / "one.md", tmp_path / "two.md"]
    for page in names:
        page.write_text("".join(f"<!-- $ llext run examples/hello{more} -->\n```console\n```\n" for more in ("", " --board x")))
    built = []
    monkeypatch.setattr(pages, "printed", lambda _command, build: built.append(build) or "")
    monkeypatch.setattr(sys, "argv", ["pages.py", *map(str, names)])
    pages.main()
    assert built[0] == built[1] != built[2] == built[3]
