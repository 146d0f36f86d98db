"""What is kept of the menu, with a menu that is told what to do; tests/cli has the real one in a terminal."""

import curses
import os
import sys

import menuconfig
import pytest

from llext.errors import UsageError
from llext.target.kconfig import MENU_FILE
from llext.target.kconfig.menu import run_menu


@pytest.fixture
def menu(configured, app, monkeypatch):
    """Runs a menu that sets options and saves; returns the lines that were kept."""
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    folder = app / "build" / "zephyr"

    def go(prj, **values):
        def shown(kconfig):
            assert os.environ["KCONFIG_CONFIG"] == str(folder / ".config")
            kconfig.load_config()
            for name, value in values.items():
                assert kconfig.syms[name].set_value(value)
            kconfig.write_config()

        monkeypatch.setattr(menuconfig, "menuconfig", shown)
        return run_menu(configured(prj, menu=folder / MENU_FILE), folder)

    return go


def test_only_what_was_changed_is_kept(menu, configured, app):
    assert menu("CONFIG_LOG=y\n") == []
    assert not (app / "build" / "zephyr" / MENU_FILE).exists()
    assert menu("CONFIG_LOG=y\n", LLEXT="y", MAIN_STACK_SIZE="4096") == ["CONFIG_MAIN_STACK_SIZE=4096", "CONFIG_LLEXT=y"]
    kept = app / "build" / "zephyr" / MENU_FILE
    configuration = configured("CONFIG_LOG=y\n", menu=kept)
    assert (configuration["LLEXT"], configuration["LLEXT_HEAP_SIZE"], configuration["MAIN_STACK_SIZE"]) == ("y", "8", "4096")
    assert kept in configuration.files


def test_what_a_file_sets_can_be_undone(menu):
    assert menu("CONFIG_LOG=y\n", LOG="n") == ["# CONFIG_LOG is not set"]


def test_what_an_earlier_menu_changed_is_kept_or_taken_back(menu):
    assert menu("", LOG="y") == ["CONFIG_LOG=y"]
    assert menu("", POLL="y") == ["CONFIG_POLL=y", "CONFIG_LOG=y"]
    assert menu("", POLL="n") == ["# CONFIG_POLL is not set", "CONFIG_LOG=y"]


def test_changes_for_other_files_are_left_out_with_a_warning(menu, configured, app):
    menu("", LOG="y")
    configuration = configured("CONFIG_POLL=y\n", menu=app / "build" / "zephyr" / MENU_FILE)
    assert configuration["LOG"] == "n"
    assert [each.text for each in configuration.diagnostics] == [
        "what was changed in the menu is left out: the configuration files say something else since"
    ]


def test_the_environment_is_as_before(menu, monkeypatch):
    monkeypatch.setenv("KCONFIG_CONFIG", "mine")
    menu("")
    assert os.environ["KCONFIG_CONFIG"] == "mine"
    monkeypatch.delenv("KCONFIG_CONFIG")
    menu("")
    assert "KCONFIG_CONFIG" not in os.environ


def test_a_python_without_curses_is_told(menu, monkeypatch):
    monkeypatch.setitem(sys.modules, "curses", None)
    with pytest.raises(UsageError, match="the menu cannot be shown"):
        menu("")


def test_a_terminal_without_what_the_menu_needs_is_told(menu, configured, app, monkeypatch):
    menu("")

    def fails(_):
        raise curses.error("cbreak() returned ERR")

    monkeypatch.setattr(menuconfig, "menuconfig", fails)
    with pytest.raises(UsageError, match=r"cbreak\(\) returned ERR"):
        run_menu(configured(""), app / "build" / "zephyr")


def test_no_terminal_is_told(configured, app, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(UsageError, match="needs a terminal"):
        run_menu(configured(""), app)
