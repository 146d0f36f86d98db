"""Build folders that were moved, copied, stopped in, are shared, full or read only; and paths and environments that are odd."""

import fcntl
import os
import shutil
import subprocess
import sys

import pytest
from refused import CMAKE, MAIN, llext, refused, write_app

from llext.build.firmware.project import cmake_folder, cmake_program, ninja_program


def test_a_copy_of_an_application_builds_for_itself(tmp_path, capfd):
    app = write_app(tmp_path / "first")
    assert llext(capfd, "run", app).out == "hello\n"
    copy = shutil.copytree(app, tmp_path / "second")
    (copy / "src" / "main.c").write_text(MAIN.replace("hello", "copy"))
    assert llext(capfd, "run", copy).out == "copy\n"
    app.rename(tmp_path / "third")
    (tmp_path / "third" / "src" / "main.c").write_text(MAIN.replace("hello", "moved"))
    assert llext(capfd, "run", tmp_path / "third").out == "moved\n"


def test_a_moved_build_folder_and_another_application_in_it(tmp_path, capfd):
    app, build, moved = write_app(tmp_path / "app"), tmp_path / "build", tmp_path / "moved"
    assert llext(capfd, "run", app, "-d", build).out == "hello\n"
    build.rename(moved)
    (app / "src" / "main.c").write_text(MAIN.replace("hello", "again"))
    assert llext(capfd, "run", app, "-d", moved).out == "again\n"
    other = write_app(tmp_path / "other", {"src/main.c": MAIN.replace("hello", "other")})
    said = refused(capfd, other, "-d", moved)
    assert (said.code, said.message.partition(" [")[0]) == (2, f"{moved}: is the build folder of another application, {app}")
    assert llext(capfd, "run", app, "-d", moved).out == "again\n"
    app.rename(tmp_path / "renamed")  # then the folder is nobody's
    assert llext(capfd, "run", other, "-d", moved).out == "other\n"


def test_another_board_in_the_same_folder_is_that_of_later_builds(tmp_path, capfd):
    app = write_app(tmp_path, {"src/main.c": MAIN.replace('"hello\\n"', 'CONFIG_BOARD "\\n"')})
    assert llext(capfd, "run", app).out == "mps2\n"
    for words, out in (
        (["--board", "qemu_riscv32"], "qemu_riscv32\n"),
        ([], "qemu_riscv32\n"),
        (["--board", "mps2/an386"], "mps2\n"),
    ):
        assert llext(capfd, "run", app, *words).out == out


@pytest.mark.parametrize("before", [False, True])
def test_a_folder_that_the_users_cmake_configured_keeps_its_board_and_words(tmp_path, capfd, before):
    app = write_app(tmp_path, {"src/main.c": MAIN.replace('"hello\\n"', '"%s %d\\n", CONFIG_BOARD, CONFIG_MAIN_STACK_SIZE')})
    if before:
        assert llext(capfd, "run", app).out == "mps2 1024\n"
    command = [cmake_program(), "-S", app, "-B", app / "build", "-GNinja", f"-DCMAKE_MAKE_PROGRAM={ninja_program()}"]
    words = ["-DBOARD=qemu_riscv32", "-DCONFIG_MAIN_STACK_SIZE:STRING=2048"]
    subprocess.run([*command, f"-DZephyr_DIR={cmake_folder()}", *words], check=True, capture_output=True)
    assert llext(capfd, "run", app).out == "qemu_riscv32 2048\n"
    assert llext(capfd, "run", app, "--board", "mps2/an386").out == "mps2 2048\n"


def test_a_build_for_another_python_begins_anew(tmp_path, capfd):
    app = write_app(tmp_path)
    assert llext(capfd, "run", app).out == "hello\n"
    stamp = app / "build" / ".llext-stamp.json"
    stamp.write_text(stamp.read_text().replace(sys.executable, "/gone/python"))
    cached = app / "build" / "CMakeCache.txt"
    cached.write_text(cached.read_text() + "NOBODY:STRING=knows\n")
    assert llext(capfd, "run", app).out == "hello\n"
    assert "NOBODY" not in cached.read_text()


