"""The options that there are, and what Kconfig files of applications can do."""

import os
import re
import sys

import pytest
from conftest import ROOT

from llext.errors import ConfigError, UsageError
from llext.target import board_names, load_target
from llext.target.kconfig import Devicetree, board_values, configure
from llext.target.kconfig.names import elsewhere

OWN = 'source "Kconfig.zephyr"\n\n'

LLEXT = {
    "LLEXT": ("bool", "y"),
    "LLEXT_TYPE_ELF_OBJECT": ("bool", "y"),
    "LLEXT_TYPE_ELF_RELOCATABLE": ("bool", "n"),
    "LLEXT_TYPE_ELF_SHAREDLIB": ("bool", "n"),
    "LLEXT_HEAP_DYNAMIC": ("bool", "n"),
    "LLEXT_HEAP_K_HEAP": ("bool", "y"),
    "LLEXT_HEAP_MEMBLK": ("bool", "n"),
    "LLEXT_HEAP_SIZE": ("int", "8"),
    "LLEXT_METADATA_HEAP_SIZE": ("int", ""),
    "LLEXT_EXT_HEAP_SIZE": ("int", ""),
    "LLEXT_HEAP_MEMBLK_BLOCK_SIZE": ("int", ""),
    "LLEXT_INSTR_HEAP_SIZE": ("int", ""),
    "LLEXT_DATA_HEAP_SIZE": ("int", ""),
    "LLEXT_CUSTOM_HEAP_PLACEMENT": ("bool", "n"),
    "LLEXT_BUILD_PIC": ("bool", "n"),
    "LLEXT_SHELL": ("bool", "n"),
    "LLEXT_SHELL_MAX_SIZE": ("int", ""),
    "LLEXT_STORAGE_WRITABLE": ("bool", "n"),
    "LLEXT_RODATA_NO_RELOC": ("bool", "n"),
    "LLEXT_VENEERS": ("bool", "n"),
    "LLEXT_EXPORT_DEVICES": ("bool", "n"),
    "LLEXT_EXPORT_DEV_IDS_BY_HASH": ("bool", "n"),
    "LLEXT_EXPORT_BUILTINS_BY_SLID": ("bool", "n"),
    "LLEXT_IMPORT_ALL_GLOBALS": ("bool", "n"),
    "LLEXT_EXPERIMENTAL": ("bool", "n"),
    "LLEXT_CODEGEN_VLIW_INHERIT": ("bool", "n"),
    "LLEXT_CODEGEN_VLIW_ENABLED": ("bool", "n"),
    "LLEXT_CODEGEN_VLIW_DISABLED": ("bool", "n"),
    "LLEXT_EXPORT_DEFAULT_GROUPS": ("bool", "y"),
    "LLEXT_EXPORT_SYMBOL_GROUP_UNASSIGNED": ("bool", "y"),
    "LLEXT_EXPORT_SYMBOL_GROUP_SYSCALL": ("bool", "y"),
    "LLEXT_EXPORT_SYMBOL_GROUP_LIBC": ("bool", "y"),
    "LLEXT_EXPORT_SYMBOL_GROUP_DEVICE": ("bool", "n"),
    "LLEXT_SEMIHOST_LOADER": ("bool", "n"),
    "LLEXT_MAX_INIT_FINI_FUNCTION_TABLE_ENTRIES": ("int", "8"),
    "LLEXT_LOG_LEVEL_OFF": ("bool", "n"),
    "LLEXT_LOG_LEVEL_ERR": ("bool", "n"),
    "LLEXT_LOG_LEVEL_WRN": ("bool", "n"),
    "LLEXT_LOG_LEVEL_INF": ("bool", "n"),
    "LLEXT_LOG_LEVEL_DBG": ("bool", "n"),
    "LLEXT_LOG_LEVEL_DEFAULT": ("bool", "y"),
    "LLEXT_LOG_LEVEL": ("int", "3"),
    "LLEXT_EDK": ("bool", "y"),
    "LLEXT_EDK_NAME": ("string", "llext-edk"),
    "LLEXT_EDK_FORMAT_TAR_XZ": ("bool", "y"),
    "LLEXT_EDK_FORMAT_TAR_ZSTD": ("bool", "n"),
    "LLEXT_EDK_FORMAT_ZIP": ("bool", "n"),
    "LLEXT_EDK_USERSPACE_ONLY": ("bool", "n"),
    "LLEXT_EDK_PRESERVE_INPUT_FOLDER": ("bool", "n"),
}
"""With LLEXT=y and LOG=y on a Cortex-M3: type and default as Zephyr has them."""

