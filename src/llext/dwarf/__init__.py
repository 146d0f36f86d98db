"""What debug information (DWARF 2 to 5, by pyelftools) tells: prototypes, source lines, inlined functions, where callers are."""

from llext.dwarf.debug_file import DebugFile
from llext.dwarf.frames import CallerRule, Frames
from llext.dwarf.inlines import CallSite, Inlined, Inlines
from llext.dwarf.lines import Lines, SourceLine, source_line
from llext.dwarf.prototypes import read_prototypes
from llext.dwarf.sections import unreadable

__all__ = [
    "CallSite", "CallerRule", "DebugFile", "Frames", "Inlined", "Inlines", "Lines", "SourceLine", "read_prototypes", "source_line",
    "unreadable",
]  # fmt: skip
