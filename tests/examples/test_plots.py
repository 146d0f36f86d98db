"""The plots of docs/examples are drawn of the tables that stand on their pages, which test_pages.py compares with runs."""

import importlib.util
import re
import xml.etree.ElementTree as ET

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
