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


COMMANDS = [(page.stem, what[2:], text) for page in PAGES for what, text in blocks(page) if what.startswith("$ ")]
"""Page, command, and what the page shows of it."""
RUNS = [row for row in COMMANDS if "llext run examples/" in row[1]]
ONE_BOARD = {page for page, command, _ in RUNS if "--board" in command}
"""Pages that show another board's output themselves, because it is not the same."""


OTHER_COMPILER = f"ziglang=={version('ziglang')}\n" not in (ROOT / "requirements-dev.lock").read_text("utf-8")


def test_every_application_has_a_page_that_runs_it():
    applications = {path.parent.name for path in (ROOT / "examples").glob("*/CMakeLists.txt")} - {"article"}
    assert applications == {re.search(r"llext run examples/(\w+)", command)[1] for _, command, _ in RUNS}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_code_stands_in_the_page_as_in_the_file(page):
    for what, text in blocks(page):
        assert what.startswith("$ ") or text == piece(what), what


@pytest.mark.parametrize(("page", "command", "shown"), COMMANDS, ids=[f"{page}: {command}" for page, command, _ in COMMANDS])
def test_a_command_prints_what_its_page_shows(tmp_path, page, command, shown):
    if page in ONE_BOARD and OTHER_COMPILER:
        pytest.skip("the page shows sizes of what the locked compiler makes")
    assert f"$ {command}\n{printed(command, tmp_path / page)}" == shown


@pytest.mark.parametrize(("page", "command", "shown"), RUNS, ids=[f"{page}: {command}" for page, command, _ in RUNS])
def test_an_application_prints_the_same_on_riscv(tmp_path, page, command, shown):
    if page not in ONE_BOARD:
        assert f"$ {command}\n{printed(command, tmp_path / page, *OTHER)}" == shown


def test_commands_of_a_page_build_in_folders_of_their_own(tmp_path, monkeypatch):
    page = tmp_path / "page.md"
    page.write_text("".join(f"<!-- $ llext run examples/hello{more} -->\n```console\n```\n" for more in ("", " --board x")))
    built = []
    monkeypatch.setattr(pages, "printed", lambda _command, build: built.append(build) or "")
    monkeypatch.setattr(sys, "argv", ["pages.py", str(page)])
    pages.main()
    assert len(set(built)) == 2
