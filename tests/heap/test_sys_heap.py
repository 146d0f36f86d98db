"""SysHeap against measured firmware, vector by vector, and against what must hold of any heap."""

import mmap
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llext import HeapError, UsageError
from llext.heap import SysHeap

BASE = 0x20010000
"""A multiple of 64 KiB, as the vectors want."""


def make(size, offset=0, **options):
    return SysHeap.init(bytearray(size), BASE + offset, **options)


def table(text):
    """Rows of a text table, split into cells; a backslash continues a row."""
    rows = text.replace("\\\n", "").strip().splitlines()
    return [tuple(cell.strip() for cell in row.strip().strip("|").split("|")) for row in rows]


# Measured tables ------------------------------------------------------------------------------------------------------

# bytes | units | header | buckets | record | largest request | first pointer. On firmware of Zephyr 3.7 and 4.0.
SHAPES = [
    tuple(map(int, row))
    for row in table("""
| 1024 | 127 | 4 | 7 | 48 | 964 | 52 |
| 4096 | 511 | 4 | 9 | 56 | 4028 | 60 |
| 32768 | 4095 | 4 | 12 | 64 | 32692 | 68 |
| 131072 | 16383 | 4 | 14 | 72 | 130988 | 76 |
| 262144 | 32767 | 4 | 15 | 80 | 262052 | 84 |
| 262152 | 32768 | 8 | 15 | 80 | 262056 | 88 |
| 1048576 | 131071 | 8 | 17 | 88 | 1048472 | 96 |
""")
]
shapes = pytest.mark.parametrize("shape", SHAPES, ids=[str(row[0]) for row in SHAPES])


def word(buffer, index):
    return int.from_bytes(buffer[4 * index : 4 * index + 4], "little")


@shapes
def test_a_heap_has_the_measured_units_and_ends_there(shape):
    buffer = bytearray(shape[0])
    heap = SysHeap.init(buffer, BASE)
    assert word(buffer, 2) == shape[1]
    assert sum(length for _, length, _ in heap.chunks()) == 8 * shape[1] - heap.record_bytes


@shapes
def test_a_heap_has_the_measured_header(shape):
    heap = make(shape[0])
    ((chunk, _),) = heap.free_chunks()
    assert heap.alloc(1) - chunk == shape[2]


@shapes
def test_the_only_free_chunk_of_a_new_heap_is_in_the_last_measured_bucket(shape):
    buffer = bytearray(shape[0])
    SysHeap.init(buffer, BASE)
    assert word(buffer, 3) == 1 << shape[3] - 1
    assert word(buffer, 4 + shape[3] - 1) == shape[4] // 8


@shapes
def test_a_heap_has_the_measured_record(shape):
    heap = make(shape[0])
    assert heap.record_bytes == shape[4]
    assert heap.address_of_record == BASE


@shapes
def test_the_largest_request_that_is_met_is_the_measured_one(shape):
    heap = make(shape[0])
    assert heap.largest_free == shape[5]
    assert heap.aligned_alloc(4, shape[5] + 1) is None
    assert heap.aligned_alloc(4, shape[5]) is not None


@shapes
def test_the_first_block_lies_where_it_was_measured(shape):
    assert make(shape[0]).aligned_alloc(4, 1) == BASE + shape[6]


