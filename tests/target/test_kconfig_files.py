"""The files that a configuration becomes, compared with kconfiglib's own writers, and read back."""

import re
import shutil
import subprocess

import pytest

from llext.target.kconfig import application_files, autoconf, cmake, dotconfig
from llext.target.kconfig.render import bracket

OWN = """source "Kconfig.zephyr"

config APP_MODE
	tristate "Mode"

config APP_TEXT
	string "Text"

config APP_ADDRESS
	hex "Address"
	default 0x20000000

config APP_BARE_ADDRESS
	hex "Address without 0x"

config APP_NUMBER
	int "Number"
"""
PRJ = r"""CONFIG_MODULES=y
CONFIG_APP_MODE=m
CONFIG_APP_TEXT="say \"hi\" at C:\\new; ü"
CONFIG_APP_BARE_ADDRESS=2f
CONFIG_APP_NUMBER=-5
CONFIG_LLEXT=y
CONFIG_LOG=y
# CONFIG_BOOT_BANNER is not set
"""


def lines(text):
    return {line for line in text.split("\n") if line.startswith(("CONFIG_", "# CONFIG_", "#define"))}


@pytest.fixture
def rich(configured):
    return configured(PRJ, OWN).check()


def test_dotconfig_says_what_kconfiglibs_says(rich, tmp_path):
    rich.inside.kconfig.write_config(str(tmp_path / "theirs"))
    assert lines(dotconfig(rich)) == lines((tmp_path / "theirs").read_text(encoding="utf-8"))


def test_autoconf_says_what_kconfiglibs_says(rich, tmp_path):
    rich.inside.kconfig.write_autoconf(str(tmp_path / "theirs"))
    assert lines(autoconf(rich)) == lines((tmp_path / "theirs").read_text(encoding="utf-8"))


def test_switches_numbers_and_texts_are_macros(rich):
    found = lines(autoconf(rich))
    assert {
        "#define CONFIG_LLEXT 1",
        "#define CONFIG_APP_MODE_MODULE 1",
        '#define CONFIG_APP_TEXT "say \\"hi\\" at C:\\\\new; ü"',
        "#define CONFIG_APP_ADDRESS 0x20000000",
        "#define CONFIG_APP_BARE_ADDRESS 0x2f",
        "#define CONFIG_APP_NUMBER -5",
        '#define CONFIG_BOARD_TARGET "mps2/an385"',
    } <= found
    assert not any("BOOT_BANNER" in line for line in found)
    assert {"CONFIG_APP_MODE=m", "# CONFIG_BOOT_BANNER is not set", 'CONFIG_APP_TEXT="say \\"hi\\" at C:\\\\new; ü"'} <= lines(
        dotconfig(rich)
    )


def test_a_dotconfig_read_back_gives_the_same_values(rich, configured):
    again = configured(dotconfig(rich))
    assert again.errors == ()
    assert {each.name: each.value for each in again.settings} == {each.name: each.value for each in rich.settings}
    assert dotconfig(again) == dotconfig(rich)


def test_autoconf_compiles(rich, build, tmp_path):
    header = tmp_path / "autoconf.h"
    header.write_text(autoconf(rich), encoding="utf-8")
    text = """_Static_assert(CONFIG_APP_NUMBER == -5, "");
_Static_assert(IS_ENABLED(CONFIG_LLEXT) && !IS_ENABLED(CONFIG_BOOT_BANNER), "");
_Static_assert(CONFIG_APP_ADDRESS + CONFIG_APP_BARE_ADDRESS == 0x2000002f, "");
_Static_assert(sizeof(CONFIG_APP_TEXT) == 23, "");
int nothing(void) { return 0; }
EXPORT_SYMBOL(nothing);
"""
    assert build(text, cflags=["-imacros", str(header)]).exists()


def test_cmake_variables_are_set_for_what_is_on(rich):
    found = dict(re.findall(r"^set\(CONFIG_(\w+) \[==\[(.*)\]==\]\)$", cmake(rich), re.MULTILINE))
    assert found["LLEXT"] == "y"
    assert found["APP_MODE"] == "m"
    assert found["APP_TEXT"] == 'say "hi" at C:\\new; ü'
    assert found["APP_BARE_ADDRESS"] == "0x2f"
    assert "BOOT_BANNER" not in found
    assert "LLEXT_SHELL_MAX_SIZE" not in found


TEXTS = ["", "plain", "a;b", "]", "]==]", "]=", "x]==", "${HOME}", '"', "\\", "\nline", "ü"]


@pytest.mark.parametrize("text", TEXTS)
def test_a_bracket_argument_ends_where_it_should(text):
    written = bracket(text)
    opening = re.match(r"\[(=+)\[\n?", written)
    closing = f"]{opening[1]}]"
    end = written.index(closing, opening.end())
    assert (end + len(closing), written[opening.end() : end]) == (len(written), text) or text.startswith("\n")


@pytest.mark.skipif(shutil.which("cmake") is None, reason="needs cmake")
def test_cmake_reads_any_text_back(tmp_path):
    script = tmp_path / "read.cmake"
    script.write_text("".join(f'set(X {bracket(text)})\nfile(APPEND out "<${{X}}>")\n' for text in TEXTS), encoding="utf-8")
    subprocess.run(["cmake", "-P", str(script)], check=True, cwd=tmp_path)
    assert (tmp_path / "out").read_text(encoding="utf-8") == "".join(f"<{text}>" for text in TEXTS)


def test_an_applications_files_are_its_own_and_the_boards(app):
    assert application_files(app, "mps2/an385") == ()
    (app / "boards").mkdir()
    for name in ("prj.conf", "boards/mps2_an385.conf", "boards/qemu_riscv32.conf"):
        (app / name).write_text("")
    assert application_files(app, "mps2/an385") == (app / "prj.conf", app / "boards" / "mps2_an385.conf")
    assert application_files(app, "mps2/an521") == (app / "prj.conf",)


def test_a_configuration_is_a_value(configured):
    one, other = configured("CONFIG_LOG=y\n"), configured("CONFIG_LOG=y\n")
    assert one == other
    assert hash(one) == hash(other)
    assert one != configured("")
