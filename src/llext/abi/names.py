"""Names of extensions, as struct llext keeps them."""

from __future__ import annotations

from llext.errors import UsageError, expect

NAME_LENGTH = 15
"""LLEXT_MAX_NAME_LEN: bytes to which longer names are cut."""


def cut_name(name: str) -> str:
    """A name as the device keeps it: at most 15 bytes of UTF-8, no half character.

    Raises:
        UsageError: it is none.
    """
    expect("the name of an extension", name, str)
    try:
        data = name.encode()
    except UnicodeEncodeError:
        raise UsageError(f"the name {name!r} has no form in UTF-8", hint="board.load(..., name='codec')") from None
    if not data or b"\0" in data:
        raise UsageError("an extension needs a name, without NUL", hint="board.load(..., name='codec')")
    return data[:NAME_LENGTH].decode(errors="ignore")
