"""Numbers that nothing can be built with are errors with the line that has them, for every option of our tree."""

import pytest

from llext.target.kconfig import autoconf, cmake

OWN = 'source "Kconfig.zephyr"\n\nconfig A\n'
ALL = """CONFIG_LLEXT=y
CONFIG_LOG=y
CONFIG_LOG_PROCESS_THREAD_CUSTOM_PRIORITY=y
CONFIG_DYNAMIC_THREAD=y
CONFIG_CONSOLE_SUBSYS=y
CONFIG_CONSOLE_GETCHAR=y
CONFIG_GPIO=y
CONFIG_THREAD_NAME=y
CONFIG_ASSERT=y
"""
HUGE = "99999999999999999999"
COUNTS = "CONFIG_NUM_COOP_PRIORITIES (16) and CONFIG_NUM_PREEMPT_PRIORITIES (15) say how many there are."


def errors(told, *words, **more):
    return [each[1:] for each in told(*words, **more) if each[0] == "error"]


def numbers(configured):
    """Options of numbers that can be set."""
    kconfig = configured(ALL).inside.kconfig
    symbols = (each for each in kconfig.unique_defined_syms if any(node.prompt for node in each.nodes))
    return [each for each in symbols if each.name in kconfig.syms and each.orig_type in kinds()]


def kinds():
    import kconfiglib

    return {kconfiglib.INT, kconfiglib.HEX}


def test_every_number_has_a_range_or_is_a_priority_of_a_thread(configured):
    without = {each.name for each in numbers(configured) if not each.ranges}
    assert without == {"MAIN_THREAD_PRIORITY", "SYSTEM_WORKQUEUE_PRIORITY", "LOG_PROCESS_THREAD_PRIORITY"}


@pytest.mark.parametrize("value", ["0", "-1", "2147483648", HUGE])
def test_a_number_is_taken_or_is_an_error_with_its_line(configured, value):
    line = ALL.count("\n") + 1
    for symbol in numbers(configured):
        found = configured(f"{ALL}CONFIG_{symbol.name}={value}\n")
        if found.errors:
            assert {each.place.line for each in found.errors} == {line}, symbol.name
        else:
            assert value not in {"2147483648", HUGE}
            assert f"#define CONFIG_{symbol.name} {value}\n" in autoconf(found)
            assert cmake(found)


@pytest.mark.parametrize(
    "name", ["MAIN_STACK_SIZE", "ISR_STACK_SIZE", "SYSTEM_WORKQUEUE_STACK_SIZE", "SYS_CLOCK_TICKS_PER_SEC"]
)
@pytest.mark.parametrize("value", ["0", "-5"])
def test_a_stack_or_a_clock_has_at_least_something(told, name, value):
    ((line, text, hint),) = errors(told, f"\nCONFIG_{name}={value}\n")
    assert (line, hint) == (2, "")
    assert f"CONFIG_{name}={value} has no effect, it stays " in text
    assert ": it must be from 1" in text


@pytest.mark.parametrize("name", ["MAIN_THREAD_PRIORITY", "SYSTEM_WORKQUEUE_PRIORITY", "LOG_PROCESS_THREAD_PRIORITY"])
@pytest.mark.parametrize(("value", "fits"), [("-17", False), ("-16", True), ("14", True), ("15", False), ("99", False)])
def test_threads_have_priorities_that_there_are(told, name, value, fits):
    found = errors(told, f"CONFIG_LOG=y\nCONFIG_LOG_PROCESS_THREAD_CUSTOM_PRIORITY=y\nCONFIG_{name}={value}\n")
    words = f"CONFIG_{name} is {value}: it must be from -16 to 14"
    assert found == ([] if fits else [(3, words, COUNTS)])


def test_a_default_priority_that_there_is_not_is_told_at_the_line_that_took_it_away(told):
    found = errors(told, "CONFIG_NUM_PREEMPT_PRIORITIES=0\nCONFIG_NUM_COOP_PRIORITIES=1\n")
    assert [each[:2] for each in found] == [
        (2, f"CONFIG_{name} is -2: it must be from -1 to -1") for name in ("MAIN_THREAD_PRIORITY", "SYSTEM_WORKQUEUE_PRIORITY")
    ]


def test_without_priorities_nothing_runs(told):
    found = errors(told, "CONFIG_NUM_PREEMPT_PRIORITIES=0\nCONFIG_NUM_COOP_PRIORITIES=0\n")
    assert {each[1].partition(": ")[2] for each in found} == {"there are no priorities at all"}


@pytest.mark.parametrize("kind", ["int", "hex"])
def test_a_default_that_is_no_number_is_an_error_at_its_line(configured, app, kind):
    found = configured("", f'{OWN}\t{kind} "a"\n\tdefault "x"\n')
    assert [(str(each.place), each.text) for each in found.errors] == [
        (f"{app}/Kconfig:3", f"CONFIG_A is x: not a number of type {kind} that C has")
    ]


def test_a_default_that_c_does_not_have_is_one_too(configured, app):
    (found,) = configured("", f'{OWN}\tint "a"\n\tdefault {HUGE}\n').errors
    assert (str(found.place), found.text) == (f"{app}/Kconfig:3", f"CONFIG_A is {HUGE}: not a number of type int that C has")


def test_a_number_over_such_a_default_counts(configured):
    assert configured("CONFIG_A=3\n", f'{OWN}\tint "a"\n\tdefault "x"\n').errors == ()


def test_a_number_out_of_range_over_such_a_default_is_told(told):
    found = errors(told, "CONFIG_A=30\n", f'{OWN}\tint "a"\n\tdefault "x"\n\trange 0 9\n')
    assert "CONFIG_A is x: not a number of type int that C has" in [each[1] for each in found]
