"""check against the own loader of a real firmware: LLEXT_REAL_FIRMWARE names its zephyr.elf.

The extensions are the .llext files of the folder LLEXT_REAL_EXTENSIONS, or of the firmware's own. No firmware of others is in
this repository, so that without these names there is nothing to run.
"""

import os
from pathlib import Path

import pytest

from llext.errors import Errno, UsageError
from llext.firmware import Firmware
from llext.firmware.execute.compared import compare

FIRMWARE = os.environ.get("LLEXT_REAL_FIRMWARE", "")


def extensions():
    folder = Path(os.environ.get("LLEXT_REAL_EXTENSIONS") or Path(FIRMWARE).parent)
    return sorted(folder.glob("*.llext")) if FIRMWARE else []


@pytest.fixture(scope="module")
def firmware():
    if not FIRMWARE:
        pytest.skip("LLEXT_REAL_FIRMWARE names no zephyr.elf")
    return Firmware(FIRMWARE)


def compared(firmware, *paths):
    try:
        executed = firmware.execute(*paths)
    except UsageError as error:
        if error.errno is not Errno.ENOSYS:
            raise
        pytest.skip(str(error))
    rows = compare(firmware.check(*paths), executed)
    assert executed.left in (0, None)
    return [row for load in rows for row in load]


@pytest.mark.parametrize("path", extensions() or [None], ids=lambda path: path.name if path else "none")
def test_each_extension_is_predicted(firmware, path):
    """Return value, region addresses, requests, heap in use and at most."""
    if path is None:
        pytest.skip("no .llext files in LLEXT_REAL_EXTENSIONS, or beside LLEXT_REAL_FIRMWARE")
    rows = compared(firmware, path)
    assert [row for row in rows if row.differs] == []
    assert rows[0].what == "llext_load"


def test_all_of_them_in_one_heap_are_predicted(firmware):
    paths = extensions()
    if len(paths) < 2:
        pytest.skip("fewer than two .llext files in LLEXT_REAL_EXTENSIONS, or beside LLEXT_REAL_FIRMWARE")
    assert [row for row in compared(firmware, *paths) if row.differs] == []
