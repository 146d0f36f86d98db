"""What one load takes, counted; and the bound on what it reads of its source."""

from __future__ import annotations

from dataclasses import dataclass

from llext.elf.reader import Buffer
from llext.errors import ElfError
from llext.loader.source import Load, Read, Seek

SHARE = 4
"""Most times that a load reads its file.

Headers and tables do not overlap, so once covers them; once more for the fields of branches, once for the regions, the
symbol and string tables among them, and once for what lies in the gaps of regions that Zephyr copies whole.
"""


@dataclass
class Cost:
    """What a load took so far, also if it failed.

    Attributes:
        bytes_read: Bytes that the source gave.
        furthest: The file is at least so many bytes long, as far as was seen.
        bytes_allocated: Bytes that were taken of the LLEXT heap, those of the load's own tables included.
        relocations: Relocations that were applied.
    """

    bytes_read: int = 0
    furthest: int = 0
    bytes_allocated: int = 0
    relocations: int = 0


class Reader:
    """Asks a source for bytes and counts them.

    Args:
        origin: The source's name, for messages.
        cost: Where they are counted.
    """

    def __init__(self, origin: str, cost: Cost) -> None:
        self.origin = origin
        self.cost = cost

    def some(self, offset: int, size: int) -> Load[Buffer]:
        """Asks for bytes at a file offset; fewer come only at the end of the source.

        Raises:
            ElfError: more is asked for than a file has whose sections do not overlap.
        """
        cost = self.cost
        if cost.bytes_read + size > SHARE * max(cost.furthest, offset + size):
            raise ElfError(
                f"{self.origin}: its sections overlap: {cost.bytes_read + size} bytes are asked for of the first "
                f"{max(cost.furthest, offset + size)} bytes of the file"
            )
        yield Seek(offset)
        data: Buffer = yield Read(size)
        cost.bytes_read += len(data)
        cost.furthest = max(cost.furthest, offset + len(data))
        return data

    def all(self, offset: int, size: int) -> Load[Buffer]:
        """Asks for bytes at a file offset.

        Raises:
            ElfError: the source ends before them.
        """
        data = yield from self.some(offset, size)
        if len(data) < size:
            raise ElfError(f"{self.origin}: truncated: {size} bytes at offset {offset:#x} lie behind the end of the file")
        return data
