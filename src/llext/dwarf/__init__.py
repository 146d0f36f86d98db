"""Types (and later lines and frames) from DWARF."""

from llext.dwarf.prototypes import read_prototypes

__all__ = ["read_prototypes"]
