"""Extensions, as C code loads and unloads them: the kernel's part of zephyr/llext/llext.h."""

from llext.abi.catalogue.spec import ServiceSpec, service
from llext.abi.structs import REGION_COUNT, CStruct, Member

HEADER = "zephyr/llext/llext.h"
REQUEST = CStruct(
    "z_llext_request",
    (
        Member("struct llext_loader *", "loader"),
        Member("const struct llext_load_param *", "param"),
        Member("struct k_mutex *", "lock"),
        Member("uint32_t", "kind"),
        Member("size_t", "offset"),
        Member("size_t", "size"),
        Member("void *", "buffer"),
        Member("int", "result"),
    ),
)
PARAM = CStruct(
    "llext_load_param",
    (
        Member("bool", "relocate_local", 1),
        Member("bool", "pre_located", 1),
        Member("void *", "section_detached"),
        Member("bool", "keep_section_info", 1),
    ),
)
LOADER = CStruct(
    "llext_loader",
    (
        *(Member("void *", name) for name in ("prepare", "read", "seek", "peek", "finalize")),
        Member("enum llext_storage_type", "storage"),
        Member("elf_ehdr_t", "hdr", 52, align=4),
        Member("elf_shdr_t", "sects", 40, REGION_COUNT, align=4),
        Member("struct llext_elf_sect_map *", "sect_map"),
    ),
)
STRUCTS: tuple[CStruct, ...] = (REQUEST, PARAM, LOADER)
SERVICES: tuple[ServiceSpec, ...] = (
    service("int llext_heap_init(void *mem, size_t bytes)", HEADER),
    service("int llext_heap_init_harvard(void *instr_mem, size_t instr_bytes, void *data_mem, size_t data_bytes)", HEADER),
    service("int llext_heap_uninit(void)", HEADER),
    service("int z_llext_begin(struct z_llext_request *request, const char *name, struct llext **ext)", HEADER),
    service("int z_llext_answer(struct z_llext_request *request)", HEADER),
    service("int z_llext_unload(struct llext *ext)", HEADER),
    service("void z_llext_outside(struct llext *ext, bool is_init, size_t idx, const void *function)", HEADER),
    service("struct llext *z_llext_behind(uint32_t *number)", HEADER),
    service("const void *z_llext_find(const struct llext_symtable *table, const char *name)", HEADER),
    service("void z_llext_free_map(struct llext *ext)", HEADER),
    service("int z_llext_restore(struct llext **ext, struct llext_loader **ldr, unsigned int n_ext)", HEADER),
)
