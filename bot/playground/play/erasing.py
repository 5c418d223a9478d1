"""The scenarios in which everything is erased: the plain one, and those in which something gets in the way."""

from bot.playground.checker import FULLY, Expectation
from bot.playground.company import SOFIA_TOO
from bot.playground.play import cast, steps
from bot.playground.play.network import poll
from bot.playground.play.stage import Person, Stage, Thread
from bot.playground.play.steps import Customer

VERIFIED = "Verified"


def everything(stage: Stage) -> list[Expectation]:
    """(a) The customer asks, is asked which of the two, wants everything, and is told when all of it is gone."""
    maya = cast.maya(stage)
    thread = steps.writes(stage, maya, f"Please delete my data. My address is {maya.address}.")
    thread.until("Deletion request?")
    to_approval(stage, stage.ana, maya, thread)
    steps.nothing_changed(stage, stage.world.began, "before the second person has approved")
    steps.approved(stage.lea, thread)
    finish(stage, stage.ana, maya, thread)
    stage.door.until(
        lambda: not any("Please choose one" in one.get("text", "") for one in thread.by_bot()),
        "the bot to redact what it had asked",
    )
    stage.out.promise("the bot has redacted its question; of the card one line is left", holds=True)
    return [cast.erased(maya, thread.ts)]


def account_then_everything(stage: Stage) -> list[Expectation]:
    """(c) The account is closed; later the customer wants everything: a linked case with its own confirmation."""
    aiko = cast.AIKO_TANAKA
    thread = steps.writes(stage, aiko, "Please delete my account, I no longer need it.")
    thread.until("Deletion request?")
    first = thread.ref()
    steps.asked(stage.ana, aiko, thread)
    steps.replies(stage, aiko, thread, "Number 2, just the account.")
    steps.recorded(stage.ana, aiko, thread, wants=steps.ACCOUNT, words="Number 2, just the account.")
    plan = steps.identified(stage.ana, thread)
    steps.closed(stage.ana.submits(plan))
    thread.until(VERIFIED, ref=first)
    steps.told(stage.ana, aiko, thread, ref=first)
    thread.until("Done", ref=first)
    between = stage.world.picture()
    again = stage.bridge.says(
        f"{aiko.address} answers: thank you. Now please delete all my data as well.",
        thread=thread,
        as_bot_integration=True,
    )
    wish = next(one["ts"] for one in again.messages() if "as well" in one.get("text", ""))
    stage.door.until(lambda: len(again.cards()) > 1, "a second card for the linked case")
    second = thread.ref()
    thread.until("Deletion request?", ref=second)
    linked = f"Linked to {first}" in thread.says(second)
    stage.out.promise(f"the new wish is a case of its own, {second}, linked to {first}", holds=linked)
    to_approval(stage, stage.ben, aiko, thread, ref=second)
    steps.nothing_changed(stage, between, "before the second confirmation")
    steps.approved(stage.tom, thread, ref=second)
    finish(stage, stage.ben, aiko, thread, ref=second)
    account = cast.account_closed(aiko, thread.ts, closed=(), told=("has been closed",), never_told=())
    return [account, cast.erased(aiko, wish, told=(FULLY,))]


def no_rights(stage: Stage) -> list[Expectation]:
    """(f) ActiveCampaign refuses the rights: needs attention, customer not told; the operator fixes it, retry completes."""
    sofia = cast.SOFIA_LINDQVIST
    thread = steps.writes(stage, sofia, "Please delete my data, all of it.")
    thread.until("Deletion request?")
    to_approval(stage, stage.ana, sofia, thread)
    stage.faults(not_admin=True)
    stage.out.world("ActiveCampaign's key loses its administrator's rights: it answers 404")
    steps.approved(stage.lea, thread)
    thread.until("Needs attention")
    said = thread.says()
    stage.out.promise("the card names ActiveCampaign", holds="ActiveCampaign" in said, why=said)
    letters = [one for one in stage.door.letters(sofia.address) if FULLY in one["text"]]
    stage.out.promise("the customer was not told anything", holds=not letters)
    stage.faults(not_admin=False)
    stage.out.does("Olga", "puts the administrator's key back")
    stage.ana.clicks("Check again", thread)
    finish(stage, stage.ana, sofia, thread)
    return [cast.erased(sofia, thread.ts, SOFIA_TOO)]


