"""A zephyr.elf that was damaged after it was built: one error that says so, and no traceback."""

import random
from collections import Counter

import pytest

from llext import Board, LlextError
from llext.cli.app import run
from llext.elf import ElfFile
from llext.elf import constants as c
from llext.errors import ElfError

CONF = "CONFIG_LLEXT=y\nCONFIG_LOG=y\nCONFIG_HEAP_MEM_POOL_SIZE=1024\n"
MAIN = """
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/llext/symbol.h>
LOG_MODULE_REGISTER(small);
int helper(int x) { return x + 1; }
EXPORT_SYMBOL(helper);
int main(void)
{
	LOG_INF("up");
	k_msleep(3);
	printk("%d\\n", helper(4));
	return 0;
}
"""
AGAIN = "remove the file and build the application again: 'llext app build APP', or ninja."
CHANGES = 400
"""Files that are damaged at random, in each of two ways."""


@pytest.fixture(scope="module")
def sound(application):
    return application(MAIN, CONF)


@pytest.fixture
def changed(sound, tmp_path):
    """The file with one byte of a section changed."""

    def make(section, offset, byte):
        data = bytearray(sound.read_bytes())
        data[ElfFile.parse(bytes(data), "sound").section(section).offset + offset] = byte
        path = tmp_path / "zephyr.elf"
        path.write_bytes(data)
        return path

    return make


@pytest.mark.parametrize(
    ("section", "offset", "byte", "words"),
    [
        (".llext_board", 5, 0xFF, "UnicodeDecodeError"),
        (".llext_board", 0, ord("["), "JSONDecodeError"),
        (".llext_services", 2, 0xFF, "UnicodeDecodeError"),
    ],
)
def test_it_says_that_it_is_damaged_and_how_it_is_built_again(changed, capfd, section, offset, byte, words):
    path = changed(section, offset, byte)
    with pytest.raises(ElfError) as caught:
        Board(app=path)
    assert caught.value.message.startswith(f"{path}: is damaged: {words}: ")
    assert caught.value.hint == AGAIN
    assert run(["run", str(path)]) == 1
    assert capfd.readouterr().err.startswith(f"error: {path}: is damaged: ")


def damaged(sound, chance, kind):
    """The file with a few bytes changed, or cut short."""
    data, elf = bytearray(sound), ElfFile.parse(sound, "sound")
    places = [each for each in elf.sections if each.size and each.type != c.SHT_NOBITS and not each.name.startswith(".debug")]
    for _ in range(chance.choice((1, 1, 2, 8))):
        section = chance.choice(places)
        at = section.offset + chance.randrange(section.size) if kind == "sections" else chance.randrange(len(data))
        data[at] = chance.choice((0, 0xFF, chance.randrange(256), data[at] ^ 1 << chance.randrange(8)))
    return bytes(data[: chance.randrange(len(data))] if chance.random() < 0.05 else data)


@pytest.mark.parametrize("kind", ["sections", "anywhere"])
def test_damage_at_random_ends_in_an_error_of_ours_or_in_nothing(sound, tmp_path, kind):
    data, chance, ends = sound.read_bytes(), random.Random(kind), Counter()
    path = tmp_path / "zephyr.elf"
    for _ in range(CHANGES):
        path.write_bytes(damaged(data, chance, kind))
        try:
            with Board(app=path, timeout=0.2) as board:
                board.boot()
                board.run_for(ms=50)
            ends["ran"] += 1
        except LlextError as error:
            ends["damaged" if "is damaged" in error.message else error.kind] += 1
    assert ends["ran"]
    assert ends["damaged"]
