"""The customers of the scenarios, and the expectations that most of them share."""

from typing import Any

from bot.playground.checker import FULLY, Expectation
from bot.playground.company import JONAS, MAYA, NOOR, SOFIA
from bot.playground.play.stage import Stage, Thread
from bot.playground.play.steps import Customer
from services.domain.case import State
from services.domain.scope import Scope

AIKO = "Aiko.Tanaka@Example.net"
DANIEL = "daniel.costa@example.com"
PRIYA = "priya.nair@example.org"
LENA = "lena.hoffmann@example.com"
NOBODY = "nobody.known@example.net"


def maya(stage: Stage) -> Customer:
    """Maya, who writes in Slack herself."""
    return Customer(address=MAYA, name="Maya Okafor", person=stage.maya)


def jonas(stage: Stage) -> Customer:
    """Jonas, who writes in Slack himself."""
    return Customer(address=JONAS, name="Jonas Weber", person=stage.jonas)


def by_mail(address: str, name: str) -> Customer:
    """Somebody who writes e-mails, which the help desk's integration posts into the channel."""
    return Customer(address=address, name=name)


AIKO_TANAKA = by_mail(AIKO, "Aiko Tanaka")
DANIEL_COSTA = by_mail(DANIEL, "Daniel Costa")
PRIYA_NAIR = by_mail(PRIYA, "Priya Nair")
LENA_HOFFMANN = by_mail(LENA, "Lena Hoffmann")
SOFIA_LINDQVIST = by_mail(SOFIA, "Sofia Lindqvist")
NOOR_HADDAD = by_mail(NOOR, "Noor Haddad")
SOMEBODY = by_mail(NOBODY, "Some Body")


def erased(customer: Customer, message_ts: str, *also: str, **more: Any) -> Expectation:
    """Everything of this customer is gone (`also`: their other addresses), and they were told so."""
    addresses = (customer.address, *also)
    usual: dict[str, Any] = {
        "message_ts": message_ts,
        "state": State.COMPLETED,
        "scope": Scope.ALL_PERSONAL_DATA,
        "erased": addresses,
        "contacts": addresses,
        "addresses": addresses,
        "told": (FULLY, "ActiveCampaign"),
        "personal": (*addresses, customer.name),
    }
    return Expectation(**usual | more)


def account_closed(customer: Customer, message_ts: str, **more: Any) -> Expectation:
    """Only the account of this customer was closed, and they were told just that."""
    usual: dict[str, Any] = {
        "message_ts": message_ts,
        "state": State.COMPLETED,
        "scope": Scope.ACCOUNT_ONLY,
        "closed": (customer.address,),
        "addresses": (customer.address,),
        "told": ("has been closed", "not erased other data"),
        "never_told": (FULLY,),
        "personal": (customer.address, customer.name),
    }
    return Expectation(**usual | more)


def untouched(customer: Customer, thread: Thread, state: State, **more: Any) -> Expectation:
    """Nothing of this customer was touched, and nobody told them that it was."""
    usual: dict[str, Any] = {
        "message_ts": thread.ts,
        "state": state,
        "addresses": (customer.address,),
        "personal": (customer.address, customer.name),
    }
    return Expectation(**usual | more)