# heap | operations | offsets. aN: N bytes, align 4; A/N: align A; fK: free result K; rK:A/N: realloc. Same source.
VECTORS = table("""
| 1024 | a1 a1 a4 a5 a12 a13 | 52 60 68 76 92 108 |
| 1024 | a8 a8 f0 a4 a8 f1 a16 | 52 68 . 52 84 . 60 |
| 1024+4 | a8 a8 | 56 72 |
| 1030+1 | a16 a900 a800 | 59 83 - |
| 512 | a452 a451 f0 a452 a448 | 44 - . 44 - |
| 64 | a4 a20 a12 a28 a24 | 36 - 44 - - |
| 256 | a100 a100 f0 f1 a204 a205 | 44 148 . . 44 - |
| 1024 | a40 a40 a40 a40 f1 f3 f2 a120 a124 a132 | 52 100 148 196 . . . 100 228 356 |
| 2048 | a40 a8 a48 a8 a56 a8 a64 a8 f0 f2 f4 f6 a60 a60 a44 | 52 100 116 172 188 252 268 340 . . . . 188 268 52 |
| 4096 | a20 a8 a20 a8 a20 a8 a20 a8 a28 a8 f0 f2 f4 f6 f8 a28 a28 a20 a20 \
| 60 84 100 124 140 164 180 204 220 252 . . . . . 220 268 60 100 |
| 1024 | 32/32 32/32 32/32 4/16 4/8 | 64 128 192 100 164 |
| 1024 | 8/8 8/8 16/8 64/8 4/4 4/4 4/4 | 56 72 96 128 84 108 116 |
| 4096 | 4/188 4/112 32/128 32/64 32/64 32/32 32/352 4/16 4/8 f1 f7 4/100 | 60 252 384 544 640 736 800 516 612 . . 252 |
| 4096 | 1024/1024 256/256 128/128 64/64 f1 f0 2048/1000 | 1024 256 640 64 . . 2048 |
| 32768 | 4096/4096 (8 times) | 4096 12288 20480 - - - - - |
| 1024 | 12/16 20/16 36/32 68/32 f1 36/8 | 52 76 124 188 . 92 |
| 32768 | a32700 a32692 f1 a16000 a16688 a1 | - 68 . 68 - 16076 |
| 262136 | a1 a4 a5 8/8 16/16 | 84 92 100 120 144 |
| 262152 | a1 a4 a5 8/8 16/16 | 88 104 120 136 160 |
| 300000 | a1 a8 a9 f1 a8 32/32 12/16 f2 f0 a8 | 88 104 120 . 104 160 204 . . 88 |
| 1024 | a40 r0:4/20 a8 r0:4/40 r0:4/60 a20 | 52 52 76 92 92 52 |
| 1024 | a40 a40 a40 r0:4/80 r0:4/12 r1:4/0 r2:4/200 | 52 100 148 196 196 - 212 |
| 1024 | a10 32/40 r1:4/30 r1:64/30 r1:4/60 | 52 96 96 192 192 |
""")


def request(text):
    """(alignment, bytes) of ``aN`` or ``A/N``."""
    alignment, _, size = text.rpartition("/") if "/" in text else ("4", "", text[1:])
    return int(alignment), int(size)


def play(heap, operations):
    """Results of a vector's operations as offsets."""
    results, shown = [], []
    for operation in operations.replace("4096/4096 (8 times)", "4096/4096 " * 8).split():
        if operation[0] == "f":
            heap.free(results[int(operation[1:])])
            shown.append(".")
            continue
        if operation[0] == "r":
            index, _, wanted = operation[1:].partition(":")
            pointer = results[int(index)] = heap.realloc(results[int(index)], *request(wanted))
        else:
            pointer = heap.aligned_alloc(*request(operation))
            results.append(pointer)
        shown.append("-" if pointer is None else str(pointer - heap.address))
    return " ".join(shown)


@pytest.mark.parametrize("vector", VECTORS, ids=[f"{place}: {operations[:40]}" for place, operations, _ in VECTORS])
def test_a_sequence_of_requests_gets_the_measured_addresses(vector):
    place, operations, expected = vector
    size, _, offset = place.partition("+")
    assert play(make(int(size), int(offset or 0)), operations) == expected


