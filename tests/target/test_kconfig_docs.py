"""docs/kconfig.md: its tables are the tree's, and have every option of LLEXT and every one that C headers name."""

import re

from conftest import HEADERS_THAT_ARE_NOT_THERE, ROOT

from llext.build.toolchain import HEADERS

PAGE = (ROOT / "docs" / "kconfig.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `([A-Z0-9_]+)` \| (\w+) \| (.*?) \| (.*?) \|", PAGE, re.MULTILINE)
TODAY = {"build", "firmware", "headers", "switch", "constant", "always", "to do", "never", "not there", "board"}


def named_by_headers():
    """Options that headers read, or name as what they want; not those that only say what is not there."""
    headers = [path for path in HEADERS.rglob("*.h") if path.relative_to(HEADERS).as_posix() not in HEADERS_THAT_ARE_NOT_THERE]
    return {name for path in headers for name in re.findall(r"\bCONFIG_([A-Z0-9_]+[A-Z0-9])\b", path.read_text())}


def test_types_and_defaults_are_the_trees(configured):
    values = configured("CONFIG_LLEXT=y\nCONFIG_LOG=y\n").values
    assert len(ROWS) > 120
    assert len({name for name, *_ in ROWS}) == len(ROWS)
    for name, kind, default, today in ROWS:
        value = values[name].value
        shown = f'"{value}"' if kind == "string" else value or "(none)"
        assert (name, kind, default) == (name, values[name].kind, "n" if name in {"LLEXT", "LOG"} else shown)
        assert set(today.split(", ")) <= TODAY


def test_every_option_of_llext_and_of_the_headers_is_in_a_table(configured):
    told = {name for name, *_ in ROWS}
    named = named_by_headers()
    assert named - {"LLEXT_KCONFIG"} <= told
    ours = {name for name in configured("").values if name.startswith("LLEXT_")}
    apart = re.compile(r"LLEXT_(LOG_LEVEL_|CODEGEN_|NOT_|KCONFIG|GRANULE)")
    assert {name for name in ours if not apart.match(name)} <= told


def test_what_headers_read_is_told_as_such():
    named = named_by_headers()
    told = {name for name, _, _, today in ROWS if "headers" in today.split(", ")}
    assert named - {"LLEXT_KCONFIG"} <= told


def test_what_is_not_there_is_not_there_in_the_tree(configured):
    for name, kind, _, today in ROWS:
        if today == "not there" and kind == "bool":
            board = "CONFIG_LLEXT=y\nCONFIG_LOG=y\nCONFIG_SHELL=y\nCONFIG_FLASH=y\nCONFIG_FILE_SYSTEM=y\nCONFIG_SEMIHOST=y\n"
            told = configured(board + f"CONFIG_{name}=y\n").diagnostics
            assert any("is not there yet" in each.text for each in told), name


def test_what_an_application_follows_is_tried_by_a_test():
    places = [ROOT / "tests" / name for name in ("options", "firmware", "apps")]
    files = [
        path for place in places for path in place.rglob("*") if path.suffix in {".py", ".conf"} and "build" not in path.parts
    ]
    tried = {name for path in files for name in re.findall(r"CONFIG_([A-Z0-9_]+)", path.read_text("utf-8"))}
    told = {name for name, _, _, today in ROWS if {"build", "firmware"} & set(today.split(", "))}
    assert {name for name in told if not any(each.startswith(name) for each in tried)} == set()
