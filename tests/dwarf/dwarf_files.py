"""One C source as a debug file, by every compiler and DWARF version. The compilers are those of abi/'s oracle."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "abi"))

import abi_oracle as oracle
import abi_targets as targets
from abi_cases import Case
from abi_signatures import Signature, functions

__all__ = ["SOURCE", "VARIANTS", "Case", "Signature", "compile_debug", "debug_file_of", "functions", "oracle", "targets"]

SOURCE = """\
typedef unsigned char uint8_t;
typedef unsigned int uint32_t;
typedef long long int64_t;
typedef __builtin_va_list va_list;
typedef int64_t k_ticks_t;
typedef struct { k_ticks_t ticks; } k_timeout_t;
struct node { struct node *next; void (*done)(struct node *, int); int values[3]; };
typedef struct node node_t;
struct __attribute__((packed)) packed { char a; int64_t b; };
union both { int a; float b; };
enum color { RED, GREEN };
enum level { LOW = -1, HIGH };
typedef enum { OFF, ON } mode_t;
typedef int (*handler_t)(const char *, ...);
typedef float vector __attribute__((vector_size(16)));
struct opaque;
int declared_only(int a);
static __attribute__((noinline)) int hidden(int a) { __asm__ volatile(""); return a * 3; }
int add(int a, int b)
{
    int sum = hidden(a);
    return sum + b + declared_only(sum);
}
_Bool flags(_Bool a, unsigned char b, signed char c, char d) { return a; }
unsigned long long wide(long a, unsigned long b, long long c, short d, unsigned short e) { return c; }
void take(const uint8_t *data, uint32_t n, const char *const *names, char *const *m, volatile int *v, int list[4]) {}
k_timeout_t wait(k_timeout_t t, node_t *n, const struct node m) { return t; }
int pack(struct packed p, union both u, union both *v) { return p.a; }
enum color paint(enum color c, enum level l, mode_t m) { return c; }
int vlog(const char *format, va_list arguments) { return 0; }
int log_all(const char *format, ...) { return 0; }
void on(handler_t h, void (*f)(void)) {}
float mix(float a, double b, long double c) { return a; }
void *use(struct opaque *o, void *p, const void *q) { return p; }
int (*table(void))[3] { return 0; }
float lanes(vector v) { return v[0]; }
"""


def compile_debug(source: str, folder: Path, compiler: str, version: int, *flags: str) -> Path:
    """A relocatable file with DWARF of a version."""
    text, made = folder / "codec.c", folder / f"{compiler}-{version}.o"
    text.write_text(source)
    command = [
        *targets.compiler(compiler, targets.ABIS["aapcs"]),
        *oracle.FLAGS,
        f"-gdwarf-{version}",
        *flags,
        "-c",
        "codec.c",
        "-o",
        str(made),
    ]
    subprocess.run(command, check=True, cwd=folder)
    return made


_FOLDER = tempfile.TemporaryDirectory(prefix="llext-dwarf-")
VARIANTS = [(compiler, version) for compiler in targets.COMPILERS for version in (4, 5)]


@cache
def debug_file_of(compiler: str, version: int) -> Path:
    """``SOURCE`` as a debug file, made once."""
    oracle.Variant(compiler, "aapcs").need()
    return compile_debug(SOURCE, Path(_FOLDER.name), compiler, version)