def test_a_build_that_failed_leaves_nothing_in_the_way(tmp_path, capfd):
    """The words of a board switch that failed are not half of the next build."""
    app = write_app(tmp_path)
    assert llext(capfd, "run", app).out == "hello\n"
    (app / "prj.conf").write_text("CONFIG_LLEXT_HEAP_SZE=3\n")
    refused(capfd, app, "--board", "qemu_riscv32")
    (app / "prj.conf").write_text("CONFIG_BOOT_BANNER=n\n")
    assert llext(capfd, "run", app).out == "hello\n"
    assert "--target=arm" in (app / "build" / "compile_commands.json").read_text()


PARTS = ["zephyr", "zephyr/linker.cmd", "zephyr/include/generated/zephyr/autoconf.h", "CMakeCache.txt", "build.ninja"]


@pytest.mark.parametrize("part", PARTS)
def test_what_is_missing_in_a_build_folder_is_made_again(tmp_path, capfd, part):
    app = write_app(tmp_path)
    assert llext(capfd, "app", "build", app).code == 0
    path = app / "build" / part
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    assert llext(capfd, "run", app).out == "hello\n"


def test_damaged_rules_are_made_anew(tmp_path, capfd):
    app = write_app(tmp_path)
    assert llext(capfd, "app", "build", app).code == 0
    (app / "build" / "build.ninja").write_text("rule half")
    assert llext(capfd, "run", app).out == "hello\n"


TWICE = """add_custom_command(OUTPUT "${ZEPHYR_BINARY_DIR}/zephyr.elf" COMMAND ${CMAKE_COMMAND} -E touch x)
add_custom_target(again ALL DEPENDS "${ZEPHYR_BINARY_DIR}/zephyr.elf")
"""


def test_two_rules_for_one_file_are_told_and_forgotten_when_they_are_mended(tmp_path, capfd):
    app = write_app(tmp_path)
    lists = (app / "CMakeLists.txt").read_text()
    (app / "CMakeLists.txt").write_text(lists + TWICE)
    message = "two rules of the CMakeLists.txt make zephyr/zephyr.elf\n  give each its own name: OUTPUT, or the .inc file."
    assert message in refused(capfd, app).message
    assert message in refused(capfd, app).message
    (app / "CMakeLists.txt").write_text(lists)
    assert llext(capfd, "run", app).out == "hello\n"


def test_a_damaged_build_folder_is_told_as_such(tmp_path, capfd):
    app = write_app(tmp_path)
    assert llext(capfd, "app", "build", app).code == 0
    (app / "build" / "CMakeCache.txt").write_text("garbage\n")
    (app / "CMakeLists.txt").touch()
    said = refused(capfd, app)
    assert "Parse error in cache file " in said.message
    assert "the build folder is damaged" in said.message
    assert "'llext app clean' removes it." in said.message
    assert llext(capfd, "app", "clean", app).code == 0
    assert llext(capfd, "run", app).out == "hello\n"


@pytest.mark.parametrize("name", ["prj.conf", "boards/mps2_an385.overlay"])
def test_a_file_from_the_future_is_told(tmp_path, capfd, name):
    app = write_app(tmp_path, {name: ""})
    os.utime(app / name, (4e9, 4e9))
    message = (
        f"{app / name}: was changed in the future, as this computer's clock has it\n  is the clock right? Else touch the file."
    )
    assert refused(capfd, app).message == message


