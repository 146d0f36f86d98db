"""docs/devicetree.md shows what happens."""

import doctest
import re

from conftest import ROOT
from devicetrees import BOARD, compile_with, text_of

from llext.target.devicetree import read_tree
from llext.target.dt_header import header_text

PAGE = (ROOT / "docs" / "devicetree.md").read_text("utf-8")


def block(language):
    return re.search(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[1]


def test_the_pages_session_prints_what_it_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.overlay").write_text(block("dts"))
    session = doctest.DocTestParser().get_doctest(block("pycon"), {}, "page", None, 0)
    said = []
    assert doctest.DocTestRunner().run(session, out=said.append).failed == 0, "".join(said)


def test_the_pages_code_compiles(tmp_path):
    (tmp_path / "app.overlay").write_text(block("dts"))
    tree = read_tree(text_of(tmp_path / "app.overlay"))
    compile_with(tmp_path, tree, block("c"), "-c", "-o", str(tmp_path / "made.o"), board=BOARD)


def test_every_generated_suffix_of_the_page_is_generated(tmp_path):
    (tmp_path / "app.overlay").write_text(block("dts") + '&uart0 { parity = "none"; };\n')
    made = header_text(read_tree(text_of(tmp_path / "app.overlay")))
    rows = re.findall(r"^\| `(.*?)` \|", PAGE, re.MULTILINE)
    for suffix in re.findall(r"[_A-Z]+", re.sub(r"<\w+>|\(fn\)|`|,", " ", " ".join(rows))):
        assert suffix in made or suffix in ("_IRQ_", "_BUS", "_BUS_", "_CHILD", "_LENGTH", "_PHN_", "_REG_NAME_"), suffix
