"""Reasons of fatal errors: K_ERR_* of Zephyr's fatal.h, in our words and in those of its last lines."""

SPURIOUS, PANIC = 1, 4

REASONS = {
    0: "CPU exception, raised by the code itself",
    1: "unhandled interrupt",
    2: "stack overflow",
    3: "kernel oops (k_oops)",
    4: "kernel panic (k_panic)",
}
"""K_ERR_* of Zephyr's fatal.h."""
WORDS = {0: "CPU exception", 1: "Unhandled interrupt", 2: "Stack overflow", 3: "Kernel oops", 4: "Kernel panic"}