def test_two_builds_at_once_in_one_folder_are_one(tmp_path, capfd):
    app = write_app(tmp_path)
    (app / "build").mkdir()
    with (app / "build" / ".llext-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        message = refused(capfd, app).message
        assert message == f"another build runs in {app}/build\n  wait for it, or give another folder: --build-dir FOLDER."
    assert llext(capfd, "run", app).out == "hello\n"


def without_rights(*words):
    """Runs the command line so that rights of folders hold for root too."""
    start = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    if start and shutil.which("setpriv") is None:
        pytest.skip("root may write anywhere")
    done = subprocess.run([*start, sys.executable, "-m", "llext", *map(str, words)], capture_output=True, text=True)
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.parametrize("closed", ["", "build", "build/zephyr"])
def test_a_folder_that_cannot_be_written_is_told(tmp_path, closed):
    app = write_app(tmp_path / "app")
    folder = app / closed
    folder.mkdir(parents=True, exist_ok=True)
    if closed == "build/zephyr":
        (app / "build" / ".llext-lock").touch()
    folder.chmod(0o555)
    try:
        done = without_rights("run", app)
    finally:
        folder.chmod(0o755)
    assert done.returncode == 1
    last = done.stderr[done.stderr.rfind("error: ") :]
    assert last.startswith(("error: cannot write the build folder ", "error: cannot write "))
    assert str(app / "build") in last
    assert "Permission denied\n  give another" in last
    assert "--build-dir" in last


@pytest.mark.parametrize("size", ["64k", "400k"])
def test_a_full_disk_is_told_and_the_next_build_works(tmp_path, capfd, size):
    app, disk = write_app(tmp_path / "app"), tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", disk], capture_output=True)
    if mounted.returncode:
        pytest.skip("cannot mount a small disk")
    try:
        assert "o space left on" in refused(capfd, app, "-d", disk / "build").message
        subprocess.run(["mount", "-o", "remount,size=50m", disk], check=True)
        assert llext(capfd, "run", app, "-d", disk / "build").out == "hello\n"
    finally:
        subprocess.run(["umount", disk], check=True)


def test_cleaning_removes_build_folders_only(tmp_path, capfd):
    app = write_app(tmp_path / "app")
    said = llext(capfd, "app", "clean", app)
    assert (said.code, said.message) == (2, f"{app}/build: is no build folder [-EINVAL]\n  nothing was removed.")
    for folder in (app, app / "src", tmp_path):
        assert llext(capfd, "app", "clean", app, "-d", folder).code == 2
        (folder / "CMakeCache.txt").touch()  # as CMake itself leaves one there
        said = llext(capfd, "app", "clean", app, "-d", folder)
        assert (said.code, "nothing was removed; it looks like somebody's work." in said.err) == (2, True)
        (folder / "CMakeCache.txt").unlink()
    assert llext(capfd, "run", app).out == "hello\n"
    assert llext(capfd, "app", "clean", app).code == 0
    assert not (app / "build").exists()
    assert llext(capfd, "run", app).out == "hello\n"


UNUSABLE = ["semi;colon", 'quo"te', "percent%", "back\\slash", "pipe|", "less<", "more>", "line\nend", "bracket]", "[bracket"]
USABLE = ["blank ü 日本", "[brackets]", "$dollar ${HOME}", "apostrophe's", "hash#", "(round) @AT@ &", "-dash, =+~!:"]


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_path_that_the_tools_take_apart_is_refused(tmp_path, capfd, name):
    app = write_app(tmp_path / name)
    said = refused(capfd, app)
    assert said.code == 2
    assert "no application can be built in a path with " in said.message
    assert not (app / "build").exists()
    sound = write_app(tmp_path / "sound")
    assert refused(capfd, sound, "-d", tmp_path / name / "build").code == 2


@pytest.mark.parametrize("name", USABLE)
def test_an_odd_path_is_as_good_as_any(tmp_path, capfd, name):
    cmake = CMAKE + (
        "target_sources(app PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/src/more.c)\n"
        "add_llext_target(ext OUTPUT ${ZEPHYR_BINARY_DIR}/ext.llext SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/src/ext.c)\n"
        "generate_inc_file_for_target(app ${ZEPHYR_BINARY_DIR}/ext.llext ${ZEPHYR_BINARY_DIR}/include/generated/ext.inc)\n"
    )
    files = {
        "CMakeLists.txt": cmake, "prj.conf": "CONFIG_LLEXT=y\nCONFIG_BOOT_BANNER=n\n", "src/ext.c": "int ext(void) { return 1; }\n",
        "src/more.c": '#include "ext.inc.h"\n', "src/ext.inc.h": "", "app.overlay": '/ { x { status = "okay"; }; };\n',
    }  # fmt: skip
    app = write_app(tmp_path / name, files)
    assert llext(capfd, "run", app).out == "hello\n"
    again = llext(capfd, "run", app)
    assert (again.out, again.err) == ("hello\n", "")  # the second build does nothing


def test_files_with_other_line_ends_and_marks_are_read(tmp_path, capfd):
    files = {
        "CMakeLists.txt": CMAKE, "prj.conf": "CONFIG_LLEXT=y\nCONFIG_BOOT_BANNER=n\nCONFIG_FOO=y\n", "src/main.c": MAIN,
        "app.overlay": '/ {\n\tx { status = "okay"; };\n};\n', "Kconfig": 'source "Kconfig.zephyr"\nconfig FOO\n\tbool "foo"\n',
    }  # fmt: skip
    app = write_app(tmp_path / "crlf", {name: text.replace("\n", "\r\n") for name, text in files.items()})
    assert llext(capfd, "run", app).out == "hello\n"
    app = write_app(tmp_path / "bom", {name: "\ufeff" + text for name, text in files.items()})
    assert llext(capfd, "run", app).out == "hello\n"


ODD = {
    "CFLAGS": "--nope", "CXXFLAGS": "--nope", "ASMFLAGS": "--nope", "LDFLAGS": "--nope", "CC": "/nope/cc", "CXX": "nope",
    "ZEPHYR_BASE": "/nowhere/zephyr", "ZEPHYR_TOOLCHAIN_VARIANT": "gnuarmemb", "BOARD": "nope", "NINJA_STATUS": "%p oops ",
    "CLICOLOR_FORCE": "1", "CMAKE_GENERATOR": "Unix Makefiles", "CMAKE_TOOLCHAIN_FILE": "/nope.cmake", "CMAKE_BUILD_TYPE": "Release",
    "CMAKE_PREFIX_PATH": "/nope", "Zephyr_DIR": "/nope", "Zephyr_ROOT": "/nope", "CPATH": "/nope", "LC_ALL": "tr_TR.UTF-8",
}  # fmt: skip


def test_the_environment_changes_neither_a_build_nor_a_message(tmp_path, capfd, monkeypatch):
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "ZephyrConfig.cmake").write_text("message(FATAL_ERROR foreign)\n")
    (foreign / "ZephyrConfigVersion.cmake").write_text("set(PACKAGE_VERSION 4.4.0)\nset(PACKAGE_VERSION_COMPATIBLE TRUE)\n")
    registry = tmp_path / "home" / ".cmake" / "packages" / "Zephyr"
    registry.mkdir(parents=True)
    (registry / "entry").write_text(f"{foreign}\n")
    for name, value in {**ODD, "HOME": str(tmp_path / "home")}.items():
        monkeypatch.setenv(name, value)
    app = write_app(
        tmp_path / "app", {"src/main.S": ".text\nnop\n", "CMakeLists.txt": CMAKE + "target_sources(app PRIVATE src/main.S)\n"}
    )
    assert llext(capfd, "run", app).out == "hello\n"
    (app / "src" / "main.c").write_text("int main(void) { return x; }\n")
    assert refused(capfd, app).message == f"{app}/src/main.c:1: use of undeclared identifier 'x'"
    (app / "CMakeLists.txt").write_text("nonsense()\n" + CMAKE)
    assert refused(capfd, app).message.startswith(f'{app}/CMakeLists.txt:1: Unknown CMake command "nonsense".')
