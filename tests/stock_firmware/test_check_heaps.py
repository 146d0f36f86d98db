"""llext check where the LLEXT heap is several heaps: of blocks and metadata, or for code and data."""

import pytest
from stand_in import stand_in

from llext.cli.app import run
from llext.firmware import Firmware

TEXT = "static int sums[37];\nint sum(int i) { return sums[i]++; }\nEXPORT_SYMBOL(sum);\n"
BLOCKS = (
    "LLEXT",
    "LLEXT_HEAP_MEMBLK",
    "LLEXT_METADATA_HEAP_SIZE=4",
    "LLEXT_EXT_HEAP_SIZE=16",
    "LLEXT_HEAP_MEMBLK_BLOCK_SIZE=64",
)
HARVARD = ("LLEXT", "HARVARD", "LLEXT_INSTR_HEAP_SIZE=4", "LLEXT_DATA_HEAP_SIZE=8")


def firmware_of(folder, config, **more):
    return Firmware(stand_in(folder, version="4.4.0", heap=0, config=config, **more))


def placed(result):
    return {each.wanted.purpose: each.offset for each in result.heap.requests}


def test_regions_take_runs_of_blocks_and_metadata_a_heap_of_its_own(tmp_path, build):
    """Blocks of 64 bytes, one run for each region in the loader's order; struct llext is the first in a heap of 4 KiB, at byte 60."""
    (result,) = firmware_of(tmp_path, BLOCKS).check(build(TEXT), storage="temporary").results
    at = 0
    for each in result.wants:
        if each.kind is not None:
            assert placed(result)[each.purpose] == at, each.purpose
            at += -(-each.size // 64) * 64
    assert (placed(result)["struct llext"], result.verdict) == (60, "probably loads")


def test_code_has_a_heap_of_its_own_on_harvard(tmp_path, build):
    """The first block of a heap of 4 KiB is at byte 60, of one of 8 KiB at 60, too: reference of sys_heap."""
    (result,) = firmware_of(tmp_path, HARVARD).check(build(TEXT), storage="temporary").results
    assert (placed(result)["text"], placed(result)["struct llext"]) == (60, 60)


@pytest.mark.parametrize(
    ("config", "reason", "hint"),
    [
        ((*BLOCKS[:3], "LLEXT_EXT_HEAP_SIZE=1", "LLEXT_HEAP_MEMBLK_BLOCK_SIZE=512"), "the heap of blocks has no room", "CONFIG_LLEXT_EXT_HEAP_SIZE"),
        ((*BLOCKS[:2], "LLEXT_METADATA_HEAP_SIZE=1", "LLEXT_EXT_HEAP_SIZE=16"), "the metadata heap has no room for its struct llext", "CONFIG_LLEXT_METADATA_HEAP_SIZE"),
    ],
)  # fmt: skip
def test_which_heap_is_full_is_told(tmp_path, build, config, reason, hint):
    sources = {"llext.c": "struct llext { char b[2000]; };\nint llext_load(struct llext *e) { return e->b[0]; }\n"}
    firmware = firmware_of(tmp_path, config, exports=("printk", "llext_load"), sources=sources)
    (result,) = firmware.check(build(TEXT), storage="temporary").results
    assert result.reason.startswith(reason)
    assert result.hint == f"{hint} gives it more."


def test_the_smallest_of_each_is_told(tmp_path, build, capfd):
    elf = stand_in(tmp_path, version="4.4.0", heap=0, config=BLOCKS)
    assert run(["check", str(build(TEXT)), "--firmware", str(elf), "--storage", "temporary"]) == 0
    text = capfd.readouterr().out
    assert "smallest CONFIG_LLEXT_METADATA_HEAP_SIZE for all of them: 1\n" in text
    assert "smallest CONFIG_LLEXT_EXT_HEAP_SIZE for all of them: 1\n" in text
    assert "blocks of a fixed size: metadata heap of 4096 bytes, heap of blocks of 16384 bytes, blocks of 64  (symbol" in text


def test_an_alignment_beyond_a_block_has_no_room(tmp_path, build):
    text = "__attribute__((aligned(128))) int wide[40];\nint sum(int i) { return wide[i]++; }\nEXPORT_SYMBOL(sum);\n"
    (result,) = firmware_of(tmp_path, BLOCKS).check(build(text), storage="temporary").results
    assert result.verdict == "probably -ENOMEM (-12)"
