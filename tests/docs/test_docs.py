"""Pages lead where they say, pictures are what the script draws, and the essay's commands print what it shows."""

import doctest
import re
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ET
from importlib.metadata import version
from itertools import combinations

import pytest
from conftest import ROOT, need

DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md"), *(ROOT / "examples").glob("*/README.md")])
ESSAY = DOCS / "how-the-loader-works.md"
PICTURES = sorted(DOCS.glob("loader-*.svg"))
OURS = {"llext": [sys.executable, "-m", "llext"]}


def prose(page):
    """A page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def anchors(page):
    """The anchors that GitHub gives a page's headings: lower case, no punctuation, blanks to hyphens; repeats are counted."""
    found = {}
    for heading in re.findall(r"^#+ +(.+?) *$", prose(page), re.MULTILINE):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        count = found[slug] = found.get(slug, -1) + 1
        yield f"{slug}-{count}" if count else slug


def links(page):
    """Targets of a page's links and pictures."""
    text = re.sub(r"`[^`\n]*`", "", prose(page))
    return re.findall(r"\]\(([^)\s]+)\)", text)


def blocks(language):
    """The essay's blocks of code in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", ESSAY.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_and_anchor_leads_somewhere(page):
    for target in links(page):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = page.parent / path if path else page
        assert there.exists(), f"{target}: no such file"
        assert not anchor or anchor in list(anchors(there)), f"{target}: no such heading"


def test_every_page_of_docs_is_linked_from_the_readme():
    assert {f"docs/{page.name}" for page in DOCS.glob("*.md")} <= set(links(ROOT / "README.md"))


def test_every_picture_of_docs_is_shown_with_words_for_who_cannot_see_it():
    shown = {}
    for page in DOCS.rglob("*.md"):
        shown |= {target: words for words, target in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", page.read_text("utf-8"))}
    assert {path.name for path in DOCS.rglob("*.svg")} == shown.keys()
    assert all(words.strip() for words in shown.values())


def test_terms_of_the_glossary_stand_in_alphabetical_order_once_each():
    terms = [term.casefold() for term in re.findall(r"^\*\*(.+?)\*\*", (DOCS / "glossary.md").read_text("utf-8"), re.MULTILINE)]
    assert len(terms) > 60
    assert terms == sorted(set(terms))


# Pictures ---------------------------------------------------------------------------------------------------------------


def locked(package):
    """The version of a package that the pictures were made with."""
    return re.search(rf"^{package}==(\S+)", (ROOT / "requirements-dev.lock").read_text(), re.MULTILINE)[1]


def test_pictures_are_what_the_script_draws(tmp_path):
    if version("ziglang") != locked("ziglang"):
        pytest.skip("another compiler than that of the pictures")
    command = [sys.executable, str(ROOT / "scripts" / "draw.py"), "--into", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    drawn = {path.name: path.read_text("utf-8") for path in tmp_path.glob("*.svg")}
    assert drawn == {path.name: path.read_text("utf-8") for path in PICTURES}


def extent(text):
    """Left and right edge, and base line, of a line of text: a wide font takes 0.55 of its size for a letter, monospace 0.6."""
    kind = text.get("class").split()
    letter = (12 if "small" in kind else 15 if "title" in kind else 13) * (0.6 if {"mono", "bold", "title"} & {*kind} else 0.55)
    x, size = float(text.get("x")), len(text.text) * letter
    left = {"start": x, "middle": x - size / 2, "end": x - size}[text.get("text-anchor")]
    return left, left + size, float(text.get("y"))


@pytest.mark.parametrize("picture", [*PICTURES, *sorted(DOCS.glob("examples/*.svg"))], ids=lambda path: path.name)
def test_words_of_a_picture_stay_inside_and_apart(picture):
    root = ET.parse(picture).getroot()
    width, height = map(float, root.get("viewBox").split()[2:])
    texts = [text for text in root.iter("{http://www.w3.org/2000/svg}text") if not text.get("transform")]
    assert texts
    for text in texts:
        left, right, line = extent(text)
        assert 0 <= left < right <= width, text.text
        assert 0 < line < height
    for one, other in combinations(texts, 2):
        (left, right, line), (other_left, other_right, other_line) = extent(one), extent(other)
        assert abs(line - other_line) >= 12 or right <= other_left or other_right <= left, (one.text, other.text)


# The essay's commands -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the essay's program, built in each way that the essay builds it."""
    if version("ziglang") != locked("ziglang"):
        pytest.skip("another compiler than that of the essay")
    place = tmp_path_factory.mktemp("essay")
    (place / "hello.c").write_text(blocks("c")[0])
    for command, _ in commands():
        if command.startswith("llext build"):
            printed(command, place)
    return place


