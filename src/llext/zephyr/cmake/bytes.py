"""A file as hexadecimal bytes for a C array: the words of generate_inc_file. Leaves an equal output alone."""

import argparse
import gzip
import sys
from pathlib import Path


def main() -> None:
    """Writes the output if it would be another."""
    words = argparse.ArgumentParser("generate_inc_file", allow_abbrev=False)
    words.add_argument("source", type=Path)
    words.add_argument("output", type=Path)
    words.add_argument("-g", "--gzip", action="store_true")
    words.add_argument("-m", "--gzip-mtime", type=int, default=0, help="the time that a compressed file notes")
    words.add_argument("-o", "--offset", type=lambda text: int(text, 0), default=0)
    words.add_argument("-l", "--length", type=lambda text: int(text, 0), default=-1)
    given = words.parse_args()
    try:
        data = given.source.read_bytes()[given.offset :]
    except OSError as error:
        sys.exit(f"{given.source}: {error.strerror}")
    data = data[: given.length] if given.length >= 0 else data
    if given.gzip:
        data = gzip.compress(data, mtime=given.gzip_mtime)
    rows = (data[at : at + 16] for at in range(0, len(data), 16))
    text = "".join("".join(f"0x{byte:02x}, " for byte in row) + "\n" for row in rows)
    if not given.output.is_file() or given.output.read_text() != text:
        given.output.parent.mkdir(parents=True, exist_ok=True)
        given.output.write_text(text)


main()
