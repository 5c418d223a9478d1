"""The steps that scenarios share: open, ask, record, identify, plan, approve, delete by hand, tell."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.playground.mailbox import SUPPORT_ADDRESS
from bot.playground.play.forms import Modal, SceneError
from bot.playground.play.network import Json
from bot.playground.play.reading import quoted_words, title_of, words_of
from bot.playground.play.stage import Person, Stage, Thread
from bot.playground.slack import sample
from bot.playground.world import Picture

IN_THREAD, BY_HAND = "Post it in this thread", "I send it myself"
EVERYTHING, ACCOUNT, NEITHER = "Everything", "Only the account", "Neither"
ON_FILE, SIGNED_IN = "Replied from the address on file", "Signed in to the account"
BY_MAIL, HERE = "By e-mail", "In this thread"
HOW_TO_ASK, HOW_TO_TELL = "How does it reach the customer?", "How is the customer told?"
SEND_PLAN, CLOSE_ACCOUNT = "Send for approval", "Close the account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who asks: by an own Slack account, or through the help desk's integration and then by e-mail."""

    address: str
    name: str
    person: Person | None = None

    @property
    def first(self) -> str:
        """What the transcript calls them."""
        return self.name.split()[0]


def writes(stage: Stage, customer: Customer, text: str) -> Thread:
    """The customer's first message: in the channel, or posted there by the help desk's integration."""
    if customer.person:
        return customer.person.says(text)
    return stage.bridge.says(f"New ticket from {customer.address}: {text}", as_bot_integration=True)


def replies(stage: Stage, customer: Customer, thread: Thread, text: str) -> None:
    """The customer answers where they were asked."""
    if customer.person:
        customer.person.says(text, thread=thread)
        # An answer is recorded after it was read: what arrives later pauses the case, as it should.
        thread.until_says("The customer wrote again")
    else:
        stage.door.send_letter(sender=customer.address, to=SUPPORT_ADDRESS, text=text)
        stage.out.says(f"{customer.first} (mail)", text)


def asked(agent: Person, customer: Customer, thread: Thread, *, ref: str = "") -> None:
    """The agent puts the question: the bot posts it in the thread, or the agent copies it into an e-mail."""
    stage = agent.stage
    form = agent.opens("Ask the customer", "Ask", thread, ref=ref)
    question = f"{form.initial('How the message begins')}\n\n{quoted_words(form.view)}"
    if "ActiveCampaign" not in question:
        raise SceneError(f"the question does not name ActiveCampaign: {question}")
    way = IN_THREAD if customer.person else BY_HAND
    if not customer.person:
        mailed(stage, agent, customer, question)
    closed(agent.submits(form, {HOW_TO_ASK: way}))
    thread.until("Asked", ref=ref)
    if customer.person:
        thread.stage.door.until(
            lambda: any("Please choose one" in words_of(one) for one in thread.by_bot()),
            "the question in the thread",
        )
        stage.out.bot("asks in the thread: 1. everything, 2. the account only, or 3. neither")


def recorded(
    agent: Person,
    customer: Customer,
    thread: Thread,
    *,
    wants: str,
    words: str,
    ref: str = "",
    button: str = "Record the answer",
) -> None:
    """The agent puts the customer's answer on record, with their words and the proof."""
    form = agent.opens(button, "Record", thread, ref=ref)
    filled: dict[str, Any] = {
        "What does the customer want?": wants,
        "Their words, or a link to them": words,
        "How did the answer come?": HERE if customer.person else BY_MAIL,
        "How do we know it is them?": SIGNED_IN if customer.person else ON_FILE,
    }
    closed(agent.submits(form, filled))
    if wants != NEITHER:
        thread.until("The customer has answered", ref=ref)


def identified(
    agent: Person,
    thread: Thread,
    *,
    is_theirs: Callable[[str], bool] = lambda _: True,
    addresses: str = "",
    control: str = "replied from the address on file",
    submit: str = "Decide",
    ref: str = "",
) -> Modal:
    """The agent says who it is, match by match, and gets the plan. Returns the plan's form (or what stands there)."""
    form = agent.opens("Who is this?", "Search", thread, ref=ref)
    filled: dict[str, Any] = {"How was control of the written addresses shown?": control}
    if addresses:
        filled["Addresses, one a line"] = addresses
    seen = agent.submits(form, filled)
    if seen["outcome"] == "errors":
        raise SceneError(f"the search was refused: {seen['errors']}")
    found = agent.form(submit)
    for one in found.fields:
        agent.stage.out.does(agent.name, f"sees: {' · '.join(one.before.splitlines())}")
    seen = agent.decides(found, is_theirs)
    if seen["outcome"] != "updated":
        raise SceneError(f"choosing the identity ended in {seen}")
    return planned(agent)


