"""The options of an application on the command line, and the menu in a terminal."""

import json
import os
import re
import select
import subprocess
import sys
import time

import pytest
from conftest import ROOT

from llext.cli.app import run

pty = pytest.importorskip("pty")
PRJ = "CONFIG_LLEXT=y\nCONFIG_LLEXT_HEAP_SIZE=64\n"


@pytest.fixture
def folder(app):
    (app / "prj.conf").write_text(PRJ)
    return app


@pytest.fixture
def call(capfd):
    """Runs the command line in this process: (exit code, standard output, standard error)."""

    def go(*words):
        code = run([str(word) for word in words])
        return code, *capfd.readouterr()

    return go


def test_config_shows_value_origin_and_obstacles(call, folder):
    code, out, err = call("app", "config", folder, "LLEXT_HEAP_SIZE", "CONFIG_LLEXT_SHELL")
    assert (code, err) == (0, "")
    assert f"CONFIG_LLEXT_HEAP_SIZE=64  (int)\n  set by     {folder}/prj.conf:2\n" in out
    assert "CONFIG_LLEXT_SHELL=n  (bool)\n" in out
    assert "  cannot be  y: it needs SHELL=y (it is n)\n  to do      set CONFIG_SHELL=y.\n" in out


def test_config_shows_what_there_is_before_a_wrong_name(call, folder):
    code, out, err = call("app", "config", folder, "LLEXT_HEAP_SIZE", "NOPE", "LLEXT")
    assert code == 2
    assert [line for line in out.splitlines() if line.startswith("CONFIG_")] == [
        "CONFIG_LLEXT_HEAP_SIZE=64  (int)",
        "CONFIG_LLEXT=y  (bool)",
    ]
    assert err.startswith("error: there is no option CONFIG_NOPE")
    assert json.loads(call("app", "config", folder, "LLEXT", "NOPE", "--json")[1])["error"]["message"]


def test_a_file_without_end_is_told(call, folder):
    (folder / "prj.conf").unlink()
    (folder / "prj.conf").symlink_to("/dev/zero")
    code, _, err = call("app", "config", folder)
    assert (code, err.split("\n")[0]) == (2, f"error: {folder}/prj.conf: is larger than 4 MiB")
    (folder / "prj.conf").unlink()
    (folder / "prj.conf").symlink_to("/dev/null")  # which is an empty one
    assert call("app", "config", folder) == (0, "", "")


def test_config_without_names_lists_what_is_set(call, folder):
    code, out, _ = call("app", "config", folder, "-DCONFIG_LOG=y")
    assert code == 0
    assert out.splitlines() == [
        f"CONFIG_LLEXT=y  {folder}/prj.conf:1",
        f"CONFIG_LLEXT_HEAP_SIZE=64  {folder}/prj.conf:2",
        "CONFIG_LOG=y  -DCONFIG_LOG=y",
    ]


def test_config_tells_mistakes_and_fails(call, folder):
    (folder / "prj.conf").write_text(PRJ + "CONFIG_LOGG=y\n")
    code, _out, err = call("app", "config", folder)
    assert code == 2
    assert err == f"{folder}/prj.conf:3: error: there is no option CONFIG_LOGG\n  did you mean CONFIG_LOG?\n"
    assert call("app", "config", folder, "LLEXT")[0] == 0


def test_config_gives_json(call, folder):
    code, out, _ = call("app", "config", folder, "LLEXT_HEAP_SIZE", "--json", "-DCONFIG_NET_IPV4=y")
    found = json.loads(out)
    assert code == 0
    assert found["options"][0]["value"] == "64"
    assert found["options"][0]["set_by"] == f"{folder}/prj.conf:2"
    assert found["diagnostics"][0]["severity"] == "warning"


def test_strict_and_lenient_reach_the_library(call, folder):
    assert call("app", "config", folder, "-DCONFIG_NET_IPV4=y", "--kconfig-strict")[0] == 2
    assert call("app", "config", folder, "-DCONFIG_PRINTK=n")[0] == 2
    assert call("app", "config", folder, "-DCONFIG_PRINTK=n", "--kconfig-lenient")[0] == 0


def test_the_boards_file_and_further_files_are_read(call, folder):
    (folder / "boards").mkdir()
    (folder / "boards" / "qemu_riscv32.conf").write_text("CONFIG_LLEXT_HEAP_SIZE=16\n")
    extra = folder / "extra.conf"
    extra.write_text("CONFIG_LLEXT_HEAP_SIZE=32\n")
    heap = [folder, "LLEXT_HEAP_SIZE"]
    assert "=64 " in call("app", "config", *heap)[1]
    assert "=16 " in call("app", "config", *heap, "--board", "qemu_riscv32")[1]
    assert "=32 " in call("app", "config", *heap, "--board", "qemu_riscv32", "--extra-conf", extra)[1]
    assert (
        "=8 "
        in call(
            "app",
            "config",
            *heap,
            "--conf",
            folder / "boards" / "qemu_riscv32.conf",
            "-DCONFIG_LLEXT=y",
            "-DCONFIG_LLEXT_HEAP_SIZE=8",
        )[1]
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["NONSENSE"], "there is no option CONFIG_NONSENSE"),
        (["LLEXT_HEAPSIZE"], "did you mean CONFIG_LLEXT_HEAP_SIZE"),
        (["--board", "mps2/an38"], "unknown board 'mps2/an38'"),
    ],
)
def test_wrong_names_are_told(call, folder, words, said):
    code, _, err = call("app", "config", folder, *words)
    assert code == 2
    assert said in err