KERNEL = {
    "NUM_COOP_PRIORITIES": "16", "NUM_PREEMPT_PRIORITIES": "15", "MAIN_THREAD_PRIORITY": "0", "SYSTEM_WORKQUEUE_PRIORITY": "-1",
    "NUM_METAIRQ_PRIORITIES": "0", "MAIN_STACK_SIZE": "1024", "ISR_STACK_SIZE": "2048", "IDLE_STACK_SIZE": "256",
    "SYSTEM_WORKQUEUE_STACK_SIZE": "1024", "TIMESLICING": "y", "TIMESLICE_SIZE": "20", "TIMESLICE_PRIORITY": "0",
    "PRIORITY_CEILING": "-127", "TIMEOUT_64BIT": "y", "SYS_CLOCK_TICKS_PER_SEC": "10000", "HEAP_MEM_POOL_SIZE": "0",
    "KERNEL_INIT_PRIORITY_OBJECTS": "30", "KERNEL_INIT_PRIORITY_LIBC": "35", "KERNEL_INIT_PRIORITY_DEFAULT": "40",
    "KERNEL_INIT_PRIORITY_DEVICE": "50", "APPLICATION_INIT_PRIORITY": "90", "BOOT_BANNER": "y", "PRINTK": "y", "ASSERT": "n",
    "ASSERT_VERBOSE": "y", "EXCEPTION_DEBUG": "y", "LOG": "y", "LOG_DEFAULT_LEVEL": "3", "LOG_MODE_DEFERRED": "y", "LOG_BUFFER_SIZE": "1024",
    "LOG_MODE_OVERFLOW": "y", "LOG_PROCESS_TRIGGER_THRESHOLD": "10", "LOG_PROCESS_THREAD_SLEEP_MS": "1000",
    "LOG_PROCESS_THREAD_STACK_SIZE": "768", "LOG_FUNC_NAME_PREFIX_DBG": "y", "LOG_PRINTK": "y", "LOG_BACKEND_SHOW_COLOR": "y",
    "CBPRINTF_COMPLETE": "y", "ARM_MPU": "y", "SYS_HEAP_ALLOC_LOOPS": "3",
}  # fmt: skip
"""Defaults that Zephyr's documentation and reference give."""

MEMBLK = {"LLEXT_METADATA_HEAP_SIZE": "4", "LLEXT_EXT_HEAP_SIZE": "16", "LLEXT_HEAP_MEMBLK_BLOCK_SIZE": "32"}


@pytest.mark.parametrize("name", LLEXT)
def test_an_option_of_llext_has_its_type_and_default(configured, name):
    configuration = configured("CONFIG_LLEXT=y\nCONFIG_LOG=y\n")
    setting = configuration.values[name]
    assert (setting.kind, setting.value) == LLEXT[name]


def test_options_of_the_kernel_have_their_defaults(configured):
    configuration = configured("CONFIG_LOG=y\n")
    assert {name: configuration[name] for name in KERNEL} == KERNEL


def test_sizes_of_the_block_heap_come_with_it(configured):
    configuration = configured("CONFIG_LLEXT=y\nCONFIG_LLEXT_HEAP_MEMBLK=y\n")
    assert {name: configuration[name] for name in MEMBLK} == MEMBLK
    assert configuration["LLEXT_HEAP_SIZE"] == ""
    assert configuration.on("SYS_MEM_BLOCKS")


