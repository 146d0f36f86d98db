"""A Target powered on."""

from llext.board.board import Board
from llext.board.power import CLOCKS

__all__ = ["CLOCKS", "Board"]