# version and memory rule, heap address | heap bytes | align/size@offset, free offsets | used/peak/smallest heap
LOADS = table("""
| 4.0 copy A, 0x24005f00 | 32768 | 4/188@68 4/88@260 32/96@384 32/32@512 32/32@576 32/32@640 32/32@704 32/32@768 \
32/32@832 32/96@896 4/24@996 4/16@356, free 260, 996 | 664/792/996 |
| 4.0 copy B, 0x24005f00 | 32768 | 4/188@68 4/104@260 32/128@384 32/288@544 32/608@864 32/32@1504 32/128@1568 \
32/64@1728 32/32@1824 32/640@1888 4/88@2532 4/32@2628, free 260, 2532 | 2216/2424/2668 |
| 4.0 in place A, 0x220048c8 | 32768 | 4/188@68 4/88@260 32/32@376 4/24@412 4/16@444, free 260, 412 | 256/384/436 |
| 4.0 pow2 A, 0x2401f980 | 131072 | 4/188@76 4/88@268 128/128@384 32/32@544 32/32@608 32/32@672 32/32@736 32/32@800 \
32/32@864 128/128@1024 4/24@900 4/16@516, free 268, 900 | 728/856/1156 |
| 3.7 in place A, 0x24005bc0 | 32768 | 4/144@68 4/88@220 32/32@320 4/24@356 4/16@388, free 220, 356 | 216/344/388 |
""")
loads = pytest.mark.parametrize("row", LOADS, ids=[row[0] for row in LOADS])


class Load:
    """One row: what a load was seen to ask of the heap, and what became of it."""

    def __init__(self, row):
        name, self.size, sequence, figures = row
        self.address = int(name.split()[-1], 16)
        requests, *freed = sequence.replace("free ", "").split(", ")
        pairs = [text.split("@") for text in requests.split()]
        self.requests = [request(text) for text, _ in pairs]
        self.offsets = [int(offset) for _, offset in pairs]
        self.freed = [int(offset) for offset in freed]
        self.used, self.peak, self.smallest = map(int, figures.split("/"))

    def run(self, size=None):
        """The heap after the requests, and the offsets that they got; None for the heap if one was refused."""
        heap = SysHeap.init(bytearray(size or int(self.size)), self.address)
        pointers = [heap.aligned_alloc(alignment, wanted) for alignment, wanted in self.requests]
        if None in pointers:
            return None, []
        return heap, [pointer - self.address for pointer in pointers]

    def fits(self, size):
        try:
            return self.run(size)[0] is not None
        except HeapError:
            return False


@loads
def test_a_load_gets_the_measured_addresses(row):
    load = Load(row)
    assert load.run()[1] == load.offsets


@loads
def test_a_load_has_the_measured_use_and_peak(row):
    load = Load(row)
    heap, _ = load.run()
    for offset in load.freed:
        heap.free(load.address + offset)
    assert (heap.allocated_bytes, heap.peak) == (load.used, load.peak)


@loads
def test_the_first_heap_in_steps_of_one_byte_that_has_room_for_a_load_is_the_measured_one(row):
    load = Load(row)
    assert next(size for size in range(44, int(load.size)) if load.fits(size)) == load.smallest


# Layout in memory -----------------------------------------------------------------------------------------------------


def test_a_new_small_heap_is_these_bytes():
    buffer = bytearray(b"\xaa" * 64)
    SysHeap.init(buffer, BASE)
    record = "00000900 00000000 07000000 02000000 00000000 04000000 00000000"  # 4 units, used; end 7; bucket 1
    chunk = "04000600 04000400"  # left 4 units, 3 units; a ring of its own
    assert buffer.hex() == (record + "aaaaaaaa" + chunk + "aa" * 16 + "03000100" + "aa" * 4).replace(" ", "")


def test_big_headers_are_32_bits_wide():
    buffer = bytearray(128)
    heap = SysHeap.init(buffer, BASE, variant="big")
    pointer = heap.alloc(8) - BASE
    assert buffer[pointer - 8 : pointer].hex() == "04000000" + "05000000"  # left 4 units; 2 units, used


def test_small_headers_can_be_had_for_all_sizes_that_they_can_count():
    heap = make(262143, variant="small")
    ((chunk, _),) = heap.free_chunks()
    assert heap.alloc(1) - chunk == 4


def test_statistics_take_three_words_of_the_record():
    assert make(1024, statistics=True).record_bytes == make(1024).record_bytes + 8  # 12, rounded to units


def statistics(buffer):
    return [word(buffer, index) for index in (4, 5, 6)]


