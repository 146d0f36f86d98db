"""A Target powered on."""

from llext.board.board import CLOCKS, Board

__all__ = ["CLOCKS", "Board"]
