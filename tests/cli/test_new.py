"""llext new: a project of each template runs, passes its own tests, and takes no place of anything."""

import subprocess
import sys

import pytest

from llext.build.templates import FOLDER, template_names
from llext.cli.app import run

LAST = {
    "hello": "2 + 3 = 5",
    "codec": "deltas: 5 bytes, hijkl",
    "app": " 700 ms: 133, filtered 119",
    "pool": "all given back: 900 bytes in one piece",
}


def test_every_template_is_known():
    assert template_names() == sorted(LAST)


@pytest.mark.parametrize("board", ["mps2/an385", "qemu_riscv32"])
@pytest.mark.parametrize("template", LAST)
def test_a_new_project_runs(tmp_path, capfd, template, board):
    folder = tmp_path / "a folder" / "my-project"
    assert run(["new", str(folder), "--template", template]) == 0
    said = capfd.readouterr().out
    assert f"llext run '{folder}'" in said
    assert all(str(path) in said for path in folder.rglob("*") if path.is_file())
    assert not any("NAME@" in path.read_text() or "UPPER@" in path.read_text() for path in folder.rglob("*") if path.is_file())
    assert run(["run", str(folder), "--board", board]) == 0
    captured = capfd.readouterr()
    assert captured.out.splitlines()[-1] == LAST[template]
    assert "warning" not in captured.err


@pytest.mark.parametrize("template", LAST)
def test_a_new_project_passes_its_own_tests(tmp_path, template):
    assert run(["new", str(tmp_path / "mine"), "-t", template]) == 0
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", str(tmp_path / "mine")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout


def test_the_filter_of_the_application_may_be_a_part_of_the_firmware(tmp_path, capfd):
    assert run(["new", str(tmp_path / "mine"), "-t", "app"]) == 0
    assert run(["run", str(tmp_path / "mine"), "--", "-DCONFIG_MINE_FILTER=y"]) == 0
    assert capfd.readouterr().out.splitlines()[-1] == LAST["app"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["mine", "-t", "helo"], "there is no template 'helo' [-EINVAL]\n  did you mean hello?"),
        (["mine", "-t", "x"], "there is no template 'x' [-EINVAL]\n  there are app, codec, hello, pool."),
        (["1st"], "'1st' is no name for a project"),
        (["app"], "'app' is no name for a project"),
        (["two words"], "'two words' is no name for a project"),
        (["prüfung"], "'prüfung' is no name for a project"),
        (["x" * 31], "is no name for a project"),
        (["full"], "full: is not empty [-EINVAL]\n  give the name of a new folder; nothing was written."),
        (["file"], "file: is a file [-EINVAL]"),
        (["file/mine"], "cannot write"),
    ],
)
def test_what_is_no_new_project_is_refused(tmp_path, capfd, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.c").write_text("")
    (tmp_path / "file").write_text("")
    before = sorted(tmp_path.rglob("*"))
    assert run(["new", *words]) in (1, 2)
    captured = capfd.readouterr()
    assert message in captured.err
    assert captured.out == ""
    assert sorted(tmp_path.rglob("*")) == before


def test_templates_have_no_line_that_an_editor_would_change():
    for path in FOLDER.rglob("*.in"):
        text = path.read_text("utf-8")
        assert text.endswith("\n")
        assert not any(line != line.rstrip() for line in text.splitlines()), path
