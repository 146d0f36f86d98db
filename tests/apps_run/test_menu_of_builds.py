"""What a build, its .config and the menu know of each other; the menu is told what to do, tests/cli has the real one."""

import json
import subprocess

import menuconfig
import pytest

from llext.build.firmware.project import cmake_folder, cmake_program, ninja_program
from llext.cli.app import run

FILES = {
    "CMakeLists.txt": "cmake_minimum_required(VERSION 3.20)\nfind_package(Zephyr)\nproject(menu)\ntarget_sources(app PRIVATE main.c)\n",
    "Kconfig": 'source "Kconfig.zephyr"\nconfig NUM\n\tint "number"\n\tdefault 3\n',
    "prj.conf": "CONFIG_BOOT_BANNER=n\n",
    "main.c": "#include <zephyr/kernel.h>\n"
    'int main(void)\n{\n\tprintk("%s %d %d\\n", CONFIG_BOARD, CONFIG_MAIN_STACK_SIZE, CONFIG_NUM);\n\treturn 0;\n}\n',
}


@pytest.fixture
def app(app):
    for name, text in FILES.items():
        (app / name).write_text(text)
    return app


@pytest.fixture
def call(capfd):
    """Runs the command line in this process: (exit code, standard output, standard error)."""

    def go(*words):
        code = run([str(word) for word in words])
        return code, *capfd.readouterr()

    return go


@pytest.fixture
def menu(app, call, monkeypatch):
    """Opens the menu, sets options and saves, if there are any."""

    def go(*words, **values):
        def shown(kconfig):
            kconfig.load_config()
            for name, value in values.items():
                assert kconfig.syms[name].set_value(value)
            if values:
                kconfig.write_config()

        monkeypatch.setattr(menuconfig, "menuconfig", shown)
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
        return call("app", "menuconfig", app, *words)

    return go


def ninja(build, *words):
    return subprocess.run([ninja_program(), "-C", build, *words], capture_output=True, text=True, check=True).stdout


def values(call, app, *words):
    """What is shown of the options that main prints."""
    found = json.loads(call("app", "config", app, "NUM", "MAIN_STACK_SIZE", "BOARD", "--json", *words)[1])
    return [each["value"] for each in found["options"]]


def test_the_first_change_in_the_menu_is_built(app, call, menu):
    assert call("run", app)[1] == "mps2 1024 3\n"
    assert menu(MAIN_STACK_SIZE="3072")[0] == 0
    assert call("run", app)[1] == "mps2 3072 3\n"
    assert "no work to do" in ninja(app / "build")
    menu(NUM="4")
    assert "main.c" in ninja(app / "build")
    assert "no work to do" in ninja(app / "build")
    assert call("run", app)[1:] == ("mps2 3072 4\n", "")
    menu()  # looked at, and left
    assert "no work to do" in ninja(app / "build")


def test_a_dotconfig_that_is_gone_is_made_again(app, call):
    assert call("app", "build", app)[0] == 0
    dotconfig = app / "build" / "zephyr" / ".config"
    text = dotconfig.read_text()
    dotconfig.unlink()
    assert call("run", app)[1] == "mps2 1024 3\n"
    assert dotconfig.read_text() == text
    assert "no work to do" in ninja(app / "build")


def test_a_dotconfig_that_was_edited_is_told_and_made_again(app, call, menu):
    assert call("app", "build", app)[0] == 0
    dotconfig = app / "build" / "zephyr" / ".config"
    text = dotconfig.read_text()
    told = f"{dotconfig}: warning: was changed by hand, which has no effect: it is written anew\n"
    dotconfig.write_text(text.replace("_NUM=3", "_NUM=5"))
    _, out, err = call("run", app)
    assert out == "mps2 1024 3\n"
    assert err.startswith(told)
    assert dotconfig.read_text() == text
    assert call("run", app)[1:] == ("mps2 1024 3\n", "")
    dotconfig.write_text(text.replace("_NUM=3", "_NUM=5"))
    assert menu()[2].startswith(told)
    assert dotconfig.read_text() == text


@pytest.mark.parametrize("plain", [False, True])
def test_the_menu_and_what_shows_options_go_by_the_last_build(app, call, menu, plain):
    words = ["-DBOARD=qemu_riscv32", "-DCONFIG_NUM=7"]
    if plain:
        command = [cmake_program(), "-S", app, "-B", app / "build", "-GNinja", f"-DCMAKE_MAKE_PROGRAM={ninja_program()}"]
        subprocess.run([*command, f"-DZephyr_DIR={cmake_folder()}", *words], check=True, capture_output=True)
        ninja(app / "build")
    else:
        assert call("app", "build", app, "--", *words)[0] == 0
    dotconfig = app / "build" / "zephyr" / ".config"
    text = dotconfig.read_text()
    assert values(call, app) == ["7", "1024", "qemu_riscv32"]
    assert menu()[1] == "nothing was changed\n"
    assert dotconfig.read_text() == text
    assert menu(MAIN_STACK_SIZE="2048")[0] == 0
    ninja(app / "build")
    assert call("run", app / "build" / "zephyr" / "zephyr.elf")[1] == "qemu_riscv32 2048 7\n"


def test_what_is_given_takes_the_place_of_the_last_builds_words(app, call):
    (app / "more.conf").write_text("CONFIG_NUM=5\n")
    assert call("app", "build", app, "--", "-DEXTRA_CONF_FILE=more.conf", "-DCONFIG_MAIN_STACK_SIZE=2048")[0] == 0
    assert values(call, app) == ["5", "2048", "mps2"]
    assert values(call, app, "--board", "qemu_riscv32", "-DCONFIG_NUM=9") == ["9", "1024", "qemu_riscv32"]
    call("app", "build", app, "--", "-DCONFIG_NUMM=9")  # which fails, and is not remembered
    assert values(call, app) == ["5", "2048", "mps2"]


def test_a_menu_before_the_first_build_is_built_and_cleaned(app, call, menu):
    assert menu(NUM="5")[0] == 0
    assert call("run", app)[1] == "mps2 1024 5\n"
    assert call("app", "clean", app)[0] == 0
    assert menu(NUM="6")[0] == 0
    assert call("app", "clean", app)[0] == 0
    assert not (app / "build").exists()
    (app / "build").mkdir()
    (app / "build" / "mine").touch()
    code, _, err = menu(NUM="6")
    assert (code, "is no build folder, and not empty" in err) == (2, True)
    assert [path.name for path in (app / "build").iterdir()] == ["mine"]
