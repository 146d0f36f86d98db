"""AES of the example, in C and in Python, against published vectors; the challenge; and what the image holds."""

import re
import subprocess
import sys

import pytest
from conftest import ROOT

from llext import Board
from llext.build.firmware import Project, build_application
from llext.elf import ElfFile

EACCES = 13
FOLDER = ROOT / "examples" / "security"
hexed = bytes.fromhex
FIPS_197 = [
    (bytes(range(16)), hexed("00112233445566778899aabbccddeeff"), hexed("69c4e0d86a7b0430d8cdb78070b4c55a")),  # C.1
    (
        hexed("2b7e151628aed2a6abf7158809cf4f3c"), hexed("3243f6a8885a308d313198a2e0370734"),
        hexed("3925841d02dc09fbdc118597196a0b32"),
    ),  # B
]  # fmt: skip
KEY = hexed("2b7e151628aed2a6abf7158809cf4f3c")
PLAIN = hexed(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)
ECB = hexed(
    "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf"
    "43b1cd7f598ece23881b00e3ed0306887b0c785e27e8ad3f8223207104725dd4"
)
"""SP 800-38A, F.1.1."""
COUNTER = hexed("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")
CTR = hexed(
    "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
    "5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee"
)
"""SP 800-38A, F.5.1."""


@pytest.fixture(scope="module")
def script():
    sys.path.insert(0, str(FOLDER))
    try:
        import encrypt
    finally:
        sys.path.remove(str(FOLDER))
    return encrypt


@pytest.fixture(scope="module", params=["mps2/an385", "qemu_riscv32"])
def elf(request, tmp_path_factory):
    return build_application(Project.of(FOLDER, tmp_path_factory.mktemp("security") / "build", request.param))


@pytest.fixture
def board(elf):
    with Board(app=elf) as powered:
        powered.boot()
        yield powered


def ctr(board, key, counter, data):
    first, out = bytearray(counter), bytearray(len(data))
    board.call("aes_ctr", key, first, data, out, len(data))
    return bytes(out), bytes(first)


def test_blocks_are_those_of_fips_197_and_sp_800_38a(board, script):
    for key, plain, cipher in FIPS_197 + [(KEY, PLAIN[at : at + 16], ECB[at : at + 16]) for at in range(0, 64, 16)]:
        block = bytearray(plain)
        board.call("aes_encrypt", key, block)
        assert block == cipher
        assert script.encrypted(script.schedule(key), plain) == cipher


def test_counter_mode_is_that_of_sp_800_38a(board, script):
    assert ctr(board, KEY, COUNTER, PLAIN) == (CTR, (int.from_bytes(COUNTER, "big") + 4).to_bytes(16, "big"))
    assert ctr(board, KEY, COUNTER, CTR)[0] == PLAIN
    assert ctr(board, KEY, COUNTER, PLAIN[:21])[0] == CTR[:21]
    assert script.counted(KEY, COUNTER, PLAIN) == CTR
    assert script.counted(KEY, COUNTER, PLAIN[:21]) == CTR[:21]


def test_the_counter_goes_round(board, script):
    ones = b"\xff" * 16
    assert ctr(board, KEY, ones, PLAIN[:32]) == (script.counted(KEY, ones, PLAIN[:32]), bytes(15) + b"\1")


def test_the_image_holds_the_file_only_encrypted(elf, script):
    image, file = elf.read_bytes(), (elf.parents[1] / "llext" / "secret_ext.llext").read_bytes()
    plain = script.counted(script.key_of(FOLDER / "src" / "keys.h"), file[:16], file[16:])
    assert file in image
    assert b"at most 100 units" in plain
    assert b"at most" not in image
    assert ElfFile.parse(plain, "secret").section(".exported_sym").size == 8
    assert script.sealed(script.key_of(FOLDER / "src" / "keys.h"), plain) == file


def test_what_is_built_again_is_encrypted_once(elf):
    before = elf.read_bytes()
    project = Project.of(FOLDER, elf.parents[1])
    assert build_application(project).read_bytes() == before
    (elf.parents[1] / "llext" / "secret_ext.llext").unlink()
    assert build_application(project).read_bytes() == before


def test_a_file_is_not_encrypted_twice(tmp_path):
    file = tmp_path / "a.llext"
    file.write_bytes(b"\x7fELF" + bytes(100))
    command = [sys.executable, "-I", FOLDER / "encrypt.py", FOLDER / "src" / "keys.h", file]
    subprocess.run(command, check=True)
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "encrypted already" in done.stderr


def test_what_was_decrypted_does_not_stay_in_ram(elf, board, script):
    board.run()
    assert "at most 100 units" in board.console
    file = (elf.parents[1] / "llext" / "secret_ext.llext").read_bytes()
    plain = script.counted(script.key_of(FOLDER / "src" / "keys.h"), file[:16], file[16:])
    at = next(symbol.value for symbol in ElfFile.parse(elf.read_bytes(), "zephyr.elf").symbols if symbol.name == "plain")
    assert bytes(board.memory[at : at + len(plain)]) == bytes(len(plain))


def test_an_answer_is_good_for_the_last_challenge_and_once(elf, board, script):
    file, header = (elf.parents[1] / "llext" / "secret_ext.llext").read_bytes(), FOLDER / "src" / "keys.h"
    extension = board.load(script.counted(script.key_of(header), file[:16], file[16:]), "secret")
    assert list(extension.exports) == ["security"]
    security = extension.fn("security", "int security(uint8_t *challenge, const uint8_t *answer, void *entry)")
    numbers = re.search(r"#define CALLER_KEY \{(.*)\}", header.read_text())[1]
    keys = script.schedule(bytes(int(word, 16) for word in numbers.split(",")))

    def challenge():
        block = bytearray(16)
        assert security(block, None, bytearray(4)) == 0
        return bytes(block)

    def answer(block):
        entry = bytearray(b"\xff" * 4)
        result = security(bytearray(16), script.encrypted(keys, block), entry)
        assert (result == 0) == any(entry)
        return result

    assert answer(bytes(16)) == -EACCES
    first, second = challenge(), challenge()
    assert first != second
    assert answer(first) == -EACCES
    assert answer(second) == -EACCES  # the wrong answer has used it up
    third = challenge()
    assert [answer(third), answer(third)] == [0, -EACCES]
