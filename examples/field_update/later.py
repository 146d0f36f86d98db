# SPDX-License-Identifier: Apache-2.0
"""A device works; updates are written, built and sent meanwhile. Nothing is built into its image, and it is not booted again."""

import subprocess
import sys
import tempfile
from pathlib import Path
from zlib import crc32

from llext import Board

HERE = Path(__file__).parent


def built(source: Path, folder: Path) -> bytes:
    """An extension for the device, from its source and the header that the device was sold with."""
    output = folder / f"{source.stem}.llext"
    command = [sys.executable, "-m", "llext", "build", source, "-I", HERE / "include", "-o", output]
    subprocess.run([str(word) for word in command], check=True, capture_output=True)
    return output.read_bytes()


def send(board: Board, data: bytes) -> int:
    """Sends an update over the link, a piece every 2 ms. The device's answer."""
    board.call("update_begin", len(data), crc32(data))
    for at in range(0, len(data), 64):
        piece = data[at : at + 64]
        board.call("update_piece", piece, len(piece))
        board.run_for(ms=2)
    return board.call("update_finish")


def main() -> None:
    """Lets the device work for 1.15 s, and sends two updates; prints what its console says from then on."""
    with Board("mps2/an385", app=HERE) as board, tempfile.TemporaryDirectory() as folder:
        board.boot()
        board.run_for(ms=1150)
        for name in ("json", "future"):
            before = len(board.console)
            print(f"{name}: {send(board, built(HERE / 'update' / f'{name}.c', Path(folder)))}")
            board.run_for(ms=200)
            print(board.console[before:], end="")


if __name__ == "__main__":
    main()