def test_the_kind_of_extension_follows_the_instruction_set(configured):
    riscv = configured("CONFIG_LLEXT=y\n", board="qemu_riscv32")
    assert riscv.on("LLEXT_TYPE_ELF_RELOCATABLE")
    (error,) = configured("CONFIG_LLEXT=y\nCONFIG_LLEXT_TYPE_ELF_OBJECT=y\n", board="qemu_riscv32").errors
    assert error.text.endswith("it needs RISCV=n (it is y, selected by CPU_RV32IMAC)")


def test_devices_are_exported_as_a_group(configured):
    configuration = configured("CONFIG_LLEXT=y\nCONFIG_LLEXT_EXPORT_DEVICES=y\n")
    assert configuration.on("LLEXT_EXPORT_SYMBOL_GROUP_DEVICE")


def test_groups_can_be_turned_off_together(configured):
    configuration = configured("CONFIG_LLEXT=y\nCONFIG_LLEXT_EXPORT_DEFAULT_GROUPS=n\n")
    assert not any(
        configuration.on(f"LLEXT_EXPORT_SYMBOL_GROUP_{each}") for each in ("UNASSIGNED", "SYSCALL", "LIBC", "DEVICE")
    )


@pytest.mark.parametrize(
    ("level", "number"), [("OFF", 0), ("NONE", 0), ("ERR", 1), ("WRN", 2), ("INF", 3), ("DBG", 4), ("DEFAULT", 2)]
)
def test_a_log_level_is_a_number_too(configured, level, number):
    configuration = configured(f"CONFIG_LLEXT=y\nCONFIG_LOG=y\nCONFIG_LOG_DEFAULT_LEVEL=2\nCONFIG_LLEXT_LOG_LEVEL_{level}=y\n")
    assert configuration.number("LLEXT_LOG_LEVEL") == number
    assert configuration.errors == ()


@pytest.mark.parametrize("board", board_names())
def test_a_board_says_what_it_is(configured, board):
    target, configuration = load_target(board), configured("", board=board)
    assert configuration.diagnostics == ()
    assert configuration["BOARD_TARGET"] == board
    assert configuration["ARCH"] == {"Arm": "arm", "RISC-V": "riscv"}[target.arch.name]
    assert configuration.on(f"BOARD_{board.upper().replace('/', '_')}")
    assert configuration.number("SYS_CLOCK_HW_CYCLES_PER_SEC") == target.clock_hz
    assert configuration.number("SRAM_BASE_ADDRESS") == target.ram.address
    assert configuration.number("FLASH_SIZE") * 1024 == target.flash.size
    assert configuration.number("LLEXT_GRANULE") == target.granule
    assert configuration.on("FPU") == bool(target.cpu.fpu)
    assert configuration.on("ARM") != configuration.on("RISCV")


def test_defaults_of_headers_are_those_of_the_tree(configured):
    """An extension that is built without an application has the values that an application has by default."""
    configuration = configured("CONFIG_LOG=y\n")
    default = re.compile(r"#ifndef CONFIG_(\w+)\n#\s*define CONFIG_\1 (\w+)\n")
    headers = (ROOT / "src" / "llext" / "zephyr" / "include").rglob("*.h")
    found = dict(pair for header in headers for pair in default.findall(header.read_text()))
    assert len(found) > 12
    differing = {name: value for name, value in found.items() if configuration[name].replace("y", "1") != value}
    assert differing == {}


def test_every_option_that_the_package_names_is_in_the_tree(configured):
    known = configured("").values
    part = re.compile(r"\bCONFIG_([A-Z0-9_]+[A-Z0-9])\b")
    named = set()
    for path in (ROOT / "src" / "llext").rglob("*"):
        if path.suffix in {".h", ".c", ".cpp", ".S"} or (path.suffix == ".py" and "kconfig" not in path.parts):
            named |= set(part.findall(path.read_text(encoding="utf-8")))
    assert named - set(known) <= {"NAME"}


def test_names_of_elsewhere_are_not_ours_too(configured):
    assert elsewhere() & set(configured("").values) == set()


