"""C and C++ that an extension brings along because its code calls it behind the programmer's back.

Destructors of static objects, guards, operator new, thread-local variables: no firmware exports them. A file of these is
compiled with the flags of the extension and joined to it if something in it is called.
"""

from __future__ import annotations

import re
from pathlib import Path

from llext.arch import Arch
from llext.build import libc
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
DESTRUCTORS = _FOLDER / "destructors.c"
"""What extensions keep of static objects until they are torn down; firmware is not."""
FLOATS = _FOLDER / "floats.c"
"""What puts zig's helpers right."""
_FLOATS = re.compile(r"__(div[ds]f3|aeabi_[df]div)|log2|log10")


def support_objects(objects: list[Path], toolchain: Toolchain, arch: Arch) -> list[Path]:
    """The compiled support files that objects need."""
    wanted = undefined_names(objects)
    flags = ("-Os", *include_flags())
    files = dict(_FILES) if toolchain.gnu else _FILES | {FLOATS.name: _FLOATS}
    fused = [] if toolchain.gnu else [name for name in ("fma", "fmaf") if name in wanted]
    return [
        *(
            compile_source(_FOLDER / name, toolchain, flags).path
            for name, defines in files.items()
            if any(defines.fullmatch(symbol) for symbol in wanted)
        ),
        *libc.musls(fused, toolchain, arch),
    ]