def test_statistics_count_free_allocated_and_most_allocated_bytes_without_headers():
    buffer = bytearray(1024)
    heap = SysHeap.init(buffer, BASE, statistics=True)
    assert statistics(buffer) == [956, 0, 0]
    first = heap.alloc(100)
    heap.alloc(20)
    heap.free(first)
    assert statistics(buffer) == [100 + 956 - 104 - 24, 20, 120]


def test_statistics_follow_a_block_that_grows_or_shrinks_in_place():
    buffer = bytearray(1024)
    heap = SysHeap.init(buffer, BASE, statistics=True)
    block = heap.realloc(heap.alloc(100), 4, 60)
    assert statistics(buffer)[1:] == [60, 100]
    heap.realloc(block, 4, 140)
    assert statistics(buffer)[1:] == [140, 140]


@pytest.mark.parametrize("kind", [bytearray, lambda size: memoryview(bytearray(size)), lambda size: mmap.mmap(-1, size)])
def test_the_heap_works_in_the_callers_buffer(kind):
    buffer = kind(4096)
    SysHeap.init(buffer, BASE + 1)
    assert SysHeap.attach(buffer, BASE + 1).alloc(8) == BASE + 8 + 60


# Too small, too large, wrong ------------------------------------------------------------------------------------------


def test_forty_four_bytes_are_the_smallest_heap():
    assert make(44).alloc(4) == BASE + 36
    with pytest.raises(HeapError, match="43 bytes at 0x20010000 are too small for a heap"):
        make(43)


def test_a_heap_at_an_odd_address_needs_the_bytes_that_it_loses_by_rounding():
    assert make(51, 1).alloc(4)
    with pytest.raises(HeapError, match="too small"):
        make(50, 1)


@pytest.mark.parametrize("size", [0, 1, 8, 24])
def test_a_buffer_without_room_for_a_record_is_refused(size):
    with pytest.raises(HeapError, match="too small"):
        make(size)


def test_small_headers_cannot_count_a_large_heap():
    with pytest.raises(HeapError, match="too large for a heap with small headers"):
        make(262144, variant="small")


@pytest.mark.parametrize("options", [{"variant": "tiny"}, {"alloc_loops": 0}, {"stats": True}])
def test_an_option_that_cannot_be_is_refused(options):
    with pytest.raises(UsageError):
        make(1024, **options)


def test_attaching_to_bytes_that_hold_no_heap_is_an_error():
    with pytest.raises(HeapError, match="no heap of this size and kind at 0x20010000") as caught:
        SysHeap.attach(bytearray(1024), BASE)
    assert caught.value.errno.name == "EFAULT"


def test_attaching_with_other_options_is_an_error():
    buffer = bytearray(1024)
    SysHeap.init(buffer, BASE)
    with pytest.raises(HeapError, match="no heap of this size and kind"):
        SysHeap.attach(buffer, BASE, statistics=True)


@pytest.mark.parametrize("size", [0, -1, 1024, 1 << 31])
def test_a_request_for_nothing_or_for_more_than_the_heap_gets_none(size):
    assert make(1024).alloc(size) is None
    assert make(1024).aligned_alloc(32, size) is None


@pytest.mark.parametrize("alignment", [-8, 28, 9, 6])
def test_an_alignment_that_is_none_is_an_error(alignment):
    with pytest.raises(HeapError, match="is no alignment for a heap") as caught:
        make(1024).aligned_alloc(alignment, 8)
    assert caught.value.errno.name == "EINVAL"


def test_no_alignment_is_the_headers_alignment():
    assert make(1024).aligned_alloc(0, 8) == make(1024).alloc(8)


# 32 KiB: regions of 32,705 to 32,736 bytes, rounded to 32. 128 KiB, powers of two: 32,769 to 65,536. Measured.
TRAPS = [(32768, 32, 32736), (131072, 65536, 65536)]


@pytest.mark.parametrize(("heap", "alignment", "size"), TRAPS)
def test_a_padded_request_behind_the_table_of_lists_gets_none_as_in_newer_versions(heap, alignment, size):
    assert make(heap).aligned_alloc(alignment, size) is None


