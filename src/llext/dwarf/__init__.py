"""What debug information (DWARF 4 and 5, by pyelftools) tells: prototypes and source lines; later frames."""

from llext.dwarf.lines import source_line
from llext.dwarf.prototypes import read_prototypes

__all__ = ["read_prototypes", "source_line"]
