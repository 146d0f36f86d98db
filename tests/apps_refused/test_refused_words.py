"""Words of the command line that are none for an application are refused before anything is built."""

import pytest
from refused import llext, plain, refused, write_app

ROWS = {
    "an unknown board": (["--board", "mps2/an358"], "unknown board 'mps2/an358' [-ENODEV]\n  did you mean mps2/an386 or mps2/an385?"),
    "an unknown BOARD": (["--", "-DBOARD=mps2/an358"], "unknown board 'mps2/an358' [-ENODEV]\n  did you mean mps2/an386 or mps2/an385?"),
    "two boards": (["--board", "mps2/an385", "--", "-DBOARD:STRING=qemu_riscv32"], "--board mps2/an385 and -DBOARD:STRING=qemu_riscv32 are two boards"),
    "no time": (["--for", "abc"], "'abc' is no time to run for [-EINVAL]\n  give it with a unit: 500ms, 2s, 1min; 30 years are the most."),
    "an empty time": (["--for", ""], "'' is no time to run for"),
    "an unknown unit": (["--for", "2x"], "'2x' is no time to run for"),
    "a negative time": (["--for", "-1s"], "'-1s' is no time to run for"),
    "too long a time": (["--for", "99999999999999999s"], "'99999999999999999s' is no time to run for"),
    "a stray word": (["foo"], "what is 'foo'? [-EINVAL]\n  llext run APP -- -DCONFIG_X=y"),
    "a call": (["--call", "f()"], "--call is not for applications"),
    "an MPU": (["--no-mpu"], "--no-mpu is not for applications"),
    "its own folder": (["-d", "{app}"], "APP: is the application's own folder [-EINVAL]\n  give another build folder"),
    "its sources": (["-d", "{app}/src"], "APP/src: is no build folder, and not empty [-EINVAL]\n  give a new folder"),
    "the folder around it": (["-d", "{app}/.."], "APP/..: is no build folder, and not empty"),
    "a trace nowhere": (["--trace", "{app}/no/trace"], "cannot write APP/no/trace: there is no folder APP/no"),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_wrong_words_are_refused_at_once(tmp_path, capfd, name):
    app = write_app(tmp_path / "app")
    words, expected = ROWS[name]
    said = refused(capfd, app, *(word.format(app=app) for word in words))
    assert said.code == 2
    assert plain(said.message, app).startswith(expected)
    assert not (app / "build").exists()


def test_a_file_as_build_folder_is_refused(tmp_path, capfd):
    app = write_app(tmp_path / "app")
    said = refused(capfd, app, "-d", app / "prj.conf")
    assert (
        plain(said.message, app)
        == "cannot write the build folder APP/prj.conf: File exists\n  give another: --build-dir FOLDER."
    )


@pytest.mark.parametrize("words", [["run"], ["app", "build"]])
def test_a_folder_that_is_not_there_is_no_application(tmp_path, capfd, words):
    said = llext(capfd, *words, tmp_path / "nowhere")
    assert (said.code, said.out) == (2, "")
    assert said.message.startswith(f"{tmp_path}/nowhere: no such file or folder")


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("-DFOO", "Parse error in command line argument: FOO"),
        ("-DCONFIG_LLEXT_HEAP_SIZE=3", "-DCONFIG_LLEXT_HEAP_SIZE=3: CONFIG_LLEXT_HEAP_SIZE=3 has no effect"),
        ("-Dconfig_LOG=y", "-Dconfig_LOG sets no option: their names are in capitals\n  did you mean -DCONFIG_LOG?"),
        ("-Dconfig_log=y", "-Dconfig_log sets no option: their names are in capitals\n  did you mean -DCONFIG_LOG?"),
        ("-DCONF_FILE=no.conf", "/no.conf: No such file or directory"),
        ("-DCONF_FILE=--help", "/--help: No such file or directory"),
        ("-DDTC_OVERLAY_FILE=no.overlay", "DTC_OVERLAY_FILE names "),
    ],
)
def test_definitions_that_are_none_are_told_and_not_remembered(tmp_path, capfd, word, message):
    app = write_app(tmp_path / "app")
    assert message in refused(capfd, app, "--", word).message
    assert llext(capfd, "run", app).out == "hello\n"


def test_definitions_of_an_earlier_build_are_named_where_they_are_in_the_way(tmp_path, capfd):
    app = write_app(tmp_path / "app", {"prj.conf": "CONFIG_LLEXT=y\nCONFIG_BOOT_BANNER=n\n"})
    assert llext(capfd, "run", app, "-DCONFIG_LLEXT_HEAP_SIZE=16").out == "hello\n"
    (app / "prj.conf").write_text("CONFIG_BOOT_BANNER=n\n")
    note = "  -DCONFIG_LLEXT_HEAP_SIZE=16 is of an earlier build: other -D words take its place, 'llext app clean' forgets it."
    assert refused(capfd, app).message.endswith(note)
    assert llext(capfd, "app", "clean", app).code == 0
    assert llext(capfd, "run", app).out == "hello\n"


def test_firmware_that_is_built_already_takes_no_definitions(tmp_path, capfd):
    path = tmp_path / "zephyr.elf"
    path.write_text("no firmware")
    assert refused(capfd, path, "--", "-DCONFIG_X=y").message.startswith(f"{path}: is built already")
    assert "not an ELF file" in refused(capfd, path).message


def test_firmware_for_another_board_than_is_named_is_refused(tmp_path, capfd):
    app = write_app(tmp_path / "app")
    assert llext(capfd, "app", "build", app).code == 0
    elf = app / "build" / "zephyr" / "zephyr.elf"
    assert refused(capfd, elf, "--board", "mps2/an386").message.startswith(f"{elf} is built for mps2/an385, not for mps2/an386")
    assert llext(capfd, "run", elf, "--board", "mps2/an385").out == "hello\n"


def test_a_loop_that_computes_for_ever_is_told_what_lets_its_time_go_on(tmp_path, capfd):
    app = write_app(tmp_path / "app", {"src/main.c": "int main(void)\n{\n\tfor (;;) {\n\t}\n}\n"})
    said = refused(capfd, app, "--for", "2s", "--timeout", "0.5")
    assert f"  at {app}/src/main.c:3\n" in said.err
    assert "so that --for does not end it either: --clock counted lets computing take time" in said.err
    assert llext(capfd, "run", app, "--for", "100ms", "--clock", "counted").code == 0
