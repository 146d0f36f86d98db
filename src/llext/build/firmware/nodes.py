"""What Kconfig asks of the devicetree: which labels, aliases, chosen nodes and compatibles are in use."""

from __future__ import annotations

from llext.target.kconfig import Devicetree
from llext.target.tree import Tree


def asked_by_kconfig(tree: Tree) -> Devicetree:
    """The answers to $(dt_nodelabel_enabled,...) and its like, and DT_HAS_<COMPATIBLE>_ENABLED."""
    okay = [node for node in tree.nodes if node.okay]
    paths = {node.path for node in okay}
    return Devicetree(
        labels=frozenset(label for node in okay for label in node.labels),
        chosen=frozenset(name for name, path in tree.chosen if path in paths),
        compatibles=frozenset(name for node in okay for name in node.compatibles),
        aliases=frozenset(alias for node in okay for alias in node.aliases),
        paths=frozenset(paths),
        known=frozenset(name for node in tree.nodes for name in node.compatibles),
    )
