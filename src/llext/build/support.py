"""C and C++ that an extension brings along because its code calls it behind the programmer's back.

Destructors of static objects, guards, operator new, thread-local variables: no firmware exports them. A file of these is
compiled with the flags of the extension and joined to it if something in it is called.
"""

from __future__ import annotations

import re
from pathlib import Path

from llext.build.compile import compile_source
from llext.build.helpers import undefined_names
from llext.build.toolchain import Toolchain, include_flags

_FOLDER = Path(__file__).parent.parent / "zephyr" / "support"
_FILES = {
    "destructors.c": re.compile(r"__(cxa|aeabi)_atexit|atexit|__dso_handle"),
    "cxx.c": re.compile(r"__cxa_(guard_(acquire|release|abort)|(pure|deleted)_virtual)"),
    "new.cpp": re.compile(r"_Z(nw|na|dl|da)[jP].*|_ZSt7nothrow"),
    "emulated_tls.c": re.compile(r"__emutls_get_address"),
}
"""File -> the names that it defines; the C++ ones as the Itanium ABI mangles operator new and delete."""


def support_objects(objects: list[Path], toolchain: Toolchain) -> list[Path]:
    """The compiled support files that objects need."""
    wanted = undefined_names(objects)
    flags = ("-Os", *include_flags())
    return [
        compile_source(_FOLDER / name, toolchain, flags).path
        for name, defines in _FILES.items()
        if any(defines.fullmatch(symbol) for symbol in wanted)
    ]
