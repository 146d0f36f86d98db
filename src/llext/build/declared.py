"""The types of what an extension imports, for its debug file: how its sources declared them.

GNU compilers write declarations of what is called into the debug information. Clang writes none of variables, and none of functions where
calls go through a register, as far ones do on Arm. So the source is read once more, with a pointer for each name whose target has its
type; the object's debug information has what is wanted. It lies in a section of the debug file that nothing loads; ``llext check`` compares
it with the firmware's own types.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from llext.abi.catalogue import SERVICES
from llext import cache
from llext.build.compile import Object, compile_source
from llext.build.helpers import undefined_names
from llext.build.processes import in_parallel
from llext.build.toolchain import Toolchain
from llext.dwarf.declarations import DECLARED_SECTION, IMPORT_PREFIX
from llext.elf import with_sections
from llext.errors import BuildError

_NAME = re.compile(r"(?!__aeabi_|__llext_|(?:mem(?:cpy|move|set|cmp)|strlen|bcmp)$)[A-Za-z_]\w*")
"""Not what compilers call by themselves, so that nobody need have declared it."""
_UNKNOWN = re.compile(r"use of undeclared (?:identifier|library function) '(\w+)'")
_IMPLEMENTATION = "z_impl_"
"""Before the name of a system call: what firmware exports."""
_QUIET = ("-O0", "-w", "-ferror-limit=0")


def declared(objects: Sequence[Object], toolchain: Toolchain, flags: tuple[str, ...]) -> list[bytes]:
    """Objects whose debug information has the types of what sources import; none where the compiler's own has them."""
    if toolchain.gnu:
        return []
    wanted = undefined_names([made.path for made in objects])
    made_of_c = [made for made in objects if made.source.suffix == ".c"]
    return [data for data in in_parallel(lambda made: _declared(made, wanted, toolchain, flags), made_of_c) if data]


def with_declared(debug: bytes, made: Sequence[bytes]) -> bytes:
    """A debug file with such objects."""
    return with_sections(debug, [(DECLARED_SECTION, data) for data in made])


def _declared(made: Object, wanted: set[str], toolchain: Toolchain, flags: tuple[str, ...]) -> bytes:
    """An object whose debug information has the types of what a source imports; nothing where it does not say."""
    source = str(made.source.absolute())
    names = {name: _written(name) for name in sorted(undefined_names([made.path]) & wanted) if _NAME.fullmatch(name)}
    for _ in range(2):
        if not names or '"' in source or "\\" in source:
            return b""
        text = f'#include "{source}"\n' + "".join(
            f"__typeof__({written}) *{IMPORT_PREFIX}{name};\n" for name, written in names.items()
        )
        probe = cache.keep_for(cache.digest("declared", text), text.encode(), ".c")
        try:
            return compile_source(probe, toolchain, (*flags, *_QUIET)).path.read_bytes()
        except BuildError as error:  # what the compiler called by itself, memcpy for one, need not be declared
            unknown = set(_UNKNOWN.findall(error.diagnostics))
            names = {name: written for name, written in names.items() if written not in unknown} if unknown else {}
    return b""




def _written(name: str) -> str:
    """What our headers call a symbol: system calls by their bare names."""
    return name.removeprefix(_IMPLEMENTATION) if name in _system_calls() else name


@lru_cache(maxsize=1)
def _system_calls() -> frozenset[str]:
    return frozenset(spec.symbol for spec in SERVICES if spec.symbol != spec.name)
