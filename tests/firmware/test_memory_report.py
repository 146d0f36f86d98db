"""What takes an application's memory: the linker's map as a tree, beside what the linker itself and GNU nm say."""

import re
import subprocess

import pytest
from conftest import need

from llext.build.firmware.memory_report import memory_tree, read_report
from llext.cli.app import run
from llext.target import load_target

MAIN = """
#include <zephyr/kernel.h>
static char buffer[1234];
int numbers[10] = {1, 2, 3};
K_THREAD_STACK_DEFINE(stack, 2048);
int main(void)
{
	for (int i = 0; i < 10; i++) buffer[numbers[i]]++;
	printk("%d %p\\n", buffer[3], stack);
	return 0;
}
"""


@pytest.fixture(scope="module")
def folder(application):
    return application(MAIN, "CONFIG_HEAP_MEM_POOL_SIZE=4096\n").parent.parent


def find(node, *path):
    for name in path:
        node = node.below[name]
    return node


@pytest.mark.tools
def test_symbols_have_the_sizes_and_addresses_that_nm_says(folder):
    need("arm-none-eabi-nm")
    said = subprocess.run(
        ["arm-none-eabi-nm", "-S", folder / "zephyr" / "zephyr.elf"], capture_output=True, text=True, check=True
    )
    rows = {row[3]: row for line in said.stdout.splitlines() if len(row := line.split()) == 4}
    target = load_target("mps2/an385")
    tree = memory_tree((folder / "zephyr" / "zephyr.map").read_text(), range(target.ram.address, target.ram.end), loaded=False)
    for name in ("buffer", "numbers", "stack"):
        found = find(tree, "src", "main.c", name)
        assert (f"{found.address:08x}", f"{found.size:08x}") == (rows[name][0], rows[name][1])
    code = memory_tree((folder / "zephyr" / "zephyr.map").read_text(), range(0x1000, target.flash.end), loaded=True)
    assert f"{find(code, 'src', 'main.c', 'main').size:08x}" == rows["main"][1]
    assert find(code, "src", "main.c", "numbers").size == 40  # its initial values


def test_the_sum_is_what_the_linker_uses(folder):
    from llext.build.firmware.project import ninja_program

    (folder / "zephyr" / "zephyr.elf").unlink()
    said = subprocess.run([ninja_program(), "-C", str(folder)], capture_output=True, text=True, check=True).stdout
    used = {found[1]: int(found[2]) * {"B": 1, "KB": 1024}[found[3]] for found in re.finditer(r"(\w+):\s+(\d+) (B|KB) ", said)}
    target = load_target("mps2/an385")
    for memory, name, loaded in ((target.ram, "RAM", False), (target.flash, "FLASH", True)):
        total = int(read_report(folder, memory, loaded=loaded).splitlines()[2].split()[1])
        assert 0 <= used[name] - total < 600, (name, used, total)  # gaps between sections


def test_the_command_shows_a_tree(folder, capsys):
    assert run(["app", "report", "--ram", str(folder)]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"^Path +Size +%  Address\n=+\nRoot +\d+  100.00%  -\n", shown)
    assert re.search(
        r"│   │       ├── kheap__system_heap +4096 +\d+\.\d\d%  0x2000[0-9a-f]{4}\n|kheap__system_heap +4096", shown
    )
    assert run(["app", "report", str(folder.parent)]) == 2
    assert "is no build folder of an application" in capsys.readouterr().err