def test_a_folder_without_prj_conf_is_told(call, app):
    code, _, err = call("app", "config", app)
    assert code == 2
    assert f"{app} has no prj.conf" in err


def test_a_broken_kconfig_is_one_message(call, folder):
    (folder / "Kconfig").write_text('source "Kconfig.zephyr"\nconfg A\n')
    code, out, err = call("app", "config", folder)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {folder}/Kconfig:2: couldn't parse 'confg A'")
    assert err.count("\n") == 1
    assert json.loads(call("app", "config", folder, "--json")[1])["error"]["place"] == f"{folder}/Kconfig:2"


def test_the_menu_needs_a_terminal(call, folder):
    code, _, err = call("app", "menuconfig", folder)
    assert code == 2
    assert "the menu needs a terminal" in err


# The menu in a pseudo terminal ------------------------------------------------------------------------------------------


def in_terminal(folder, keys, *words, term="xterm"):
    """Runs the menu, types keys one after the other, each when the screen is still; returns exit code and screen."""
    master, slave = pty.openpty()
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "TERM": term, "LINES": "40", "COLUMNS": "120"}
    command = [sys.executable, "-m", "llext", "app", "menuconfig", str(folder), *words]
    menu = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=env, close_fds=True, start_new_session=True)
    os.close(slave)
    shown = b""
    try:
        for key in keys:
            shown += _until_still(master)
            os.write(master, key.encode())
        shown += _until_still(master, patience=20)
        return menu.wait(timeout=20), shown.decode(errors="replace")
    finally:
        menu.kill()
        menu.wait()
        os.close(master)


def _until_still(master, patience=0.3):
    """What is written until nothing comes for a while, or the other side is closed."""
    shown, first, deadline = b"", True, time.monotonic() + 30
    while time.monotonic() < deadline:
        ready, _, _ = select.select([master], [], [], 20 if first else patience)
        try:
            piece = os.read(master, 65536) if ready else b""
        except OSError:
            piece = b""
        if not piece:
            break
        shown, first = shown + piece, False
    return shown


def test_the_menu_starts_and_quits(folder):
    code, shown = in_terminal(folder, ["q"])
    assert code == 0
    assert "Configuration of a Zephyr application" in shown
    assert "nothing was changed" in shown
    assert not (folder / "build" / "zephyr" / "menuconfig.conf").exists()


def test_what_is_saved_in_the_menu_holds_until_files_change(call, folder):
    code, shown = in_terminal(folder, ["/", "^events$", "\n", "y", "q", "y"])
    assert code == 0
    kept = folder / "build" / "zephyr" / "menuconfig.conf"
    assert f"{kept}:\r\nCONFIG_EVENTS=y\r\n" in shown
    assert re.sub("^#.*\n", "", kept.read_text()) == "CONFIG_EVENTS=y\n"
    assert "CONFIG_EVENTS=y\n" in (folder / "build" / "zephyr" / ".config").read_text()
    assert f"CONFIG_EVENTS=y  (bool)\n  set by     {kept}:2\n" in call("app", "config", folder, "EVENTS")[1]
    (folder / "prj.conf").write_text(PRJ + "# a comment changes nothing\n")
    assert "CONFIG_EVENTS=y" in call("app", "config", folder, "EVENTS")[1]
    (folder / "prj.conf").write_text(PRJ + "CONFIG_POLL=y\n")
    _, out, err = call("app", "config", folder, "EVENTS")
    assert "CONFIG_EVENTS=n" in out
    assert f"{kept}: warning: what was changed in the menu is left out" in err


def test_what_the_menu_undoes_of_the_files_is_kept_too(call, folder):
    (folder / "prj.conf").write_text(PRJ + "CONFIG_LOG=y\nCONFIG_LOG_MODE_IMMEDIATE=y\nCONFIG_POLL=y\n")
    code, _ = in_terminal(folder, ["/", "^poll$", "\n", "n", "/", "^log_mode_deferred$", "\n", "y", "q", "y"])
    assert code == 0
    kept = (folder / "build" / "zephyr" / "menuconfig.conf").read_text()
    assert set(kept.splitlines()[1:]) == {"# CONFIG_POLL is not set", "CONFIG_LOG_MODE_DEFERRED=y"}
    assert "LOG_MODE_DEFERRED=y" in call("app", "config", folder, "LOG_MODE_DEFERRED")[1]


def test_a_second_menu_keeps_what_the_first_changed(folder):
    in_terminal(folder, ["/", "^events$", "\n", "y", "q", "y"])
    code, _ = in_terminal(folder, ["/", "^poll$", "\n", "y", "q", "y"])
    assert code == 0
    kept = (folder / "build" / "zephyr" / "menuconfig.conf").read_text()
    assert set(kept.splitlines()[1:]) == {"CONFIG_EVENTS=y", "CONFIG_POLL=y"}


def test_what_is_not_saved_is_not_kept(folder):
    code, shown = in_terminal(folder, ["/", "^events$", "\n", "y", "q", "n"])
    assert code == 0
    assert "nothing was changed" in shown


def test_a_terminal_that_shows_no_menu_is_told(folder):
    code, shown = in_terminal(folder, [], term="nonsense")
    assert code == 2
    assert "this terminal cannot show a menu" in shown