@pytest.mark.parametrize(("heap", "alignment", "size"), TRAPS)
def test_without_clamp_a_padded_request_behind_the_table_is_named_as_the_crash_that_it_may_be(heap, alignment, size):
    with pytest.raises(HeapError, match="stock device .* may crash"):
        make(heap, clamp=False).aligned_alloc(alignment, size)


@pytest.mark.parametrize(("heap", "alignment", "size"), [(32768, 32, 32704), (32768, 32, 32768), (131072, 32768, 32768)])
def test_without_clamp_requests_on_either_side_of_that_gap_are_ordinary(heap, alignment, size):
    make(heap, clamp=False).aligned_alloc(alignment, size)


def with_the_only_fit_as_fourth_of_its_list(loops):
    heap = make(4096, alloc_loops=loops)
    blocks = [heap.alloc(size) for size in (68, 8, 68, 8, 68, 8, 116, 8)]
    heap.alloc(heap.largest_free)
    for block in blocks[::2]:
        heap.free(block)
    return heap


def test_more_looks_into_a_list_find_a_block_that_three_looks_miss():
    assert with_the_only_fit_as_fourth_of_its_list(3).alloc(116) is None
    assert with_the_only_fit_as_fourth_of_its_list(4).alloc(116) is not None


def test_what_was_looked_at_goes_behind_so_that_asking_again_finds_the_fourth():
    heap = with_the_only_fit_as_fourth_of_its_list(3)
    assert heap.alloc(116) is None
    assert heap.alloc(116) is not None


# One free chunk of 968 bytes. A block takes its header, and the alignment less the smaller of header and rewind. The C of
# Zephyr 4.x agrees.
@pytest.mark.parametrize(
    ("variant", "alignment", "largest"),
    [("small", 16, 952), ("small", 16 | 4, 952), ("small", 16 | 8, 952), ("big", 16, 952), ("big", 16 | 4, 948)],
)
def test_an_aligned_request_is_met_if_it_fits_with_its_padding(variant, alignment, largest):
    assert make(1024, variant=variant).aligned_alloc(alignment, largest) is not None
    assert make(1024, variant=variant).aligned_alloc(alignment, largest + 1) is None


# Misuse ---------------------------------------------------------------------------------------------------------------


def refused(heap, pointer, why):
    with pytest.raises(HeapError, match=f"{pointer:#010x} is no block of the heap: .*{why}") as caught:
        heap.free(pointer)
    assert caught.value.errno.name == "EFAULT"


def test_freeing_twice_is_an_error():
    heap = make(1024)
    pointer = heap.alloc(8)
    heap.free(pointer)
    refused(heap, pointer, "it is free already")


def test_freeing_twice_is_an_error_when_the_block_was_merged_into_its_left_neighbour():
    heap = make(1024)
    left, right = heap.alloc(8), heap.alloc(8)
    heap.free(left)
    heap.free(right)
    refused(heap, right, "long free")


@pytest.mark.parametrize("pointer", [0, BASE - 8, BASE, BASE + 44, BASE + 1020, BASE + 4000])
def test_freeing_an_address_outside_the_chunks_is_an_error(pointer):
    heap = make(1024)
    heap.alloc(40)
    refused(heap, pointer, "not in the heap at 0x20010000")


@pytest.mark.parametrize("offset", [1, 2, 3, 5, 8, 36])
def test_freeing_an_address_inside_a_block_is_an_error(offset):
    heap = make(1024)
    refused(heap, heap.alloc(40) + offset, "no block begins there")


def test_freeing_a_block_whose_follower_was_overwritten_is_an_error():
    buffer = bytearray(1024)
    heap = SysHeap.init(buffer, BASE)
    pointer = heap.alloc(12)
    heap.alloc(12)
    buffer[pointer - BASE + 12] = 0x55
    refused(heap, pointer, "header was overwritten")


