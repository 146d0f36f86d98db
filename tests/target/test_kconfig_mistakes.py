"""Every mistake in a configuration file that Kconfig only warns of, or does not mention, with line and way out."""

import pytest

from llext.errors import ConfigError

OWN = 'source "Kconfig.zephyr"\n\n'
MISTAKES = {
    "an undefined name that is near a known one": (
        "CONFIG_LLEXT=y\nCONFIG_LLEXT_HEAPSIZE=64\n",
        [("error", 2, "there is no option CONFIG_LLEXT_HEAPSIZE", "did you mean CONFIG_LLEXT_HEAP_SIZE?")],
    ),
    "a name without CONFIG_": ("LOG=y\n", [("error", 1, "not an assignment: LOG=y", "did you mean CONFIG_LOG=y?")]),
    "no name": (
        "CONFIG_=y\n",
        [("error", 1, "not an assignment: CONFIG_=y", "lines are CONFIG_NAME=value, '# CONFIG_NAME is not set', or comments.")],
    ),
    "a mistyped CONFIG_": ("CONFG_LOG=y\n", [("error", 1, "not an assignment: CONFG_LOG=y", "did you mean CONFIG_LOG=y?")]),
    "words that are no assignment": (
        "\nlog please\n",
        [
            (
                "error",
                2,
                "not an assignment: log please",
                "lines are CONFIG_NAME=value, '# CONFIG_NAME is not set', or comments.",
            )
        ],
    ),
    "spaces around the equals sign": (
        "CONFIG_LOG = y\n",
        [("error", 1, "no spaces may stand around the equals sign, nor in front of the line", "write CONFIG_LOG=y")],
    ),
    "a space behind the equals sign": (
        "CONFIG_LOG= y\n",
        [("error", 1, "no spaces may stand around the equals sign, nor in front of the line", "write CONFIG_LOG=y")],
    ),
    "a space in front": (
        " CONFIG_LOG=y\n",
        [("error", 1, "no spaces may stand around the equals sign, nor in front of the line", "write CONFIG_LOG=y")],
    ),
    "letters for a number": (
        "CONFIG_MAIN_STACK_SIZE=abc\n",
        [("error", 1, "CONFIG_MAIN_STACK_SIZE=abc: not a whole number", "")],
    ),
    "a hexadecimal number for an int": (
        "CONFIG_MAIN_STACK_SIZE=0x10\n",
        [("error", 1, "CONFIG_MAIN_STACK_SIZE=0x10: a number of type int is decimal", "write 16.")],
    ),
    "a comment behind a number": (
        "CONFIG_MAIN_STACK_SIZE=64 # c\n",
        [("error", 1, "CONFIG_MAIN_STACK_SIZE=64 # c: not a whole number", "write 64: comments stand on lines of their own.")],
    ),
    "a number in quotes": (
        'CONFIG_MAIN_STACK_SIZE="64"\n',
        [("error", 1, 'CONFIG_MAIN_STACK_SIZE="64": not a whole number', "write 64: numbers have no quotes.")],
    ),
    "a number that C reads as octal": (
        "CONFIG_MAIN_STACK_SIZE=064\n",
        [("error", 1, "CONFIG_MAIN_STACK_SIZE=064: C would read it as an octal number", "write 64.")],
    ),
    "a number without end": (
        f"CONFIG_MAIN_STACK_SIZE={'9' * 300}\n",
        [("error", 1, f"CONFIG_MAIN_STACK_SIZE={'9' * 300}: not a number that C has", "")],
    ),
    "nothing for a number": ("CONFIG_MAIN_STACK_SIZE=\n", [("error", 1, "CONFIG_MAIN_STACK_SIZE=: not a whole number", "")]),
    "a number out of range": (
        "CONFIG_NUM_COOP_PRIORITIES=500\n",
        [("error", 1, "CONFIG_NUM_COOP_PRIORITIES=500 has no effect, it stays 16: it must be from 0 to 128", "")],
    ),
    "an option without prompt": (
        "CONFIG_CPU_CORTEX_M4=y\n",
        [
            (
                "error",
                1,
                "CONFIG_CPU_CORTEX_M4=y has no effect, it stays n: it has no prompt, and follows from other options and the board",
                "",
            )
        ],
    ),
    "an option that others turn on": (
        "CONFIG_SYS_HEAP_VALIDATE=n\nCONFIG_CACHE_MANAGEMENT=y\n",
        [
            (
                "error",
                2,
                "CONFIG_CACHE_MANAGEMENT=y has no effect, it stays n: it has no prompt, and only options that select it turn it on: LLEXT",
                "",
            )
        ],
    ),
    "an option without prompt that has that value anyway": (
        "CONFIG_ARM=y\n",
        [("warning", 1, "CONFIG_ARM cannot be set; it is y anyway", "")],
    ),
    "an unmet dependency": (
        "CONFIG_LLEXT_HEAP_SIZE=64\n",
        [
            (
                "error",
                1,
                "CONFIG_LLEXT_HEAP_SIZE=64 has no effect, it stays empty: it needs LLEXT=y (it is n)",
                "set CONFIG_LLEXT=y.",
            )
        ],
    ),
    "an unmet dependency of a dependency": (
        "CONFIG_LOG=y\nCONFIG_LLEXT=y\nCONFIG_LLEXT_SHELL_MAX_SIZE=64\n",
        [
            (
                "error",
                3,
                "CONFIG_LLEXT_SHELL_MAX_SIZE=64 has no effect, it stays empty: it needs LLEXT_SHELL=y (it is n)",
                "set CONFIG_SHELL=y and CONFIG_LLEXT_SHELL=y.",
            )
        ],
    ),
    "a dependency that a line turned off": (
        "CONFIG_LOG=n\nCONFIG_LOG_BUFFER_SIZE=2048\n",
        [
            (
                "error",
                2,
                (
                    "CONFIG_LOG_BUFFER_SIZE=2048 has no effect, it stays empty: it needs LOG_MODE_DEFERRED=y (it is n)"
                    " and LOG=y (it is n, APP/prj.conf:1)"
                ),
                "set CONFIG_LOG=y and CONFIG_LOG_MODE_DEFERRED=y.",
            )
        ],
    ),
    "an option that must be off": (
        "CONFIG_LLEXT=y\nCONFIG_LLEXT_HEAP_DYNAMIC=y\nCONFIG_LLEXT_HEAP_SIZE=64\n",
        [
            (
                "error",
                3,
                "CONFIG_LLEXT_HEAP_SIZE=64 has no effect, it stays empty: it needs LLEXT_HEAP_DYNAMIC=n (it is y, APP/prj.conf:2)",
                "set CONFIG_LLEXT_HEAP_DYNAMIC=n.",
            )
        ],
    ),
    "n for what is selected": (
        "CONFIG_PRINTK=n\nCONFIG_BOOT_BANNER=y\n",
        [
            (
                "error",
                1,
                "CONFIG_PRINTK=n has no effect, it stays y: it is selected by BOOT_BANNER (APP/prj.conf:2)",
                "turn CONFIG_BOOT_BANNER off.",
            )
        ],
    ),
    "two of one choice": (
        "CONFIG_LOG=y\nCONFIG_LOG_MODE_IMMEDIATE=y\nCONFIG_LOG_MODE_DEFERRED=y\n",
        [
            (
                "error",
                2,
                "CONFIG_LOG_MODE_IMMEDIATE=y has no effect, it stays n: its choice has LOG_MODE_DEFERRED (APP/prj.conf:3)",
                "take the line of CONFIG_LOG_MODE_DEFERRED away.",
            )
        ],
    ),
    "n for the member of a choice that is y": (
        "CONFIG_LOG=y\nCONFIG_LOG_MODE_DEFERRED=n\n",
        [
            (
                "error",
                2,
                "CONFIG_LOG_MODE_DEFERRED=n has no effect, it stays y: a choice has always one member that is y",
                "set the one that it shall be to y.",
            )
        ],
    ),
    "a comment behind y": ("CONFIG_LOG=y # c\n", [("note", 1, "CONFIG_LOG=y # c is read as y", "")]),
    "yes": ("CONFIG_LOG=yes\n", [("note", 1, "CONFIG_LOG=yes is read as y", "")]),
    "1 for a switch": ("CONFIG_LOG=1\n", [("error", 1, "CONFIG_LOG=1: not a value of type bool", "write CONFIG_LOG=y")]),
    "y in quotes": ('CONFIG_LOG="y"\n', [("error", 1, 'CONFIG_LOG="y": not a value of type bool', "write CONFIG_LOG=y")]),
    "nothing for a switch": ("CONFIG_LOG=\n", [("error", 1, "CONFIG_LOG=: not a value of type bool", "it is y or n.")]),
    "m for a bool": (
        "CONFIG_LOG=m\n",
        [("error", 1, "CONFIG_LOG=m: not a value of type bool", "only options of type tristate can be m.")],
    ),
    "a text without quotes": (
        "CONFIG_KERNEL_BIN_NAME=app\n",
        [("error", 1, "CONFIG_KERNEL_BIN_NAME=app: text stands between quotes", 'write CONFIG_KERNEL_BIN_NAME="app".')],
    ),
    "words behind a text": (
        'CONFIG_KERNEL_BIN_NAME="app" # c\n',
        [("note", 1, "CONFIG_KERNEL_BIN_NAME: what stands behind the text is left out: # c", "")],
    ),
    "one option twice": (
        "CONFIG_MAIN_STACK_SIZE=2048\nCONFIG_MAIN_STACK_SIZE=4096\n",
        [("warning", 2, "CONFIG_MAIN_STACK_SIZE is set a second time: it was 2048 at APP/prj.conf:1", "")],
    ),
    "an option of Zephyr's that has nothing behind it here": (
        "CONFIG_NET_IPV4=y\nCONFIG_NET_IPV4=y\n",
        [("warning", 1, "CONFIG_NET_IPV4 has no effect: Zephyr has it, but nothing here depends on it", "")],
    ),
    "a name that nobody knows": (
        "CONFIG_ACME_TURBO=y\n",
        [("warning", 1, "CONFIG_ACME_TURBO has no effect: nothing here knows it", "")],
    ),
    "a name with words missing": (
        "CONFIG_HEAP_MEM_POOL=64\n",
        [
            (
                "warning",
                1,
                "CONFIG_HEAP_MEM_POOL has no effect: nothing here knows it",
                "there is CONFIG_HEAP_MEM_POOL_SIZE; an option of the application's own is defined in its Kconfig.",
            )
        ],
    ),
    "a name with words too many": (
        "CONFIG_MAIN_STACK_SIZE_BYTES=64\n",
        [
            (
                "warning",
                1,
                "CONFIG_MAIN_STACK_SIZE_BYTES has no effect: nothing here knows it",
                "there is CONFIG_MAIN_STACK_SIZE; an option of the application's own is defined in its Kconfig.",
            )
        ],
    ),
    "n for a name that nobody knows": (
        "# CONFIG_NET_IPV4 is not set\n",
        [("note", 1, "CONFIG_NET_IPV4 has no effect: Zephyr has it, but nothing here depends on it", "")],
    ),
    "an unknown option of LLEXT": (
        "CONFIG_LLEXT_HEAP=64\n",
        [
            (
                "error",
                1,
                "CONFIG_LLEXT_HEAP has no effect: nothing here knows it",
                "there is CONFIG_LLEXT_HEAP_SIZE; an option of the application's own is defined in its Kconfig.",
            )
        ],
    ),
    "a log level without a log": (
        "CONFIG_LLEXT=y\nCONFIG_LLEXT_LOG_LEVEL_DBG=y\n",
        [
            (
                "warning",
                2,
                "CONFIG_LLEXT_LOG_LEVEL_DBG=y has no effect, it stays n: it needs LOG=y (it is n)",
                "set CONFIG_LOG=y.",
            )
        ],
    ),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_is_told_with_its_line_and_what_to_write(told, app, what):
    text, expected = MISTAKES[what]
    assert told(text) == [(severity, line, words.replace("APP", str(app)), hint) for severity, line, words, hint in expected]


@pytest.mark.parametrize("option", ["USERSPACE", "FILE_SYSTEM", "FLASH", "SHELL"])
def test_what_is_not_there_yet_can_be_set_and_says_so(configured, option):
    configuration = configured(f"CONFIG_{option}=y\n")
    assert configuration[option] == "y"
    (only,) = configuration.diagnostics
    assert (only.severity, only.place.line) == ("warning", 1)
    assert only.text == f"CONFIG_{option} is not there yet on the virtual board"


def test_a_level_called_none_says_that_zephyr_calls_it_off(configured):
    configuration = configured("CONFIG_LOG=y\nCONFIG_LLEXT=y\nCONFIG_LLEXT_LOG_LEVEL_NONE=y\n")
    assert configuration.number("LLEXT_LOG_LEVEL") == 0
    assert [str(each.text) for each in configuration.diagnostics] == ["CONFIG_LLEXT_LOG_LEVEL_NONE is no option of Zephyr's"]


def test_the_articles_configuration_has_no_errors(configured):
    text = """CONFIG_LLEXT=y
CONFIG_LLEXT_LOG_LEVEL_DBG=y
CONFIG_LLEXT_HEAP_SIZE=64
CONFIG_LLEXT_TYPE_ELF_RELOCATABLE=y
CONFIG_MAIN_STACK_SIZE=2048
CONFIG_ARM_MPU=n
"""
    configuration = configured(text).check()
    assert configuration.number("LLEXT_HEAP_SIZE") == 64
    assert configuration.on("LLEXT_TYPE_ELF_RELOCATABLE")
    assert not configuration.on("ARM_MPU")


def test_strict_makes_unknown_names_errors(told):
    assert [each[0] for each in told("CONFIG_NET_IPV4=y\nCONFIG_ACME_TURBO=n\n", strict=True)] == ["error", "error"]


def test_lenient_makes_values_without_effect_warnings_as_in_zephyr(told):
    text = "CONFIG_LLEXT_HEAP_SIZE=64\nCONFIG_PRINTK=n\nCONFIG_MAIN_STACK_SIZE=abc\n"
    assert [each[:2] for each in told(text, lenient=True)] == [("error", 3), ("warning", 1), ("warning", 2)]


def test_check_raises_the_first_error_and_has_all(configured, app):
    configuration = configured("CONFIG_LOGG=y\nLOG=y\n")
    with pytest.raises(ConfigError) as caught:
        configuration.check()
    assert str(caught.value).startswith(
        f"{app}/prj.conf:1: there is no option CONFIG_LOGG (and 1 more)\n  did you mean CONFIG_LOG?"
    )
    assert caught.value.place == f"{app}/prj.conf:1"
    assert caught.value.diagnostics.startswith(f"{app}/prj.conf:2: error: not an assignment")  # each is told once
    assert configured("CONFIG_LOG=y\n").check() == configured("CONFIG_LOG=y\n")


def test_a_later_file_overrules_an_earlier_one_without_a_word(configured, app):
    later = app / "boards.conf"
    later.write_text("CONFIG_LOG_MODE_IMMEDIATE=y\nCONFIG_MAIN_STACK_SIZE=4096\n")
    configuration = configured("CONFIG_LOG=y\nCONFIG_LOG_MODE_DEFERRED=y\nCONFIG_MAIN_STACK_SIZE=2048\n", more=[later])
    assert configuration.diagnostics == ()
    assert configuration.on("LOG_MODE_IMMEDIATE")
    assert configuration.number("MAIN_STACK_SIZE") == 4096
    assert str(configuration.values["MAIN_STACK_SIZE"].place) == f"{later}:2"


def test_the_command_line_overrules_files(configured):
    configuration = configured("CONFIG_LOG=y\n", assignments=["-DCONFIG_LOG=n", "CONFIG_POLL:BOOL=y"])
    assert (configuration["LOG"], configuration["POLL"], configuration.diagnostics) == ("n", "y", ())
    assert str(configuration.values["LOG"].place) == "-DCONFIG_LOG=n"


@pytest.mark.parametrize("turned", ["LOG=n", "LLEXT=n", "LLEXT_HEAP_DYNAMIC=y", "SHELL=n"])
def test_what_the_command_line_turns_off_leaves_warnings_in_the_files(configured, turned):
    text = "CONFIG_LOG=y\nCONFIG_LOG_BUFFER_SIZE=2048\nCONFIG_LLEXT=y\nCONFIG_LLEXT_HEAP_SIZE=64\n"
    text += "CONFIG_SHELL=y\nCONFIG_LLEXT_SHELL=y\nCONFIG_LLEXT_SHELL_MAX_SIZE=64\n"
    configuration = configured(text, assignments=[f"CONFIG_{turned}"])
    assert configuration.errors == ()
    assert [each.severity for each in configuration.diagnostics if "has no effect" in each.text] != []


def test_a_mistake_of_the_command_line_names_its_word(configured):
    configuration = configured("", assignments=["-DCONFIG_LOG=ON", "-DLOG=y", "-DCONFIG_KERNEL_BIN_NAME=x"])
    assert [str(each) for each in configuration.diagnostics] == [
        (
            "-DCONFIG_KERNEL_BIN_NAME=x: error: CONFIG_KERNEL_BIN_NAME=x: text stands between quotes\n"
            '  write CONFIG_KERNEL_BIN_NAME="x" (in a shell, quotes around all of it too).'
        ),
        "-DCONFIG_LOG=ON: error: CONFIG_LOG=ON: not a value of type bool\n  write CONFIG_LOG=y",
        "-DLOG=y: error: not an assignment: LOG=y\n  did you mean CONFIG_LOG=y?",
    ]


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_any_line_ending_and_a_byte_order_mark_are_read(configured, ending, mark):
    text = mark + ending.join(
        [b"CONFIG_LOG=y", b"# \xc3\xbcber", b"", b"CONFIG_LLEXT_HEAPSIZE=1", b"# CONFIG_PRINTK is not set"]
    )
    configuration = configured(text)
    assert configuration["LOG"] == "y"
    assert next((each.place.line, each.severity) for each in configuration.diagnostics) == (4, "error")


def test_empty_files_leave_all_as_it_is(configured):
    assert configured("").settings == configured(b"\xef\xbb\xbf").settings
    assert configured("").diagnostics == ()


def test_a_file_that_is_no_text_says_where(configured, app):
    with pytest.raises(ConfigError, match=r"prj.conf:2: not UTF-8: byte 0xfc"):
        configured(b"CONFIG_LOG=y\n# \xfcber\n")


def test_a_file_that_is_not_there_is_named(configured, app):
    with pytest.raises(ConfigError, match=r"none.conf: No such file or directory"):
        configured("", more=[app / "none.conf"])


def test_a_folder_that_is_not_there_is_named(app):
    from llext.target.kconfig import configure

    with pytest.raises(ConfigError, match="no such folder"):
        configure(app / "none")


def test_options_of_the_application_are_judged_as_ours(told):
    own = OWN + 'config TURBO\n\tbool "Turbo"\n\tdepends on GPIO\n'
    assert told("CONFIG_TURBO=y\n", own) == [
        ("error", 1, "CONFIG_TURBO=y has no effect, it stays n: it needs GPIO=y (it is n)", "set CONFIG_GPIO=y.")
    ]
    assert told("CONFIG_TURBOO=y\n", own)[0][3] == "did you mean CONFIG_TURBO?"


def test_a_name_in_the_applications_kconfig_that_is_no_option_is_told(told, app):
    own = OWN + 'config TURBO\n\tbool "Turbo"\n\tdepends on LLEXTT || BT_NOTHING || FOO = "x"\n\tdefault y if GPOI\n'
    assert told("", own) == [
        ("warning", 3, "there is no option GPOI: it is n", "did you mean GPIO?"),
        ("warning", 3, "there is no option LLEXTT: it is n", "did you mean LLEXT?"),
    ]


def test_m_without_modules_is_told(told, app):
    own = OWN + 'config MODE\n\ttristate "Mode"\n'
    assert told("CONFIG_MODE=m\n", own) == [
        ("error", 1, "CONFIG_MODE=m has no effect, it stays y: m is y while MODULES=n", "set CONFIG_MODULES=y.")
    ]
