"""What Zephyr's loader logs of a file whose tables it refuses. Tools look for these texts, so they are as there."""

MISSING_TABLE = "Some sections are missing or present multiple times!"
SYMBOL_TABLE = "Invalid symbol table"
SECTION_NAME = "Invalid section name index"
RELOCATION_SECTION = "Sanity checks failed"