def commands():
    """(command, what it prints) of every console block."""
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def printed(command, place):
    words = shlex.split(command)
    done = subprocess.run(
        OURS.get(words[0], words[:1]) + words[1:],
        cwd=place,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )
    return done.stdout


def pattern(output):
    """What an output must match: a line of dots stands for any lines, and times are any."""
    lines = ["(?:.*\n)*?" if line == "..." else re.escape(line) + "\n" for line in output.splitlines()]
    return re.sub(r"zig,\\ \d+\\ ms", r"(?:zig, \\d+ ms|unchanged, nothing compiled)", "".join(lines))


@pytest.mark.parametrize(("command", "output"), list(commands()), ids=[command for command, _ in commands()])
def test_a_command_of_the_essay_prints_what_the_essay_shows(folder, command, output):
    found = printed(command, folder)
    assert re.fullmatch(pattern(output), found), found


def test_what_the_essay_types_into_python_comes_out_as_it_says(folder, monkeypatch):
    monkeypatch.chdir(folder)
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    found = []
    runner.run(parser.get_doctest("".join(blocks("pycon")), {}, "essay", str(ESSAY), 0), out=found.append)
    assert runner.tries > 10
    assert not runner.failures, "".join(found)


@pytest.mark.tools
@pytest.mark.parametrize(
    ("build", "linker", "emulation", "stub"),
    [
        ("llext build hello.c -o arm.llext", "arm-none-eabi-ld", "armelf", "0x2001"),
        ("llext build hello.c -o riscv.llext --board qemu_riscv32", "riscv64-unknown-elf-ld", "elf32lriscv", "0x20001000"),
    ],
    ids=["arm", "riscv"],
)
def test_gnu_ld_gives_the_text_of_the_essays_program_the_same_bytes(folder, build, linker, emulation, stub):
    from llext import Board

    copy = linker.replace("-ld", "-objcopy")
    need(linker, copy)
    printed(build, folder)
    name = shlex.split(build)[4]
    with Board("qemu_riscv32" if "riscv" in name else "mps2/an385") as board:
        extension = board.load(folder / name)
        places = {name: address for region in extension.regions.values() for name, address in region.sections.items()}
        text = extension.regions["text"]
        ours = board.memory[text.address : text.address + text.size]
    at = [f"--section-start={section}={address:#x}" for section, address in places.items()]
    gnu = [linker, "-m", emulation, "--no-relax", "--no-warn-rwx-segments", "-e", "add", f"--defsym=printk={stub}", *at]
    subprocess.run([*gnu, name, "-o", f"{name}.elf"], cwd=folder, check=True, capture_output=True)
    subprocess.run([copy, "-O", "binary", "-j", ".text", f"{name}.elf", f"{name}.bin"], cwd=folder, check=True)
    assert (folder / f"{name}.bin").read_bytes() == ours


# The gallery ----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gallery():
    if version("ziglang") != locked("ziglang"):
        pytest.skip("the page shows what the locked compiler makes")
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import gallery as made
    finally:
        sys.path.pop(0)
    return made


def test_the_gallery_shows_every_broken_program(gallery):
    named = [name for names in gallery.GROUPS.values() for name in names]
    assert sorted(named) == sorted(path.stem for path in (ROOT / "examples" / "broken").glob("*.c"))


def test_the_gallery_masks_addresses_of_the_firmware_only(gallery):
    """They change with every service; numbers of the program, of the extension and of the board stay."""
    printed = (
        "pc 0x00002330 in the firmware <k_free+0x10> r0 0x00004770 lr 0x00001011 sp 0x20008000 at 0x00002000 xpsr 0x01000000"
    )
    masked = printed.replace("0x00002330", "0x........")
    assert gallery.without_firmware(printed, "*code = 0x4770;", "mps2/an385") == masked


def test_the_gallery_is_what_the_programs_print(gallery):
    assert gallery.page() == gallery.PAGE.read_text("utf-8")