# Kconfig files of applications ------------------------------------------------------------------------------------------


def test_a_tristate_can_be_m(configured):
    own = OWN + 'config HELLO_WORLD_MODE\n\ttristate "Hello"\n\tdefault y\n'
    assert configured("CONFIG_MODULES=y\nCONFIG_HELLO_WORLD_MODE=m\n", own).check()["HELLO_WORLD_MODE"] == "m"
    assert configured("")["HELLO_WORLD_MODE"] == "y"


def test_a_tristate_that_needs_a_part_which_is_m_can_be_m_at_most(configured):
    own = OWN + 'config BASE\n\ttristate "Base"\n\nconfig TOP\n\ttristate "Top"\n\tdepends on BASE\n'
    (error,) = configured("CONFIG_MODULES=y\nCONFIG_BASE=m\nCONFIG_TOP=y\n", own).errors
    assert error.text.startswith(
        "CONFIG_TOP=y has no effect, it stays m: it can be m at most, since it needs BASE=y (it is m, "
    )


@pytest.mark.parametrize(
    "root", ['source "Kconfig.zephyr"', 'source "$(ZEPHYR_BASE)/Kconfig.zephyr"', 'source "$ZEPHYR_BASE/Kconfig.zephyr"']
)
def test_an_applications_kconfig_sources_zephyrs(configured, root):
    own = f'mainmenu "App"\n\n{root}\n\nconfig TURBO\n\tbool "Turbo"\n'
    assert configured("CONFIG_TURBO=y\nCONFIG_LLEXT=y\n", own).check().on("TURBO")


def test_an_applications_default_comes_first_if_it_stands_first(configured):
    assert configured("", "config MAIN_STACK_SIZE\n\tdefault 4096\n\n" + OWN)["MAIN_STACK_SIZE"] == "4096"


def test_files_are_sourced_relative_to_the_file_and_only_if_there(configured, app):
    (app / "lib").mkdir()
    (app / "lib" / "Kconfig").write_text('config DEEP\n\tdef_bool y\n\nrsource "Kconfig.more"\n')
    (app / "lib" / "Kconfig.more").write_text("config DEEPER\n\tdef_bool y\n")
    (app / "Kconfig.a1").write_text("config GLOB\n\tdef_bool y\n")
    own = OWN + 'rsource "lib/Kconfig"\nosource "none/Kconfig"\norsource "none"\nrsource "Kconfig.a*"\n'
    configuration = configured("", own)
    assert [configuration[name] for name in ("DEEP", "DEEPER", "GLOB")] == ["y", "y", "y"]
    assert {
        app / "Kconfig",
        app / "lib" / "Kconfig",
        app / "lib" / "Kconfig.more",
        app / "Kconfig.a1",
        app / "prj.conf",
    } <= set(configuration.files)
    assert all(path.is_file() for path in configuration.files)


def test_the_log_template_gives_a_module_its_levels(configured):
    own = OWN + 'module = MY_APP\nmodule-str = My App\nsource "subsys/logging/Kconfig.template.log_config"\n'
    configuration = configured("CONFIG_LOG=y\nCONFIG_MY_APP_LOG_LEVEL_WRN=y\n", own)
    assert configuration["MY_APP_LOG_LEVEL"] == "2"
    assert configured("CONFIG_LOG=y\n")["MY_APP_LOG_LEVEL"] == "3"


def test_the_inheriting_template_takes_the_level_of_another_module(configured):
    own = OWN + (
        'module = PARENT\nmodule-str = parent\nsource "subsys/logging/Kconfig.template.log_config"\n'
        'module = CHILD\nmodule-str = child\nparent-module = PARENT\nsource "subsys/logging/Kconfig.template.log_config_inherit"\n'
    )
    configuration = configured("CONFIG_LOG=y\nCONFIG_PARENT_LOG_LEVEL_ERR=y\n", own)
    assert (configuration["CHILD_LOG_LEVEL"], configuration.diagnostics) == ("1", ())


