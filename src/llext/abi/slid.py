"""SLIDs, Symbol Link IDentifiers: what stands for the name of a firmware's export with CONFIG_LLEXT_EXPORT_BUILTINS_BY_SLID."""

from __future__ import annotations

import hashlib


def slid(name: str, size: int = 4) -> int:
    """The identifier of a name: the first bytes of its SHA-256, as many as a pointer has, the first one highest."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:size], "big")