def planned(agent: Person) -> Modal:
    """Return the form that shows the plan, or the notice that says why there is none, once it is filled in."""

    def look() -> Modal | None:
        top = agent.top()
        if top is None or not title_of(top.view).startswith("Plan"):
            return None
        is_ready = "Plan fingerprint" in top.words or "Not every system" in top.words
        return top if is_ready else None

    modal = agent.stage.door.until(look, "the plan")
    agent.stage.out.bot(f"shows the plan: {modal.words}")
    return modal


def sent_for_approval(agent: Person, plan: Modal, thread: Thread, *, ref: str = "") -> None:
    """The agent hands the plan to a second person."""
    closed(agent.submits(plan))
    thread.until("Waiting for a second person", ref=ref)


def approved(approver: Person, thread: Thread, *, ref: str = "") -> None:
    """The second person reads reply, proof, identity and plan, and types the case's id."""
    ref = ref or thread.ref()
    form = approver.opens("Review and approve", "Erase", thread, ref=ref)
    for must in ("The customer's reply", "Proof that it is them", "Plan fingerprint"):
        if must not in form.words:
            raise SceneError(f"the approver is not shown “{must}”: {form.words}")
    seen = approver.submits(form, {f"Type {ref} to approve": ref})
    if seen["outcome"] != "updated":
        raise SceneError(f"the approval ended in {seen}")
    said = words_of(seen["view"])
    approver.stage.out.bot(said)
    approver.closes()


def deletes_by_hand(stage: Stage, thread: Thread, *, agent: Person, ref: str = "") -> None:
    """An admin deletes the customer's messages in the thread; the agent attests, and the bot reads that they are gone."""
    staff = {sample.ANA, sample.BEN, sample.LEA, sample.TOM, sample.OLGA, sample.BOT}
    mine = [one for one in thread.messages() if one.get("user") not in staff]
    for message in mine:
        stage.olga.deletes(message["ts"])
    stage.out.does("Olga", f"deletes {len(mine)} of the customer's messages in the thread")
    form = agent.opens("Done by hand", "Attest", thread, ref=ref)
    choice = next(one for one in form.fields if one.label == "Which step did you do?")
    word = next(one for one in form.fields if one.label == "Your word")
    seen = agent.submits(
        form,
        {"Which step did you do?": choice.options[0][0], "Your word": [word.options[0][0]]},
    )
    if seen["outcome"] != "updated":
        raise SceneError(f"attesting ended in {seen}")
    said = stage.door.until(
        lambda: next((top.words for top in [agent.top()] if top and "Recorded" in top.words), None),
        "the attestation to be recorded",
    )
    stage.out.bot(said)
    agent.closes()


def told(agent: Person, customer: Customer, thread: Thread, *, ref: str = "", by_mail: bool = False) -> str:
    """The agent sends the closing message (by e-mail, or has it posted in the thread) and returns its text."""
    form = agent.opens("Send the closing message", "The customer is told", thread, ref=ref)
    text = quoted_words(form.view)
    by_mail = by_mail or customer.person is None
    if by_mail:
        mailed(agent.stage, agent, customer, text)
    else:
        agent.stage.out.says("the bot to all", text)
    closed(agent.submits(form, {HOW_TO_TELL: BY_HAND if by_mail else IN_THREAD}))
    return text


def mailed(stage: Stage, agent: Person, customer: Customer, text: str) -> None:
    """The agent copies a text into an e-mail to the customer."""
    stage.door.send_letter(sender=SUPPORT_ADDRESS, to=customer.address, text=text)
    stage.out.says(f"{agent.name} (mail)", text)


def closed(seen: Json) -> None:
    """Make sure that a form was accepted. Raises SceneError with what the person saw instead."""
    if seen["outcome"] not in {"closed", "cleared"}:
        said = words_of(seen["view"]) if seen.get("view") else seen
        raise SceneError(f"the form was not accepted: {said}")


def nothing_changed(stage: Stage, since: Picture, when: str) -> None:
    """Promise that no outside system has changed since then."""
    now = stage.world.picture()
    same = (now.shop, now.contacts, now.archived) == (since.shop, since.contacts, since.archived)
    stage.out.promise(f"{when}: nothing was changed in the shop or in ActiveCampaign", holds=same)
