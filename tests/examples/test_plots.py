"""The plots of docs/examples are drawn of the tables that stand on their pages, which test_pages.py compares with runs."""

import importlib.util
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest
from conftest import ROOT

PAGES = ROOT / "docs" / "examples"
ROW = re.compile(r"^(?P<way>(?:static|extensions), .*?)  +(?P<numbers>[\d ]+)$", re.MULTILINE)


def measure_of(example):
    spec = importlib.util.spec_from_file_location(f"measure_{example}", ROOT / "examples" / example / "measure.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_ram_on_demand_shows_the_first_table_of_its_page():
    measure = measure_of("ram_on_demand")
    table = (
        (PAGES / "ram_on_demand.md").read_text("utf-8").split("$ python examples/ram_on_demand/measure.py\n")[1].split("```")[0]
    )
    rows = []
    for found in ROW.finditer(table):
        taken, own, heap, peak, after = map(int, found["numbers"].split())
        assert taken == own + heap
        rows.append(measure.Row(found["way"], own, heap, peak, after))
    drawn = (PAGES / "ram_on_demand.svg").read_text("utf-8")
    assert len(rows) == 4
    assert measure.plot(rows, "mps2/an385") == drawn
    ET.fromstring(drawn)


@pytest.fixture
def copied(tmp_path):
    """Runs a line of Python in the copy of an example's folder, far from the repository's scripts."""

    def go(example, line):
        folder = tmp_path / example
        shutil.copytree(ROOT / "examples" / example, folder, ignore=shutil.ignore_patterns("build", "__pycache__"))
        return subprocess.run([sys.executable, "-c", line], cwd=folder, capture_output=True, text=True, check=False)

    return go


def test_a_copied_example_measures_without_the_scripts_of_the_repository(copied):
    done = copied("switching", "import levels; levels.main()")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1].startswith("call ")


@pytest.mark.parametrize(
    ("example", "line"),
    [
        ("switching", "import levels; levels.picture([], '')"),
        ("ram_on_demand", "import measure; measure.plot([], 'mps2/an385')"),
    ],
)
def test_a_picture_of_a_copied_example_is_refused_in_one_sentence(copied, example, line):
    done = copied(example, line)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "scripts/svg.py of the llext repository" in done.stderr
