# SPDX-License-Identifier: Apache-2.0
"""What encryption without authentication does not protect against, tried on the image of this example."""

import tempfile
from pathlib import Path

from encrypt import counted, key_of

from llext import Board

HERE = Path(__file__).parent


def run(app: Path) -> list[str]:
    """What the device prints."""
    with Board("mps2/an385", app=app) as board:
        board.boot()
        board.run()
        return board.console.splitlines()


def main() -> None:
    """Looks for the key in the image; then changes one bit of the encrypted file, without the key."""
    run(HERE)
    image = bytearray((HERE / "build/zephyr/zephyr.elf").read_bytes())
    key = key_of(HERE / "src/keys.h")
    print(f"the image holds the key in plain: {key in image}")

    file = (HERE / "build/llext/secret_ext.llext").read_bytes()
    print(f"the image holds the extension's text in plain: {b'at most 100 units' in image}")

    # Where the text stands is known from any plain copy: a device that was opened, an older release, the vendor's other product.
    offset = counted(key, file[:16], file[16:]).index(b"100 units")
    image[image.index(file) + 16 + offset] ^= ord("1") ^ ord("9")
    with tempfile.TemporaryDirectory() as folder:
        changed = Path(folder) / "zephyr.elf"
        changed.write_bytes(image)
        lines = run(changed)
    print("one bit of the encrypted file changed:")
    print("\n".join(f"    {line}" for line in lines if line.startswith(("with the key:", "at most"))))


if __name__ == "__main__":
    main()
