"""Prototypes from debug information, for clang and gcc, DWARF 4 and 5."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from dwarf_files import VARIANTS, Case, Signature, compile_debug, debug_file_of, functions, oracle, targets

from llext.abi import K_TIMEOUT, Integer, Struct, parse_prototype
from llext.dwarf import read_prototypes

PROTOTYPES = {
    "add": "int add(int a, int b)",
    "hidden": "int hidden(int a)",
    "flags": "bool flags(bool a, unsigned char b, signed char c, char d)",
    "wide": "unsigned long long wide(long a, unsigned long b, long long c, short d, unsigned short e)",
    "take": "void take(const uint8_t *data, uint32_t n, const char *const *names, char *const *m, int *v, int *list)",
    "wait": "k_timeout_t wait(k_timeout_t t, node_t *n, struct node m)",
    "pack": "int pack(struct packed p, union both u, union both *v)",
    "paint": "enum color paint(enum color c, enum level l, mode_t m)",
    "vlog": "int vlog(const char *format, va_list arguments)",
    "log_all": "int log_all(const char *format, ...)",
    "on": "void on(int (*h)(const char *, ...), void (*f)(void))",
    "mix": "float mix(float a, double b, long double c)",
    "use": "void *use(struct opaque *o, void *p, const void *q)",
    "table": "int (*table(void))[3]",
}


@pytest.fixture(params=VARIANTS, ids=lambda variant: f"{variant[0]}-dwarf{variant[1]}")
def debug_file(request: pytest.FixtureRequest) -> Path:
    return debug_file_of(*request.param)


@pytest.mark.parametrize("name", PROTOTYPES)
def test_a_defined_function_has_the_prototype_of_its_source(debug_file: Path, name: str) -> None:
    assert str(read_prototypes(debug_file)[name]) == PROTOTYPES[name]


def test_only_functions_that_are_defined_and_can_be_expressed_are_there(debug_file: Path) -> None:
    assert read_prototypes(debug_file).keys() == PROTOTYPES.keys()


def test_only_the_names_that_are_asked_for_are_there(debug_file: Path) -> None:
    assert read_prototypes(debug_file, ["mix", "declared_only", "absent"]).keys() == {"mix"}


def test_bytes_are_read_as_a_file_is(debug_file: Path) -> None:
    assert read_prototypes(debug_file.read_bytes()) == read_prototypes(debug_file)


@pytest.mark.parametrize("name", ["add", "wide", "take", "vlog", "mix"])
def test_a_prototype_equals_the_one_that_its_text_gives(debug_file: Path, name: str) -> None:
    assert read_prototypes(debug_file)[name] == parse_prototype(PROTOTYPES[name])


def test_a_timeout_is_the_type_that_prototype_text_knows(debug_file: Path) -> None:
    assert read_prototypes(debug_file)["wait"].result == K_TIMEOUT


def test_a_struct_by_value_has_its_members_and_a_struct_behind_a_pointer_its_name(debug_file: Path) -> None:
    _, pointer, node = (parameter.type for parameter in read_prototypes(debug_file)["wait"].parameters)
    assert isinstance(node, Struct)
    assert ([(member.name, member.offset) for member in node.members], node.size) == (
        [("next", 0), ("done", 4), ("values", 8)],
        20,
    )
    assert pointer.target == Struct("node_t", keyword="")  # type: ignore[union-attr]


def test_a_packed_struct_is_known_by_its_offsets(debug_file: Path) -> None:
    packed = read_prototypes(debug_file)["pack"].parameters[0].type
    assert (packed.size, packed.align) == (9, 1)


def test_an_enum_has_the_sign_of_its_values(debug_file: Path) -> None:
    color, level, _ = (parameter.type for parameter in read_prototypes(debug_file)["paint"].parameters)
    assert (color, level) == (Integer("enum color", 4, signed=False), Integer("enum level", 4, signed=True))


def test_a_global_function_goes_before_a_static_one_of_the_same_name(tmp_path: Path) -> None:
    first = compile_debug("static __attribute__((used)) int run(int a) { return a; }", tmp_path, "zig", 4)
    second = compile_debug("float run(float b) { return b; }", tmp_path, "zig", 5)
    joined = tmp_path / "joined.o"
    subprocess.run([str(targets.ZIG), "ld.lld", "-r", str(first), str(second), "-o", str(joined)], check=True)
    assert str(read_prototypes(joined, ["run"])["run"]) == "float run(float b)"


def test_a_file_without_debug_information_has_no_prototypes(tmp_path: Path) -> None:
    assert read_prototypes(compile_debug("int f(int a) { return a; }", tmp_path, "zig", 5, "-g0")) == {}


def test_a_damaged_file_has_no_prototypes() -> None:
    assert read_prototypes(b"\x7fELF, or not") == {}


def test_any_damage_to_debug_information_is_survived(debug_file: Path) -> None:
    data = debug_file.read_bytes()
    for at in range(52, len(data), max(1, len(data) // 150)):
        damaged = bytearray(data)
        damaged[at] ^= 0xFF
        assert isinstance(read_prototypes(bytes(damaged)), dict)


def test_a_linked_file_is_read_too(tmp_path: Path) -> None:
    linked = oracle.compile_c("int twice(int a) { return 2 * a; }", tmp_path, oracle.Variant("zig", "aapcs"), "-g")
    assert str(read_prototypes(linked)["twice"]) == "int twice(int a)"


def test_pyelftools_is_imported_only_when_a_file_is_read() -> None:
    code = "import sys, llext.dwarf; sys.exit('elftools' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


# Calls by what debug information says ---------------------------------------------------------------------------------

STRUCTS = """
struct __attribute__((packed)) pk { char a; int64_t b; };
struct al { int a; int b; } __attribute__((aligned(8)));
struct am { char a; int b __attribute__((aligned(8))); int c; };
struct in { struct al a; int b; };
struct bf { unsigned a : 3, b : 29; char c[4]; };
struct bl { int64_t a : 40, b : 24; };
struct gr { float a[2][2]; };
struct em { struct { float a; } x; union { float b; float c; } y; };
typedef struct { double a[2]; } pair_t;
"""
SIGNATURES = [
    ("int", "int, struct pk, int"),
    ("struct pk", "int, int, int, struct pk, int64_t"),
    ("struct al", "int, struct al, int"),
    ("struct am", "int, struct am, int"),
    ("struct in", "int, struct in, int"),
    ("struct bf", "int, struct bf, struct bf, int"),
    ("struct bl", "int, struct bl, int"),
    ("struct gr", "float, struct gr, double, float"),
    ("struct em", "float, struct em, double, float"),
    ("long double", "int, long double, int"),
    ("pair_t", "float, pair_t, float, pair_t, pair_t, pair_t, pair_t, int"),
]


@pytest.mark.parametrize("compiler", targets.COMPILERS)
@pytest.mark.parametrize("abi", targets.ABIS)
def test_structs_that_only_debug_information_can_describe_cross_as_the_compiler_passes_them(
    tmp_path: Path, compiler: str, abi: str
) -> None:
    variant = oracle.Variant(compiler, abi)
    variant.need()
    signatures = [Signature(number, result, tuple(types.split(", "))) for number, (result, types) in enumerate(SIGNATURES)]
    linked = oracle.compile_c("\n".join([STRUCTS, *map(functions, signatures)]), tmp_path, variant, "-g")
    guest, prototypes = oracle.Guest(linked, variant.facts), read_prototypes(linked)
    for signature in signatures:
        case = Case(guest, signature, prototypes[f"take_{signature.number}"])
        assert case.take() == (case.bytes, case.result), signature
        assert case.give() == (case.values, case.result_bytes), signature
