"""The table of rules names, for every rule of design section 2, tests that exist."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.house.rules import RULES, STILL_TO_NAME

ROOT = Path(__file__).resolve().parents[2]
CLAIMS = [
    pytest.param(node, id=f"{rule}: {promise}: {node.rpartition('::')[2]}")
    for rule, promises in RULES.items()
    for promise, nodes in promises.items()
    for node in nodes
]


@cache
def names_in(path: str) -> frozenset[str]:
    """Return the names of the test functions and classes at the top of a test module."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    named = (
        one for one in tree.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    )
    return frozenset(one.name for one in named if one.name.startswith(("test_", "Test")))


def test_every_rule_has_its_row() -> None:
    """Rules 1 to 12 are all in the table, and none without a test."""
    assert sorted(RULES) == list(range(1, 13))
    bare = [
        (rule, promise)
        for rule, promises in RULES.items()
        for promise, nodes in promises.items()
        if not nodes
    ]
    assert not bare, f"name the tests that fail without these promises: {bare}"


@pytest.mark.parametrize("node", CLAIMS)
def test_a_named_test_exists(node: str) -> None:
    """A promise is kept by a test that is there, not by one that was renamed or removed."""
    path, _, name = node.partition("::")
    assert (ROOT / path).is_file(), (
        f"{path} is gone: name in tests/house/rules.py the test that keeps the promise now"
    )
    assert name in names_in(path), f"{name} is not in {path}: name the test that keeps the promise now"


def test_what_is_still_to_be_named_belongs_to_a_rule() -> None:
    """The list of promises without a test of their own speaks of rules that exist."""
    assert set(STILL_TO_NAME) <= set(RULES)