def test_a_refused_free_changes_nothing():
    buffer = bytearray(1024)
    heap = SysHeap.init(buffer, BASE)
    pointer = heap.alloc(40)
    before = bytes(buffer)
    refused(heap, pointer + 8, "no block begins there")
    assert (bytes(buffer), heap.allocated_bytes, heap.peak) == (before, 48, 48)


@pytest.mark.parametrize("use", [lambda heap, at: heap.realloc(at, 4, 8), lambda heap, at: heap.usable_size(at)])
def test_what_is_no_block_can_be_neither_resized_nor_measured(use):
    with pytest.raises(HeapError, match="is no block of the heap"):
        use(make(1024), BASE + 52)


def test_links_that_were_overwritten_after_a_free_are_reported_as_damage():
    buffer = bytearray(1024)
    heap = SysHeap.init(buffer, BASE)
    pointer = heap.alloc(8)
    heap.alloc(8)
    heap.free(pointer)
    buffer[pointer - BASE : pointer - BASE + 4] = b"\xff" * 4
    with pytest.raises(HeapError, match="the heap at 0x20010000 is damaged"):
        heap.alloc(8)


def test_walking_a_heap_with_a_chunk_of_no_size_is_reported_as_damage():
    buffer = bytearray(1024)
    heap = SysHeap.init(buffer, BASE)
    buffer[48:52] = bytes(4)
    with pytest.raises(HeapError, match="is damaged: the chunk at 0x20010030 has 0 bytes"):
        heap.free_chunks()


# Looking at it --------------------------------------------------------------------------------------------------------


def test_use_is_the_sum_of_used_chunks_with_their_headers():
    heap = make(1024)
    heap.alloc(1)
    heap.alloc(5)
    assert heap.allocated_bytes == 8 + 16
    assert heap.free_bytes == 1016 - heap.record_bytes - 24


def test_chunks_come_in_address_order_with_size_and_use():
    heap = make(1024)
    first = heap.alloc(12)
    heap.alloc(20)
    heap.free(first)
    assert list(heap.chunks()) == [(BASE + 48, 16, False), (BASE + 64, 24, True), (BASE + 88, 928, False)]
    assert heap.free_chunks() == [(BASE + 48, 16), (BASE + 88, 928)]


def test_nothing_free_is_a_largest_request_of_nothing():
    heap = make(1024)
    heap.alloc(heap.largest_free)
    assert heap.largest_free == 0


def test_the_usable_size_reaches_to_the_end_of_the_chunk():
    heap = make(1024)
    assert heap.usable_size(heap.alloc(5)) == 12
    assert heap.usable_size(heap.aligned_alloc(32, 5)) == 8


def test_the_peak_is_the_most_that_was_in_use_since_it_was_reset():
    heap = make(4096)
    heap.free(heap.alloc(1000))
    first = heap.alloc(100)
    heap.reset_peak()
    second = heap.alloc(200)
    heap.free(second)
    heap.free(first)
    assert heap.peak == 104 + 208


def test_the_peak_sees_both_blocks_while_one_is_moved():
    heap = make(4096)
    block = heap.alloc(100)
    heap.alloc(4)
    heap.realloc(block, 4, 300)
    assert heap.peak == 104 + 8 + 304


def test_the_peak_sees_a_block_that_grows_in_place():
    heap = make(4096)
    heap.realloc(heap.realloc(heap.alloc(100), 4, 300), 4, 20)
    assert (heap.allocated_bytes, heap.peak) == (24, 304)


def test_a_view_made_later_counts_its_peak_from_then():
    buffer = bytearray(4096)
    heap = SysHeap.init(buffer, BASE)
    heap.free(heap.alloc(1000))
    kept = heap.alloc(100)
    view = SysHeap.attach(buffer, BASE)
    view.free(view.alloc(50))
    view.free(kept)
    assert view.peak == 104 + 56


def test_bytes_put_back_are_the_heap_as_it_was():
    buffer = bytearray(1024)
    heap = SysHeap.init(buffer, BASE)
    kept = heap.alloc(40)
    snapshot = bytes(buffer)
    after = heap.alloc(40)
    heap.free(kept)
    buffer[:] = snapshot
    assert heap.allocated_bytes == 48
    assert heap.alloc(40) == after
    heap.free(kept)