def test_a_choice_of_the_application_has_one_member(configured):
    own = (
        OWN
        + 'choice FLAVOUR\n\tprompt "Flavour"\n\tdefault SWEET\n\nconfig SWEET\n\tbool "Sweet"\n\nconfig SOUR\n\tbool "Sour"\n\nendchoice\n'
    )
    configuration = configured("CONFIG_SOUR=y\n", own)
    assert (configuration["SWEET"], configuration["SOUR"]) == ("n", "y")


def test_the_devicetree_answers_questions(app):
    tree = Devicetree(
        labels=frozenset({"uart0"}), chosen=frozenset({"zephyr,console"}), compatibles=frozenset({"zephyr,sim-gpio"}),
        aliases=frozenset({"led0"}), paths=frozenset({"/leds"}), known=frozenset({"acme,thing"}),
        functions={"dt_chosen_reg_size_hex": lambda name: "0x400" if name == "zephyr,sram" else "0"},
    )  # fmt: skip
    questions = {
        "A": "dt_nodelabel_enabled,uart0", "B": "dt_nodelabel_enabled,uart1", "C": "dt_chosen_enabled,zephyr,console",
        "D": "dt_compat_enabled,$(COMPAT)", "E": "dt_alias_enabled,led0", "F": "dt_path_enabled,/leds", "G": "dt_has_compat,acme,thing",
    }  # fmt: skip
    own = OWN + "COMPAT := zephyr,sim-gpio\n"
    own += "".join(f"config {name}\n\tdef_bool $({question})\n\n" for name, question in questions.items())
    own += "SRAM := zephyr,sram\nconfig SIZE\n\thex\n\tdefault $(dt_chosen_reg_size_hex,$(SRAM))\n"
    (app / "Kconfig").write_text(own)
    configuration = configure(app, devicetree=tree)
    assert "".join(configuration[name] for name in "ABCDEFG") == "ynyyyyy"
    assert configuration.number("SIZE") == 0x400
    assert configuration["DT_HAS_ZEPHYR_SIM_GPIO_ENABLED"] == "y"
    assert configuration["DT_HAS_ACME_THING_ENABLED"] == "n"
    assert configuration.values["DT_HAS_ZEPHYR_SIM_GPIO_ENABLED"].origin == "devicetree"


def test_a_question_that_nobody_answers_is_told(configured, app):
    own = OWN + 'config A\n\tstring\n\tdefault "$(dt_node_has_prop,/leds,x)"\n'
    (told,) = [each for each in configured("", own).diagnostics if "dt_node" in each.text]
    assert str(told) == f"{app}/Kconfig:5: warning: there is no function dt_node_has_prop: it stands for nothing"


def test_what_kconfig_files_print_is_told_and_not_printed(configured, capfd):
    configuration = configured("", OWN + "$(info,hello)\n$(warning-if,y,careful)\n")
    assert [(each.severity, each.text.rpartition(": ")[2]) for each in configuration.diagnostics] == [
        ("warning", "careful"),
        ("note", "hello"),
    ]
    assert capfd.readouterr() == ("", "")


def test_marks_of_zephyr_are_told(configured):
    own = OWN + 'config OLD\n\tbool "Old"\n\tselect DEPRECATED\n\nconfig NEW\n\tbool "New"\n\tselect EXPERIMENTAL\n'
    text = "CONFIG_OLD=y\nCONFIG_NEW=y\n"
    assert [each.text for each in configured(text, own).diagnostics] == ["CONFIG_OLD is deprecated"]
    text += "CONFIG_WARN_EXPERIMENTAL=y\nCONFIG_WARN_DEPRECATED=n\n"
    assert [each.text for each in configured(text).diagnostics] == ["CONFIG_NEW is experimental"]


