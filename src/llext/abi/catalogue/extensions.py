"""Extensions, as C code loads and unloads them: the kernel's part of zephyr/llext/llext.h."""

from llext.abi.catalogue.spec import ServiceSpec, service
from llext.abi.structs import CStruct, Member

HEADER = "zephyr/llext/llext.h"
REQUEST = CStruct(
    "z_llext_request",
    (
        Member("uint32_t", "kind"),
        Member("size_t", "offset"),
        Member("size_t", "size"),
        Member("void *", "buffer"),
        Member("int", "result"),
    ),
)
STRUCTS: tuple[CStruct, ...] = (REQUEST,)
SERVICES: tuple[ServiceSpec, ...] = (
    service("int llext_heap_init(void *mem, size_t bytes)", HEADER),
    service("int llext_heap_uninit(void)", HEADER),
    service("int z_llext_begin(const char *name, struct llext **ext, struct z_llext_request *request)", HEADER),
    service("int z_llext_answer(struct z_llext_request *request)", HEADER),
    service("int z_llext_unload(struct llext *ext)", HEADER),
    service("struct llext *z_llext_next(struct llext *ext)", HEADER),
)