def killed(stage: Stage) -> list[Expectation]:
    """(j) The app is killed while ActiveCampaign holds its answer, and restarted: completes, nothing twice, one card."""
    priya = cast.PRIYA_NAIR
    thread = steps.writes(stage, priya, "Please delete my data.")
    thread.until("Deletion request?")
    to_approval(stage, stage.ana, priya, thread)
    stage.activecampaign.post("/twin/hold", {"method": "DELETE", "path": "contacts"})
    steps.approved(stage.lea, thread)
    poll(lambda: stage.activecampaign.get("/twin/hold")["reached"], "the DELETE of the contact")
    stage.out.world("ActiveCampaign has deleted the contact and holds its answer back")
    stage.world.kill_app()
    stage.out.world("the app is killed (SIGKILL)")
    stage.activecampaign.post("/twin/release", {})
    stage.world.restart_app()
    stage.out.world("the app is started again")
    finish(stage, stage.ana, priya, thread)
    # Tax law keeps an invoice of hers: the text says so, and never "fully".
    return [cast.erased(priya, thread.ts, told=("tax law",), never_told=(FULLY,))]


def known_elsewhere_only(stage: Stage) -> list[Expectation]:
    """(k) Somebody whom only ActiveCampaign knows is erased there, and told so."""
    noor = cast.NOOR_HADDAD
    thread = steps.writes(stage, noor, "I want you to erase all my personal data.")
    thread.until("Deletion request?")
    to_approval(stage, stage.ana, noor, thread)
    steps.approved(stage.tom, thread)
    finish(stage, stage.ana, noor, thread)
    return [cast.erased(noor, thread.ts, erased=())]


def writes_again(stage: Stage) -> list[Expectation]:
    """(m) The customer writes again during the cooling-off: paused until an agent has read it."""
    maya = cast.maya(stage)
    thread = steps.writes(stage, maya, f"Please delete my data. My address is {maya.address}.")
    thread.until("Deletion request?")
    to_approval(stage, stage.ana, maya, thread)
    steps.approved(stage.lea, thread)
    stage.maya.says("One moment please, I have one more question.", thread=thread)
    thread.until_says("Paused")
    stage.out.bot(thread.tells())
    over = stage.world.slack.workspace.clock() + stage.world.options.cooling_off + 1
    poll(lambda: stage.world.slack.workspace.clock() > over, "the cooling-off to pass")
    steps.nothing_changed(stage, stage.world.began, "paused, with the cooling-off long over")
    stage.ben.clicks("I have read it", thread)
    finish(stage, stage.ana, maya, thread)
    return [cast.erased(maya, thread.ts)]


def to_approval(stage: Stage, agent: Person, customer: Customer, thread: Thread, *, ref: str = "") -> None:
    """From the card to the second person: asked, answered with everything, identified, planned, sent."""
    answer = "1. Yes, everything please."
    steps.asked(agent, customer, thread, ref=ref)
    steps.replies(stage, customer, thread, answer)
    steps.recorded(agent, customer, thread, wants=steps.EVERYTHING, words=answer, ref=ref)
    plan = steps.identified(agent, thread, ref=ref)
    steps.sent_for_approval(agent, plan, thread, ref=ref)


def finish(stage: Stage, agent: Person, customer: Customer, thread: Thread, *, ref: str = "") -> None:
    """From the run to the end: all verified, messages deleted by hand and read to be gone, customer told."""
    thread.until(VERIFIED, ref=ref)
    steps.deletes_by_hand(stage, thread, agent=agent, ref=ref)
    steps.told(agent, customer, thread, ref=ref)
    thread.until("Done", ref=ref)