BROKEN = {
    "a syntax error": (OWN + "config A\n\tbool\n\tdefault\n", 5, "couldn't parse 'default'", ""),
    "an unknown word": (OWN + "confg A\n\tbool\n", 3, "couldn't parse 'confg A'", ""),
    "a missing file": (OWN + 'rsource "none/Kconfig"\n', 3, "not found", "osource and orsource need none to be there"),
    "a missing file of Zephyr's": (
        OWN + 'source "drivers/none/Kconfig"\n',
        3,
        "'drivers/none/Kconfig' not found",
        "rsource beside the file",
    ),
    "a file that sources itself": (OWN + 'rsource "Kconfig"\n', 3, "recursive 'source'", "a file must not source itself"),
    "error-if": (OWN + "$(error-if,y,no good)\n", 3, "no good", ""),
    "a question that nobody answers": (
        OWN + "config A\n\tdef_bool $(dt_node_has_prop,/leds,x)\n",
        4,
        "blank string",
        "there is no function dt_node_has_prop",
    ),
    "a question with too many words": (
        OWN + "config A\n\tdef_bool $(dt_nodelabel_enabled)\n",
        4,
        "$(dt_nodelabel_enabled): missing a required argument",
        "",
    ),
    "brackets without end": (
        OWN + f"config A\n\tbool\n\tdepends on {'(' * 5000}LOG{')' * 5000}\n",
        5,
        "nested too deeply",
        "steps",
    ),
    "no end": (OWN + "if LOG\nconfig A\n\tbool\n", 5, "there is no endif", "ends before it"),
    "a loop": (
        OWN + "config A\n\tbool\n\tdepends on B\n\nconfig B\n\tbool\n\tdepends on A\n",
        3,
        "loop: A (",
        "take one 'depends on'",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_kconfig_file_is_one_error_with_its_line(configured, app, what):
    text, line, words, hint = BROKEN[what]
    with pytest.raises(ConfigError) as caught:
        configured("", text)
    shown = str(caught.value)
    assert words in shown
    assert hint in shown
    assert "srctree" not in shown
    assert "environment" not in shown
    assert caught.value.place == f"{app}/Kconfig:{line}", shown


def test_a_loop_by_select_is_told(configured, app):
    with pytest.raises(ConfigError, match="loop: (A .* needs B|B is selected by an option that needs it)") as caught:
        configured("", OWN + "config A\n\tbool\n\tselect B\n\tdepends on B\n\nconfig B\n\tbool\n")
    assert caught.value.place in {f"{app}/Kconfig:3", f"{app}/Kconfig:8"}  # kconfiglib finds either


def test_what_kconfiglib_warns_of_is_told_with_its_line(configured, app):
    own = OWN + 'config A\n\tint "A"\n\tdefault "many"\n'
    told = [(str(each.place), each.text) for each in configured("", own).diagnostics if each.severity == "warning"]
    assert [place for place, _ in told] == [f"{app}/Kconfig:3"]
    assert "non-int default" in told[0][1]


def test_what_can_never_be_is_told(configured):
    own = OWN + 'config A\n\tbool "A"\n\tdepends on n\n'
    assert configured("", own).explain("A").obstacles == ("y: it needs what is never there",)


def test_a_loop_names_every_option_and_its_line(configured, app):
    with pytest.raises(ConfigError) as caught:
        configured("", BROKEN["a loop"][0])
    assert f"loop: A ({app}/Kconfig:3) needs B ({app}/Kconfig:7) needs A ({app}/Kconfig:3)" in str(caught.value)


def test_a_kconfig_that_forgets_zephyrs_is_told(configured, app):
    with pytest.raises(ConfigError, match=r"Kconfig does not source Kconfig.zephyr\n  add a line: source"):
        configured("", "config A\n\tbool\n")


def test_a_file_beside_the_application_that_source_does_not_find_is_told(configured, app):
    (app / "Kconfig.own").write_text("")
    with pytest.raises(ConfigError, match="for a file beside this one write rsource"):
        configured("", OWN + 'source "Kconfig.own"\n')


def test_a_kconfig_that_is_no_text_or_no_file_is_told(configured, app):
    (app / "Kconfig").write_bytes(OWN.encode() + b"# \xfc\n")
    with pytest.raises(ConfigError, match="Kconfig: not UTF-8"):
        configured("")
    (app / "Kconfig").unlink()
    (app / "Kconfig").mkdir()
    with pytest.raises(ConfigError, match="Kconfig: Is a directory"):
        configured("")


@pytest.mark.parametrize(
    "text", [(OWN + "config A\n\tdef_bool y\n").replace("\n", "\r\n"), "\ufeff" + OWN + "config A\n\tdef_bool y\n"]
)
def test_any_line_ending_and_a_byte_order_mark_are_read_in_kconfig_too(configured, app, text):
    (app / "Kconfig").write_bytes(text.encode())
    assert configured("")["A"] == "y"


def test_reading_leaves_the_process_as_it_was(configured, monkeypatch):
    monkeypatch.setenv("KCONFIG_WARN_UNDEF", "y")
    monkeypatch.setenv("CONFIG_", "OTHER_")
    monkeypatch.setenv("srctree", "/nowhere")
    before = dict(os.environ), "kconfigfunctions" in sys.modules
    assert configured("CONFIG_LOG=y\n")["LOG"] == "y"
    assert (dict(os.environ), "kconfigfunctions" in sys.modules) == before


def test_kconfiglib_is_imported_when_something_is_configured_only():
    import subprocess

    code = "import sys, llext.target.kconfig, llext.cli.application; print('kconfiglib' in sys.modules)"
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=env).stdout == "False\n"


def test_a_board_that_is_none_of_ours_brings_its_own_values(app):
    configuration = configure(
        app, board={"BOARD": "acme", "BOARD_ACME": "y", "CPU_CORTEX_M7": "y", "SRAM_BASE_ADDRESS": "0x20000000"}
    )
    assert configuration.on("ARMV7_M_ARMV8_M_MAINLINE")
    assert configuration.on("BOARD_ACME")
    assert configuration.number("SRAM_BASE_ADDRESS") == 0x20000000


def test_an_option_that_does_not_exist_is_named_with_the_nearest(configured):
    configuration = configured("")
    with pytest.raises(UsageError, match=r"there is no option CONFIG_LOGG\b.*\n  did you mean CONFIG_LOG"):
        configuration["CONFIG_LOGG"]
    assert not configuration.on("LOGG")


def test_names_of_boards_become_names_of_options():
    values = board_values(load_target("mps2/an385"))
    assert {name: values[name] for name in values if name.startswith("BOARD")} == {
        "BOARD": "mps2", "BOARD_QUALIFIERS": "an385", "BOARD_TARGET": "mps2/an385", "BOARD_MPS2": "y", "BOARD_MPS2_AN385": "y",
    }  # fmt: skip


def test_a_folder_with_brackets_works_but_for_rsource(configured, tmp_path, app):
    folder = tmp_path / "a [1]"
    folder.mkdir()
    (folder / "Kconfig").write_text(OWN + 'source "$(APPLICATION_SOURCE_DIR)/Kconfig.more"\n')
    (folder / "Kconfig.more").write_text("config MORE\n\tdef_bool y\n")
    assert configure(folder)["MORE"] == "y"
    (folder / "Kconfig").write_text(OWN + 'rsource "Kconfig.more"\n')
    with pytest.raises(ConfigError, match=r"are patterns to source: call it otherwise"):
        configure(folder)


def test_the_package_may_lie_in_a_folder_with_brackets(tmp_path, app, monkeypatch):
    import shutil

    from llext.target.kconfig import places

    monkeypatch.setattr(places, "TREE", tmp_path / "site [packages]")
    shutil.copytree(ROOT / "src" / "llext" / "zephyr" / "kconfig", places.TREE)
    (app / "Kconfig").write_text('source "$(ZEPHYR_BASE)/Kconfig.zephyr"\n')
    configuration = configure(app)
    assert configuration["TIMESLICE_SIZE"] == "20"
    assert configuration.explain("TIMESLICE_SIZE").set_by.startswith(f"default ({places.TREE}/kernel/Kconfig.time:")
