"""What a failed __ASSERT calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.kernel.console import printk
from llext.kernel.fatal import except_reason
from llext.kernel.printf import Arguments
from llext.kernel.reasons import PANIC
from llext.kernel.registry import service

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel


@service("assert_print")
def assert_print(kernel: Kernel, template: int, arguments: Arguments) -> None:
    """Says what does not hold, as printk."""
    printk(kernel, template, arguments)


@service("assert_post_action")
def assert_post_action(kernel: Kernel, _file: int, _line: int) -> None:
    """Panics; an extension may define another."""
    except_reason(kernel, PANIC)
