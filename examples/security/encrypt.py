# SPDX-License-Identifier: Apache-2.0
"""Encrypts a file in place, AES-128 in counter mode: the first counter, 16 bytes, and what was encrypted. Needs nothing but Python.

    encrypt.py src/keys.h secret_ext.llext

The first counter is made of the key and the file, so that the same file gives the same bytes, and two files never share a counter.
"""

import hashlib
import hmac
import re
import sys
from pathlib import Path


def times(a: int, b: int) -> int:
    """The product of two bytes as polynomials, modulo x^8 + x^4 + x^3 + x + 1 (FIPS 197, 4.2)."""
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a = a << 1 ^ (0x11B if a & 0x80 else 0)
        b >>= 1
    return product


def substitute(value: int) -> int:
    """An entry of the S-box: the inverse, and an affine transformation (FIPS 197, 5.1.1)."""
    inverse = next((other for other in range(256) if times(value, other) == 1), 0)
    twice = inverse << 8 | inverse
    return 0x63 ^ inverse ^ (twice >> 7 ^ twice >> 6 ^ twice >> 5 ^ twice >> 4) & 0xFF


SBOX = bytes(substitute(value) for value in range(256))


def schedule(key: bytes) -> list[bytes]:
    """The eleven round keys (FIPS 197, 5.2)."""
    words = [key[at : at + 4] for at in range(0, 16, 4)]
    constant = 1
    for at in range(4, 44):
        word = words[-1]
        if at % 4 == 0:
            word = bytes([SBOX[word[1]] ^ constant, SBOX[word[2]], SBOX[word[3]], SBOX[word[0]]])
            constant = times(constant, 2)
        words.append(bytes(a ^ b for a, b in zip(words[-4], word, strict=True)))
    return [b"".join(words[at : at + 4]) for at in range(0, 44, 4)]


def encrypted(keys: list[bytes], block: bytes) -> bytes:
    """One block (FIPS 197, 5.1)."""
    state = bytes(a ^ b for a, b in zip(block, keys[0], strict=True))
    for number, key in enumerate(keys[1:], 1):
        state = bytes(SBOX[state[(at + 4 * (at % 4)) % 16]] for at in range(16))
        if number < 10:
            columns = [state[at : at + 4] for at in range(0, 16, 4)]
            state = bytes(
                times(c[row], 2) ^ times(c[(row + 1) % 4], 3) ^ c[(row + 2) % 4] ^ c[(row + 3) % 4]
                for c in columns
                for row in range(4)
            )
        state = bytes(a ^ b for a, b in zip(state, key, strict=True))
    return state


def counted(key: bytes, first: bytes, data: bytes) -> bytes:
    """Counter mode (SP 800-38A, 6.5); the same in both directions."""
    keys, start = schedule(key), int.from_bytes(first, "big")
    blocks = range((len(data) + 15) // 16)
    stream = b"".join(encrypted(keys, ((start + at) % 2**128).to_bytes(16, "big")) for at in blocks)
    return bytes(a ^ b for a, b in zip(data, stream, strict=False))


def sealed(key: bytes, data: bytes) -> bytes:
    """The first counter and the encrypted bytes."""
    first = hmac.digest(key, data, hashlib.sha256)[:12] + bytes(4)
    return first + counted(key, first, data)


def key_of(header: Path) -> bytes:
    """FILE_KEY, as C has it."""
    found = re.search(r"#define FILE_KEY \{(.*)\}", header.read_text("utf-8"))
    if found is None:
        raise SystemExit(f"{header}: no FILE_KEY")
    return bytes(int(word, 16) for word in found[1].split(","))


def main() -> None:
    """Encrypts the file that is named, once."""
    header, file = map(Path, sys.argv[1:])
    data = file.read_bytes()
    if not data.startswith(b"\x7fELF"):
        raise SystemExit(f"{file}: is no ELF file; is it encrypted already?")
    file.write_bytes(sealed(key_of(header), data))


if __name__ == "__main__":
    main()