# What must hold of any heap -------------------------------------------------------------------------------------------

SIZES = st.one_of(st.integers(0, 40), st.integers(0, 700))
ALIGNMENTS = st.sampled_from([0, 1, 2, 4, 8, 16, 32, 64, 256, 8 | 4, 16 | 4, 16 | 8, 32 | 4, 64 | 8])
OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("alloc"), SIZES),
        st.tuples(st.just("aligned_alloc"), ALIGNMENTS, SIZES),
        st.tuples(st.just("realloc"), st.integers(0, 99), ALIGNMENTS, SIZES),
        st.tuples(st.just("free"), st.integers(0, 99)),
        st.tuples(st.just("free"), st.integers(0, 99)),
    ),
    max_size=50,
)
HEAPS = st.fixed_dictionaries(
    {"size": st.integers(900, 3000), "offset": st.integers(0, 63)},
    optional={
        "variant": st.sampled_from(["small", "big"]),
        "statistics": st.booleans(),
        "alloc_loops": st.integers(1, 4),
    },
)
anyhow = settings(max_examples=120, deadline=None)


class Player:
    """A heap, its live blocks and what was written into them."""

    def __init__(self, heap):
        size, offset, self.options = heap["size"], heap["offset"], dict(heap)
        del self.options["size"], self.options["offset"]
        self.buffer, self.address = bytearray(size), BASE + offset
        self.heap = SysHeap.init(self.buffer, self.address, **self.options)
        self.live, self.steps = {}, 0

    def at(self, pointer, size):
        return slice(pointer - self.address, pointer - self.address + size)

    def do(self, name, *arguments):
        """One operation; what its first number picks is one of the live blocks."""
        self.steps += 1
        if name in ("free", "realloc"):
            if not self.live:
                return None
            chosen, arguments = list(self.live)[arguments[0] % len(self.live)], arguments[1:]
            return self.free(chosen) if name == "free" else self.realloc(chosen, *arguments)
        pointer = getattr(self.heap, name)(*arguments)
        if pointer is not None:
            self.keep(pointer, arguments[-1])
        return pointer

    def keep(self, pointer, size):
        data = bytes((self.steps * 37 + index) & 0xFF for index in range(size))
        self.buffer[self.at(pointer, size)] = self.live[pointer] = data

    def free(self, pointer):
        self.heap.free(pointer)
        del self.live[pointer]

    def realloc(self, pointer, alignment, size):
        moved = self.heap.realloc(pointer, alignment, size)
        if moved is None:
            if size == 0:
                del self.live[pointer]
            return None
        old = self.live.pop(pointer)
        assert self.buffer[self.at(moved, min(size, len(old)))] == old[:size]
        self.keep(moved, size)
        return moved


@anyhow
@given(HEAPS, OPERATIONS)
def test_chunks_tile_the_heap_from_the_record_to_the_end(made, operations):
    player = Player(made)
    heap = player.heap
    end = heap.address_of_record + 8 * word(player.buffer[heap.address_of_record - heap.address :], 2)
    for operation in operations:
        player.do(*operation)
        at = heap.address_of_record + heap.record_bytes
        for address, length, _ in heap.chunks():
            assert address == at
            at += length
        assert at == end <= heap.address + len(player.buffer)


@anyhow
@given(HEAPS, OPERATIONS)
def test_no_two_neighbours_are_free(made, operations):
    player = Player(made)
    for operation in operations:
        player.do(*operation)
        assert not any(not left[2] and not right[2] for left, right in pairwise(player.heap.chunks()))


@anyhow
@given(HEAPS, OPERATIONS)
def test_blocks_lie_in_used_chunks_of_their_own(made, operations):
    player = Player(made)
    for operation in operations:
        player.do(*operation)
        used = [(address, address + size) for address, size, used in player.heap.chunks() if used]
        blocks = sorted((pointer, pointer + len(data)) for pointer, data in player.live.items())
        assert len(used) == len(blocks)
        for (begin, end), (first, last) in zip(used, blocks, strict=True):
            assert begin < first < last <= end


