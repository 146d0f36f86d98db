"""Pieces that kernel objects share: 32 bit, one CPU (Zephyr's kernel structures, 3.7 to 4.x).

What is not C code's business is there in size and order only; the kernel keeps wait queues and timeouts itself. Wait queues
and list heads are two pointers, spinlocks have no bytes.
"""

from __future__ import annotations

from llext.abi.structs import Member


def wait_q(name: str = "wait_q") -> Member:
    """_wait_q_t."""
    return Member("_wait_q_t", name, 4, 2)


def dlist(name: str) -> Member:
    """sys_dlist_t: head and tail, or the two neighbours of a node."""
    return Member("sys_dlist_t", name, 4, 2)


def slist(name: str) -> Member:
    """sys_slist_t: head and tail."""
    return Member("sys_slist_t", name, 4, 2)


def timeout(name: str) -> tuple[Member, ...]:
    """Struct _timeout: a list node, a function, 64-bit ticks."""
    return (
        Member("sys_dnode_t", f"{name}.node", 4, 2, align=8),
        Member("_timeout_func_t", f"{name}.fn"),
        Member("int64_t", f"{name}.dticks", 8),
    )
