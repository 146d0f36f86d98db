# SPDX-License-Identifier: Apache-2.0
"""Writes src/blocks.inc: the blocks that main plays. Encoders are the vendors' business and never on the device."""

import math
from pathlib import Path

ADPCM, MULAW, UNKNOWN = 0xA1, 0xC7, 0x5E
TONE = [round(12000 * math.exp(-n / 60) * math.sin(2 * math.pi * n / 16)) for n in range(64)]


def table() -> list[int]:
    """The steps, out of the decoder's source: one list, two readers."""
    text = (Path(__file__).parent / "src/adpcm.c").read_text("utf-8")
    return [int(word) for word in text.split("steps[] = {")[1].split("}")[0].replace(",", " ").split()]


def adpcm(samples: list[int]) -> bytes:
    """IMA ADPCM: for each sample the code whose decoded value is the nearest."""
    steps, changes = table(), [-1, -1, -1, -1, 2, 4, 6, 8]
    sample, step, codes = samples[0], 40, []
    start = sample.to_bytes(2, "little", signed=True) + bytes([step])
    for wanted in samples:
        size = steps[step]
        reach = [(size >> 3) + bool(c & 4) * size + bool(c & 2) * (size >> 1) + bool(c & 1) * (size >> 2) for c in range(8)]
        values = [sample + change for change in reach] + [sample - change for change in reach]
        code = min(range(16), key=lambda c, values=values, wanted=wanted: abs(values[c] - wanted))
        sample = max(-32768, min(32767, values[code]))
        step = max(0, min(88, step + changes[code & 7]))
        codes.append(code)
    return start + bytes(low | high << 4 for low, high in zip(codes[::2], codes[1::2], strict=True))


def mulaw(samples: list[int]) -> bytes:
    """G.711 mu-law: of the 256 codes the one that means the nearest sample."""

    def value(code: int) -> int:
        size = (((~code & 15) << 3) + 132 << (~code >> 4 & 7)) - 132
        return size if code & 0x80 else -size

    return bytes(min(range(256), key=lambda code, wanted=wanted: (abs(value(code) - wanted), code)) for wanted in samples)


def main() -> None:
    """Two blocks of one vendor, one of the other, one of nobody, and the first again, damaged."""
    bad = adpcm(TONE)[:2] + b"\xff"
    blocks = [
        bytes([ADPCM]) + adpcm(TONE),
        bytes([ADPCM]) + adpcm(TONE[8:] + TONE[:8]),
        bytes([MULAW]) + mulaw(TONE),
        bytes([UNKNOWN]) + b"\1\2\3",
        bytes([ADPCM]) + bad,
    ]
    lines = ["/* SPDX-License-Identifier: Apache-2.0. Made by make_blocks.py. */"]
    for block in blocks:
        words = [f"0x{byte:02x}" for byte in block]
        rows = [", ".join(words[at : at + 16]) for at in range(0, len(words), 16)]
        lines.append(f"{{{len(block)}, {{" + ",\n\t".join(rows) + "}},")
    (Path(__file__).parent / "src/blocks.inc").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