@anyhow
@given(HEAPS, OPERATIONS)
def test_blocks_lie_where_their_alignment_wants_them(made, operations):
    player = Player(made)
    for name, *arguments in operations:
        pointer = player.do(name, *arguments)
        if name == "aligned_alloc" and pointer is not None:
            alignment = arguments[0]
            rewind = alignment & -alignment if alignment & (alignment - 1) else 0
            assert (pointer + rewind) % (alignment - rewind or 1) == 0


@anyhow
@given(HEAPS, OPERATIONS)
def test_the_data_of_live_blocks_is_never_touched(made, operations):
    player = Player(made)
    for operation in operations:
        player.do(*operation)
        for pointer, data in player.live.items():
            assert player.buffer[player.at(pointer, len(data))] == data


@anyhow
@given(HEAPS, OPERATIONS, st.randoms(use_true_random=False))
def test_freeing_everything_returns_to_the_free_chunk_and_the_lists_of_a_new_heap(made, operations, order):
    def record():
        begin = player.heap.address_of_record - player.address
        words = [word(player.buffer[begin:], index) for index in range(player.heap.record_bytes // 4)]
        if made.get("statistics"):
            del words[6]  # what was allocated at most stays
        return words

    player = Player(made)
    chunks, lists = player.heap.free_chunks(), record()
    for operation in operations:
        player.do(*operation)
    remaining = list(player.live)
    order.shuffle(remaining)
    for pointer in remaining:
        player.free(pointer)
    assert player.heap.free_chunks() == chunks
    assert record() == lists


@anyhow
@given(HEAPS, OPERATIONS)
def test_every_large_enough_free_chunk_is_in_exactly_one_list(made, operations):
    player = Player(made)
    heap = player.heap
    begin = heap.address_of_record - player.address
    header = 8 if made.get("variant") == "big" else 4
    for operation in operations:
        player.do(*operation)
        listed = []
        for index in range(7 if made.get("statistics") else 4, heap.record_bytes // 4):
            head = chunk = word(player.buffer[begin:], index)
            while chunk:
                listed.append(heap.address_of_record + 8 * chunk)
                link = begin + 8 * chunk + header + header // 2
                chunk = int.from_bytes(player.buffer[link : link + header // 2], "little")
                if chunk == head:
                    break
        assert sorted(listed) == [address for address, size in heap.free_chunks() if size > header]


@anyhow
@given(HEAPS, OPERATIONS, OPERATIONS)
def test_a_view_of_the_same_bytes_gives_the_same_answers(made, before, after):
    player = Player(made)
    for operation in before:
        player.do(*operation)
    other = Player(made)
    other.buffer[:] = player.buffer
    other.heap = SysHeap.attach(other.buffer, other.address, **other.options)
    other.live, other.steps = dict(player.live), player.steps
    assert [player.do(*operation) for operation in after] == [other.do(*operation) for operation in after]
    assert player.buffer == other.buffer


@anyhow
@given(HEAPS, OPERATIONS)
def test_the_peak_is_the_largest_use_seen_after_any_request_that_moves_nothing(made, operations):
    player, most = Player(made), 0
    for operation in operations:
        if operation[0] != "realloc":
            player.do(*operation)
            most = max(most, player.heap.allocated_bytes)
            assert player.heap.peak == most


@anyhow
@given(HEAPS, OPERATIONS)
def test_statistics_in_memory_agree_with_a_walk(made, operations):
    player = Player(made | {"statistics": True})
    heap = player.heap
    header = 8 if made.get("variant") == "big" else 4
    for operation in operations:
        player.do(*operation)
        sizes = [(size - header, used) for _, size, used in heap.chunks()]
        expected = [sum(size for size, used in sizes if used is wanted) for wanted in (False, True)]
        assert statistics(player.buffer[heap.address_of_record - player.address :])[:2] == expected
