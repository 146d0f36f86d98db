"""No access of the runtime is misaligned or beside its object: the host does not mind, a guest may.

The sources run in a program with sanitizers; each object ends where its memory does.
"""

import re
import subprocess

from conftest import need

from llext.build.runtime import SOURCES
from llext.build.toolchain import HEADERS

RENAMED = sorted({
    name
    for header in ("string.h", "strings.h", "stdlib.h", "ctype.h")
    for name in re.findall(r"[ *](\w+)\(", (HEADERS / "libc" / header).read_text())
    if name not in {"compare", "__attribute__", "__aligned__", "abort"}
})  # fmt: skip

PROGRAM = r"""
#include <string.h>
#include <strings.h>
#include <stdlib.h>

void *(malloc)(size_t size);
void (free)(void *memory);
int printf(const char *format, ...);
int *z_impl_z_errno(void);

int *z_impl_z_errno(void)
{
	static int number;

	return &number;
}

static char *object(size_t offset, size_t size)
{
	char *memory = malloc(offset + size);

	for (size_t i = 0; i < offset + size; i++) {
		memory[i] = (char)(i + 1);
	}
	return memory;
}

int main(void)
{
	for (size_t to = 0; to < 5; to++) {
		for (size_t from = 0; from < 5; from++) {
			for (size_t count = 0; count < 23; count++) {
				char *a = object(to, count), *b = object(from, count), *both = object(6, count + 6);

				memcpy(a + to, b + from, count);
				if (memcmp(a + to, b + from, count) != 0) {
					return 1;
				}
				memmove(both + to, both + from, count);
				memset(a + to, 0x81, count);
				if (count > 0 && memchr(a + to, 0, count) != NULL) {
					return 2;
				}
				if (count > 0) {
					a[to + count - 1] = b[from + count - 1] = 0;
					if (strnlen(a + to, count) > count || strcmp(a + to, a + to) != 0) {
						return 3;
					}
					strcpy(a + to, b + from);
					strncpy(a + to, b + from, count);
					strlcpy(a + to, b + from, count);
					stpncpy(a + to, b + from, count);
					strcasecmp(a + to, b + from);
					if (memrchr(a + to, 0, count) == NULL || memmem(a + to, count, b + from, count) == NULL) {
						return 4;
					}
				}
				free(a);
				free(b);
				free(both);
			}
		}
	}
	printf("done\n");
	return (int)strtol("0", NULL, 10) + abs(0);
}
"""


def test_no_access_is_misaligned_or_beside_an_object(tmp_path):
    need("gcc")
    source, program = tmp_path / "driver.c", tmp_path / "driver"
    source.write_text(PROGRAM)
    flags = ["-g", "-O1", "-ffreestanding", "-fno-builtin", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    renamed = [f"-D{name}=rt_{name}" for name in RENAMED]
    command = [
        "gcc",
        *flags,
        *renamed,
        "-I",
        HEADERS / "libc",
        "-I",
        HEADERS,
        source,
        *sorted(SOURCES.glob("*.c")),
        "-lm",
        "-o",
        program,
    ]
    subprocess.run([str(word) for word in command], check=True)
    done = subprocess.run([program], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
