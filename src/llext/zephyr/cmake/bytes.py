"""A file as hexadecimal bytes for a C array: the words of generate_inc_file. Leaves an equal output alone."""

import sys
from pathlib import Path


def main(source: Path, output: Path) -> None:
    """Writes the output if it would be another."""
    data = source.read_bytes()
    rows = (data[at : at + 16] for at in range(0, len(data), 16))
    text = "".join("".join(f"0x{byte:02x}, " for byte in row) + "\n" for row in rows)
    if not output.is_file() or output.read_text() != text:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text)


main(Path(sys.argv[1]), Path(sys.argv[2]))
