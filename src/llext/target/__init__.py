"""What a board is, before anything is powered on: frozen facts read from devicetree.

A board is a devicetree file in ``boards/``: CPU, memories with their kinds, clock, the window through which the
virtual board's services are called, and the devices that applications look for. No emulator is known here, and no
compiler is run: what overlays make of a board is read from text that ``build/`` preprocessed.

    facts         MemoryArea, Target
    boards        load_target: a shipped board, by dtlib alone
    devicetree    read_tree: board and overlays in one text, by edtlib and bindings -> Tree
    tree          the frozen Tree: nodes, properties, regions, partitions
    dt_header     Tree -> the text of devicetree_generated.h
    places        where in which file something of a devicetree was said
    refusals      what dtlib and edtlib refuse -> TargetError with that place
    explain       what compilers say of our macros -> what is meant
"""

from llext.target.boards import BOARDS, DEFAULT_BOARD, board_names, load_target
from llext.target.facts import NULL_PAGE_BYTES, SERVICE_PAGE_BYTES, MemoryArea, Target

__all__ = [
    "BOARDS", "DEFAULT_BOARD", "NULL_PAGE_BYTES", "SERVICE_PAGE_BYTES", "MemoryArea", "Target", "board_names", "load_target",
]  # fmt: skip
