"""Kconfig: what an application's ``prj.conf`` and its like say, as frozen values, each with who set it.

    configure(application folder, board's values, files, -D, devicetree) -> Configuration
        .diagnostics     what is wrong: file, line, why, what to do    .check()  raises if there are errors
        .values          settings by name    .on("LOG")    .number("MAIN_STACK_SIZE")
        .explain("LOG")  who set it, and why it cannot be set
    dotconfig(), autoconf(), cmake()  the same as text of files

The options themselves are Kconfig files in ``zephyr/kconfig``; kconfiglib reads them, and is imported when one is read.
Kconfiglib warns of many mistakes only, of some not at all; here they are errors that say what to do. The rules are in
docs/kconfig.md.
"""

from __future__ import annotations

from llext.target.kconfig.changes import FILE_NAME as MENU_FILE
from llext.target.kconfig.configure import application_files, configure
from llext.target.kconfig.inputs import Devicetree, Function, board_values
from llext.target.kconfig.model import Configuration, Diagnostic, Place, Setting
from llext.target.kconfig.render import autoconf, cmake, dotconfig

__all__ = [
    "MENU_FILE",
    "Configuration",
    "Devicetree",
    "Diagnostic",
    "Function",
    "Place",
    "Setting",
    "application_files",
    "autoconf",
    "board_values",
    "cmake",
    "configure",
    "dotconfig",
]
