"""C++ extensions: what the language does behind the programmer's back, on every board, by both compilers."""

import pytest
from conftest import BOARDS, GNU, TOOLCHAINS, need

from llext import Board, BuildError, GuestFault
from llext.build import BuildOptions, build_extension
from llext.elf import ElfFile
from llext.link import VERSIONS, plan, stock_rules

HEADER = """
#pragma once
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
#include <new>
struct Noted {
	int number;
	explicit Noted(int number) : number(number) { printk("+%d ", number); }
	~Noted() { printk("-%d ", number); }
};
class Shape {
public:
	virtual ~Shape();
	virtual int area() const = 0;
	virtual const char *name() const { return "shape"; }
};
template <class T> T twice(T x) { static int calls; calls++; return x + x + 0 * calls; }
inline int counter() { static int n = 40; return ++n; }
Shape *make(int side);
"""
FIRST = """
#include "common.hpp"
static Noted one(1), two(2);
class Square : public Shape {
	int side;
public:
	explicit Square(int side) : side(side) {}
	int area() const override { return side * side; }
	const char *name() const override { return "square"; }
};
extern "C" int run(int x)
{
	Shape *a = new Square(x), *b = make(x);
	int *numbers = new int[5];
	static Noted local(3);
	numbers[4] = twice(x) + counter();
	int result = a->area() * 10000 + b->area() * 100 + numbers[4] + (int)twice(0.5);
	printk("%s %s ", a->name(), b->name());
	delete a;
	delete b;
	delete[] numbers;
	return result;
}
EXPORT_SYMBOL(run);
"""
SECOND = """
#include "common.hpp"
static Noted four(4);
Shape::~Shape() { printk("~ "); }
class Strip : public Shape {
	int side;
public:
	explicit Strip(int side) : side(side) {}
	int area() const override { return side * counter() / 41; }
};
Shape *make(int side) { return new Strip(twice(side)); }
"""


def built(folder, board, toolchain="zig", level="s", **sources):
    if toolchain == "gcc":
        need(*GNU)
    (folder / "common.hpp").write_text(HEADER)
    for name, text in sources.items():
        (folder / f"{name}.cpp").write_text(text)
    paths = [folder / f"{name}.cpp" for name in sources]
    return build_extension(paths, folder / f"{next(iter(sources))}.llext", board.target, BuildOptions(toolchain, level)).output


@pytest.mark.parametrize("level", ["0", "s"])
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
@pytest.mark.parametrize("name", BOARDS)
def test_classes_templates_inline_functions_and_static_objects_work(tmp_path, name, toolchain, level):
    with Board(name) as board:
        ext = board.load(built(tmp_path, board, toolchain, level, first=FIRST, second=SECOND))
        before = board.kernel.system_heap.allocated_bytes
        ext.bringup()
        # area 9; strip 6 * 42 / 41 = 6; 2 * 3 + 41, in whatever order the two counters run; twice(0.5) is 1
        assert ext.fn("run")(3) // 100 == 906
        assert sorted(board.console.split()) == sorted("+1 +2 +4 +3 square shape ~ ~".split())
        ext.teardown()
        assert board.console.split()[-4:] == list(reversed([word.replace("+", "-") for word in board.console.split()[:3]] + ["-3"]))
        assert board.kernel.system_heap.allocated_bytes == before
        assert ext.portability == ()


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_a_joined_c_plus_plus_extension_loads_on_stock(tmp_path, board, toolchain):
    elf = ElfFile.parse(built(tmp_path, board, toolchain, first=FIRST, second=SECOND).read_bytes())
    assert [plan(elf, stock_rules(version)).notes for version in VERSIONS] == [()] * len(VERSIONS)


