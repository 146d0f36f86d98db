"""Compressed debug sections: zlib's bytes are Python's own; headers by gABI chapter 4, "Compressed Sections"."""

import struct
import zlib

import pytest

from llext.elf import ElfFile, ElfWriter, decompressed

TEXT = b"debug information" * 40


def header(size, kind=1):
    return struct.pack("<3I", kind, size, 1)


def file_with(name, data, flags=0x800, bits=32):
    writer = ElfWriter(40, bits=bits)
    writer.section(name, data, flags=flags)
    writer.section(".text", b"code", flags=6)
    return writer.build()


def contents(data, name):
    elf = ElfFile.parse(data)
    return bytes(elf.contents(elf.section(name)))


@pytest.mark.parametrize(
    ("name", "data", "flags", "bits"),
    [
        (".debug_info", header(len(TEXT)) + zlib.compress(TEXT), 0x800, 32),
        (".debug_info", struct.pack("<2I2Q", 1, 0, len(TEXT), 1) + zlib.compress(TEXT), 0x800, 64),
        (".zdebug_info", b"ZLIB" + len(TEXT).to_bytes(8, "big") + zlib.compress(TEXT), 0, 32),
    ],
)
def test_contents_are_what_was_compressed(name, data, flags, bits):
    plain = decompressed(file_with(name, data, flags, bits))
    assert contents(plain, ".debug_info") == TEXT
    assert contents(plain, ".text") == b"code"
    assert decompressed(plain) == plain


@pytest.mark.parametrize(
    ("name", "data", "flags"),
    [
        (".debug_info", TEXT, 0),
        (".debug_info", b"short", 0x800),
        (".debug_info", header(len(TEXT)) + b"no zlib", 0x800),
        (".debug_info", header(len(TEXT) + 1) + zlib.compress(TEXT), 0x800),
        (".debug_info", header(len(TEXT) - 1) + zlib.compress(TEXT), 0x800),
        (".debug_info", header(0xFFFFFFFF) + zlib.compress(TEXT), 0x800),
        (".debug_info", header(len(TEXT), kind=2) + zlib.compress(TEXT), 0x800),
        (".debug_info", b"", 0x800),
        (".zdebug_info", TEXT, 0),
        (".data", header(len(TEXT)) + zlib.compress(TEXT), 0x802),
    ],
)
def test_what_is_not_compressed_or_cannot_be_read_stays_as_it_is(name, data, flags):
    file = file_with(name, data, flags)
    assert decompressed(file) == file
