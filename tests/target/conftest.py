"""Applications that are configured."""

import pytest

from llext.target import load_target
from llext.target.kconfig import board_values, configure


@pytest.fixture
def app(tmp_path):
    """An application's folder, in a path with a space and letters that are not ASCII."""
    folder = tmp_path / "meine Prüfung"
    folder.mkdir()
    return folder


@pytest.fixture
def configured(app):
    """Configures an application from the text of its prj.conf, and of its Kconfig if it has one."""

    def go(prj="", kconfig=None, *, board="mps2/an385", more=(), **choices):
        path = app / "prj.conf"
        path.write_bytes(prj if isinstance(prj, bytes) else prj.encode())
        if kconfig is not None:
            (app / "Kconfig").write_text(kconfig, encoding="utf-8")
        return configure(app, board=board_values(load_target(board)), conf_files=(path, *more), **choices)

    return go


@pytest.fixture
def told(configured, app):
    """What is told of a prj.conf: (severity, line, text, hint) of each."""

    def go(prj, kconfig=None, **choices):
        found = configured(prj, kconfig, **choices).diagnostics
        assert all(each.place is None or each.place.file.startswith((str(app), "-D")) for each in found)
        return [(each.severity, each.place.line if each.place else 0, each.text, each.hint) for each in found]

    return go
