"""A Target powered on."""

from llext.board.board import Board

__all__ = ["Board"]
