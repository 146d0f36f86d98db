"""Files whose tests take longest are given out first, so that no process waits for the last of them."""

import random
from itertools import groupby
from types import SimpleNamespace

from conftest import ROOT, SLOW_FILES, pytest_collection_modifyitems

TESTS = [
    *(f"tests/few.py::test[{at}]" for at in range(2)),
    *(f"tests/many.py::test[{at}]" for at in range(9)),
    *(f"{file}::test" for file in reversed(SLOW_FILES)),
]


def test_slow_files_are_there():
    assert [file for file in SLOW_FILES if not (ROOT / file).exists()] == []


def test_a_process_of_xdist_puts_slow_files_first_then_those_with_most_tests():
    items = [SimpleNamespace(nodeid=name) for name in TESTS]
    pytest_collection_modifyitems(SimpleNamespace(workerinput={}), items)
    files = [file for file, _ in groupby(items, lambda item: item.nodeid.partition("::")[0])]
    assert files == [*SLOW_FILES, "tests/many.py", "tests/few.py"]


def test_the_order_of_tests_in_a_file_and_of_a_single_process_is_left_alone():
    names = random.sample(TESTS[2:11], 9)
    items = [SimpleNamespace(nodeid=name) for name in names]
    pytest_collection_modifyitems(SimpleNamespace(workerinput={}), items)
    assert [item.nodeid for item in items] == names
    items = [SimpleNamespace(nodeid=name) for name in TESTS]
    pytest_collection_modifyitems(SimpleNamespace(), items)
    assert [item.nodeid for item in items] == TESTS