@pytest.mark.parametrize("name", ["mps2/an385", "qemu_riscv32"])
def test_a_class_of_one_extension_is_derived_from_in_another(tmp_path, name):
    """The vtable, a destructor and a factory are exported under their mangled names."""
    library = """
    #include "common.hpp"
    Shape::~Shape() { printk("base gone "); }
    extern "C" int total(Shape *const *shapes, int count)
    {
        int sum = 0;
        for (int at = 0; at < count; at++) sum += shapes[at]->area();
        return sum;
    }
    extern "C" { extern char _ZTV5Shape[]; void _ZN5ShapeD2Ev(Shape *); }
    EXPORT_SYMBOL(total);
    EXPORT_SYMBOL(_ZTV5Shape);
    EXPORT_SYMBOL(_ZN5ShapeD2Ev);
    """
    user = """
    #include "common.hpp"
    class Dot : public Shape {
    public:
        int area() const override { return 7; }
        ~Dot() override { printk("dot gone "); }
    };
    extern "C" int total(Shape *const *shapes, int count);
    extern "C" int go(void)
    {
        Dot a, b;
        Shape *shapes[] = {&a, &b, new Dot};
        int sum = total(shapes, 3);
        delete shapes[2];
        return sum;
    }
    EXPORT_SYMBOL(go);
    """
    with Board(name) as board:
        lib = board.load(built(tmp_path, board, library=library))
        ext = board.load(built(tmp_path, board, user=user))
        assert ext.fn("go")() == 21
        assert board.console == "dot gone base gone " * 3
        assert ext.dependencies == [lib]


def test_many_static_objects_are_destroyed_in_reverse(tmp_path, board):
    objects = "".join(f"static Noted n{number}({number});\n" for number in range(40))
    ext = board.load(built(tmp_path, board, many='#include "common.hpp"\n' + objects + "extern \"C\" void f(void) {}\nEXPORT_SYMBOL(f);\n"))
    before = board.kernel.system_heap.allocated_bytes
    ext.bringup()
    ext.teardown()
    numbers = [int(word) for word in board.console.split()]
    assert numbers == [*range(40), *(-number for number in reversed(range(40)))]
    assert board.kernel.system_heap.allocated_bytes == before


def test_aligned_and_nothrow_new(tmp_path, board):
    text = """
    #include "common.hpp"
    struct alignas(64) Wide { int a[16]; };
    extern "C" int wide(void) { Wide *w = new Wide; int low = (int)((uintptr_t)w & 63); delete w; return low; }
    extern "C" int huge(void) { char *p = new (std::nothrow) char[100u << 20]; return p == nullptr; }
    extern "C" void fatal(void) { volatile char *p = new char[100u << 20]; p[0] = 1; }
    EXPORT_SYMBOL(wide);
    EXPORT_SYMBOL(huge);
    EXPORT_SYMBOL(fatal);
    """
    ext = board.load(built(tmp_path, board, alloc=text))
    assert ext.fn("wide")() == 0
    assert ext.fn("huge")() == 1
    with pytest.raises(GuestFault, match="kernel panic"):
        ext.fn("fatal")()
    assert "operator new: no memory" in board.console


def test_a_pure_virtual_call_is_a_fault(tmp_path, board):
    text = """
    #include "common.hpp"
    struct Base { Base() { call(); } void call() { step(); } virtual void step() = 0; };
    struct Derived : Base { void step() override {} };
    extern "C" void go(void) { Derived d; (void)d; }
    EXPORT_SYMBOL(go);
    """
    ext = board.load(built(tmp_path, board, level="0", pure=text))
    with pytest.raises(GuestFault, match="kernel panic"):
        ext.call("go")
    assert "pure virtual function called" in board.console


def test_guards_of_others_objects_are_served(tmp_path, board):
    """An object built with thread-safe statics calls the guard functions."""
    text = '#include "common.hpp"\nint value();\nextern "C" int go(void) { static int once = value(); return once; }\n' + (
        "int value() { return counter(); }\nEXPORT_SYMBOL(go);\n"
    )
    (tmp_path / "common.hpp").write_text(HEADER)
    (tmp_path / "guard.cpp").write_text(text)
    options = BuildOptions(cflags=("-fthreadsafe-statics",))
    ext = board.load(build_extension([tmp_path / "guard.cpp"], tmp_path / "guard.llext", board.target, options).output)
    assert [ext.fn("go")(), ext.fn("go")()] == [41, 41]


def test_exceptions_are_a_compiler_error(tmp_path, board):
    with pytest.raises(BuildError) as caught:
        built(tmp_path, board, throwing='extern "C" void go(void) { throw 1; }\n')
    assert "exceptions disabled" in caught.value.diagnostics
