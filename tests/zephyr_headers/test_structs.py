"""Each member of each struct in the catalogue lies where compilers put that of the header."""

import pytest
from test_headers import BOARDS, CPUS, LANGUAGES, STRICT, TOOLCHAINS, compile_text

from llext.abi.catalogue import SERVICES, STRUCTS

INCLUDES = "".join(
    f"#include <{name}>\n"
    for name in sorted({"zephyr/llext/loader.h", *(spec.header for spec in SERVICES if spec.header.startswith("zephyr/"))})
)
FLAT = {"heap": "heap.heap", "init_mem": "heap.init_mem", "init_bytes": "heap.init_bytes"}
"""What struct k_heap has in a struct of its own."""


def checks(struct):
    names = FLAT if struct.name == "k_heap" else {}
    lines = [
        f"BUILD_ASSERT(offsetof(struct {struct.name}, {names.get(name, name)}) == {offset});"
        for name, offset in struct.offsets.items()
    ]
    return "\n".join([*lines, f"BUILD_ASSERT(sizeof(struct {struct.name}) == {struct.size});"])


@pytest.mark.parametrize("language", ["c11", "c++17"])
@pytest.mark.parametrize("board", BOARDS, ids=CPUS.get)
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_members_lie_where_the_catalogue_says(toolchain, board, language):
    text = INCLUDES + "\n".join(map(checks, STRUCTS))
    compile_text(text, "-w", "-fsyntax-only", toolchain=toolchain, board=board, language=language)


DEFINED = (
    INCLUDES
    + """
K_MSGQ_DEFINE(messages, 8, 4, 4);
K_QUEUE_DEFINE(queue);
K_FIFO_DEFINE(fifo);
K_LIFO_DEFINE(lifo);
K_STACK_DEFINE(stack, 4);
K_PIPE_DEFINE(bytes, 16, 4);
K_MEM_SLAB_DEFINE(slab, 10, 4, 4);
K_MEM_SLAB_DEFINE_STATIC(own_slab, 16, 4, 8);
K_HEAP_DEFINE(heap, 256);
static uint8_t memory[64];
SYS_MEM_BLOCKS_DEFINE(blocks, 16, 4, 4);
SYS_MEM_BLOCKS_DEFINE_STATIC(own_blocks, 16, 4, 4);
SYS_MEM_BLOCKS_DEFINE_WITH_EXT_BUF(blocks_there, 16, 4, memory);
SYS_MEM_BLOCKS_DEFINE_STATIC_WITH_EXT_BUF(own_blocks_there, 16, 4, memory);
void *used[] = {&own_slab, &own_blocks, &own_blocks_there};
"""
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("board", BOARDS, ids=CPUS.get)
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_objects_for_data_and_memory_are_defined_without_a_warning(toolchain, board, language):
    compile_text(DEFINED, *STRICT, "-fsyntax-only", toolchain=toolchain, board=board, language=language)
