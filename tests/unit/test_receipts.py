"""Receipts: the same every time, signed, free of personal data, and checked against the ledger."""

import json

from services.receipts import flaw_of, receipt_of
from tests.properties.story import approved, do, run, write
from tests.properties.world import LEA, make_world


def ended():
    world = make_world()
    case = run(world, approved(world))
    do(world, case, "attest_sent")
    return world, world.cases.get(case.id)


def test_a_receipt_is_always_the_same_and_genuine():
    """What was handed out once can be checked for ever, whatever is clicked or shredded later."""
    world, case = ended()
    desk = world.desk
    first = receipt_of(desk.cases, desk.vault, case, company="Fernleaf")
    assert first is not None
    do(world, case, "stop", LEA)
    again = receipt_of(desk.cases, desk.vault, world.cases.get(case.id), company="Fernleaf")
    assert again == first
    assert first.id.startswith(f"R-{case.number}-")
    assert flaw_of(desk.cases, desk.vault, first.as_json(indent=2)) == ""


def test_a_changed_receipt_is_not_genuine():
    """Nobody can make a receipt say more than was verified."""
    world, case = ended()
    desk = world.desk
    receipt = receipt_of(desk.cases, desk.vault, case, company="Fernleaf")
    assert receipt is not None
    body = json.loads(receipt.as_json())
    for name, value in (
        ("scope", "account_only"),
        ("case", "DD-1"),
        ("signature", "0" * 64),
        ("signature", None),
    ):
        assert flaw_of(desk.cases, desk.vault, json.dumps(body | {name: value})), f"{name} was changed unseen"
    assert flaw_of(desk.cases, desk.vault, "no json")
    assert flaw_of(desk.cases, desk.vault, "[]")


def test_a_case_that_has_not_ended_has_no_receipt():
    """A receipt is about what is over."""
    world = make_world()
    case = write(world, "erase_data please delete my data").case
    assert receipt_of(world.desk.cases, world.desk.vault, case, company="Fernleaf") is None


def test_nothing_personal_is_on_a_receipt():
    """It may be filed and handed on (design rule 9)."""
    world, case = ended()
    receipt = receipt_of(world.desk.cases, world.desk.vault, case, company="Fernleaf")
    assert receipt is not None
    said = receipt.as_json().casefold()
    assert not [word for word in ("maya", "example.org", "delete my data") if word in said]
