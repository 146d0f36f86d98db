"""Why an option has its value: who set it, and why it cannot be set otherwise."""

import pytest

from llext.errors import UsageError
from llext.target.kconfig.places import TREE

PRJ = "CONFIG_LLEXT=y\nCONFIG_MAIN_STACK_SIZE=2048\nCONFIG_LOG=y\n"


@pytest.fixture
def explain(configured):
    return configured(PRJ).explain


def line_of(name, text):
    return next(n for n, line in enumerate((TREE / name).read_text().split("\n"), 1) if line.strip() == text)


def test_a_line_of_a_file_is_who_set_it(explain, app):
    found = explain("CONFIG_MAIN_STACK_SIZE")
    assert (found.setting.value, found.setting.origin, found.set_by) == ("2048", "conf", f"{app}/prj.conf:2")
    assert found.obstacles == ()
    line = line_of("kernel/Kconfig", "config MAIN_STACK_SIZE")
    assert [str(place) for place in found.defined] == [f"{TREE}/kernel/Kconfig:{line}"]
    assert str(found).split("\n") == [
        "CONFIG_MAIN_STACK_SIZE=2048  (int)",
        f"  set by     {app}/prj.conf:2",
        "  menu       Bytes of main's stack",
        "  range      16 to 268435456",
        f"  defined    {TREE}/kernel/Kconfig:{line}",
    ]


def test_a_default_is_told_with_its_line(explain):
    found = explain("TIMESLICE_SIZE")
    assert found.setting.origin == "default"
    assert found.set_by == f"default ({TREE}/kernel/Kconfig.time:{line_of('kernel/Kconfig.time', 'config TIMESLICE_SIZE')})"
    assert found.limits == ("0", "2147483647")


def test_what_selects_an_option_is_told(explain):
    found = explain("PRINTK")
    assert found.set_by.startswith("selected by BOOT_BANNER (")
    assert found.obstacles[0].startswith("n: it is selected by BOOT_BANNER")


@pytest.mark.parametrize(("name", "set_by"), [("CPU_CORTEX_M3", "the board"), ("BOARD", "the board"), ("SHELL", "nobody")])
def test_who_else_can_set_it(explain, name, set_by):
    assert explain(name).set_by == set_by


def test_the_default_of_a_choice_is_told(explain):
    assert explain("LOG_MODE_DEFERRED").set_by.startswith("its choice, by default (")
    assert explain("LOG_MODE_DEFERRED").obstacles == ("n: a choice has always one member that is y",)


def test_what_another_option_implies_is_told(configured):
    own = 'source "Kconfig.zephyr"\nconfig A\n\tbool "A"\n\timply B\nconfig B\n\tbool "B"\n'
    found = configured("CONFIG_A=y\n", own).explain("B")
    assert (found.setting.value, found.set_by) == ("y", "another option that implies it")


def test_a_dependency_that_is_not_met_is_told_with_the_way(explain):
    found = explain("LLEXT_SHELL_MAX_SIZE")
    assert found.obstacles == ("set: it needs LLEXT_SHELL=y (it is n)",)
    assert found.hint == "set CONFIG_SHELL=y and CONFIG_LLEXT_SHELL=y."
    assert "cannot be  set: it needs" in str(found)
    assert "CONFIG_LLEXT_SHELL_MAX_SIZE=(nothing)  (int)" in str(found)


def test_an_option_without_prompt_says_so(explain):
    assert explain("ARCH").obstacles == ("set: it has no prompt, and follows from other options and the board",)
    assert explain("THREAD_STACK_INFO").obstacles[0].startswith("n: it is selected by ARM_MPU")
    assert explain("CACHE_MANAGEMENT").obstacles == (
        "set: it has no prompt, and only options that select it turn it on: LLEXT",
    )


def test_alternatives_are_told_as_such(configured):
    found = configured("CONFIG_ARM_MPU=n\n").explain("USERSPACE")
    assert found.obstacles == ("y: it needs (MPU=y (it is n) or MMU=y (it is n))",)
    assert found.hint == "set CONFIG_ARM_MPU=y."


def test_a_tristate_that_can_be_m_only_says_so(configured):
    own = 'source "Kconfig.zephyr"\nconfig A\n\ttristate "A"\nconfig B\n\ttristate "B"\n\tdepends on A\n'
    found = configured("CONFIG_MODULES=y\nCONFIG_A=m\n", own).explain("B")
    assert found.obstacles[0].startswith("y: it can be m at most, since it needs A=y (it is m, ")


def test_comparisons_and_options_that_are_nowhere_are_told(configured):
    own = 'source "Kconfig.zephyr"\nconfig A\n\tbool "A"\n\tdepends on MAIN_STACK_SIZE > 4096 && NOWHERE\n'
    found = configured("", own).explain("A")
    assert found.obstacles == ("y: it needs MAIN_STACK_SIZE > 4096 and NOWHERE, which does not exist here",)
    assert found.hint == ""


def test_the_condition_of_a_prompt_is_a_reason_too(configured):
    own = 'source "Kconfig.zephyr"\nconfig A\n\tbool "A" if GPIO\n\tdefault y\n'
    found = configured("", own).explain("A")
    assert found.obstacles == ("y: it needs GPIO=y (it is n)",)


def test_a_choice_that_cannot_be_made_is_a_reason_too(configured):
    own = 'source "Kconfig.zephyr"\nchoice\n\tprompt "C" if GPIO\nconfig A\n\tbool "A"\nconfig B\n\tbool "B"\nendchoice\n'
    assert configured("", own).explain("B").obstacles == ("y: it needs GPIO=y (it is n)",)


def test_an_option_that_does_not_exist_has_no_explanation(explain):
    with pytest.raises(UsageError, match="there is no option CONFIG_NONSENSE"):
        explain("CONFIG_NONSENSE")
