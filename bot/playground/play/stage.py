"""The stage of one scenario: the world's doors, the cast, and the thread in which a case is talked about."""

import re
from collections.abc import Callable
from typing import Any

from bot.playground.company import IN_SLACK
from bot.playground.play.forms import Modal, SceneError, picked
from bot.playground.play.network import Json, NotPossibleError, Server, SlackDoor, TooLateError
from bot.playground.play.reading import (
    buttons_of,
    submit_of,
    title_of,
    words_of,
)
from bot.playground.play.transcript import Transcript
from bot.playground.slack import sample
from bot.playground.world import World

CARD = re.compile(r"(DD-\d+): (.+)", re.DOTALL)
# A click on a card that was just overtaken is answered so; whoever sits there looks again and clicks again.
TRY_AGAIN = ("Nothing you clicked was used", "please click again")


class Stage:
    """Where the scene is played. `door` leads to Slack, `activecampaign` to the twin's switches."""

    def __init__(self, world: World, transcript: Transcript) -> None:
        self.world = world
        self.out = transcript
        self.door = SlackDoor(world.slack.origin)
        self.activecampaign = Server(world.activecampaign.url)
        self.maya = Person(self, sample.MAYA, "Maya")
        self.jonas = Person(self, sample.JONAS, "Jonas")
        self.ana = Person(self, sample.ANA, "Ana")
        self.ben = Person(self, sample.BEN, "Ben")
        self.lea = Person(self, sample.LEA, "Lea")
        self.tom = Person(self, sample.TOM, "Tom")
        self.olga = Person(self, sample.OLGA, "Olga")
        self.otto = Person(self, sample.OTTO, "Otto")
        self.bridge = Person(self, sample.HELPDESK, "Ticket Bridge")
        self.cast = (self.ana, self.ben, self.lea, self.tom, self.olga, self.otto, self.maya, self.jonas)

    def faults(self, **changes: Any) -> None:
        """Change how the ActiveCampaign look-alike behaves."""
        self.activecampaign.post("/twin/faults", changes)


class Person:
    """Somebody in Slack, who can do what Slack's screen offers and nothing else."""

    def __init__(self, stage: Stage, user: str, name: str) -> None:
        self.stage = stage
        self.user = user
        self.name = name
        self.address = IN_SLACK.get(user, "")

    def says(self, text: str, *, thread: "Thread | None" = None, **more: Any) -> "Thread":
        """Write into the support channel, or into a thread; return the thread."""
        args = {"thread_ts": thread.ts} if thread else {}
        ts = self.stage.door.do("say", user=self.user, channel=sample.SUPPORT, text=text, **args, **more)
        self.stage.out.says(self.name, text or "(blocks without text)")
        return thread or Thread(self.stage, str(ts))

    def deletes(self, ts: str) -> None:
        """Delete a message in the support channel."""
        self.stage.door.do("delete", user=self.user, channel=sample.SUPPORT, ts=ts)

    def sees(self, thread: "Thread") -> list[Json]:
        """Return the messages of a thread that this person sees, their own ephemeral ones included."""
        shown = self.stage.door.visible(self.user, sample.SUPPORT)
        return [one for one in shown if one.get("thread_ts", one["ts"]) == thread.ts]

    def told_privately(self, thread: "Thread") -> list[str]:
        """Return what the bot told only this person in the thread, oldest first."""
        return [words_of(one) for one in self.sees(thread) if one.get("is_ephemeral")]

    def top(self) -> Modal | None:
        """Return the modal in front of this person."""
        views = self.stage.door.views(self.user)
        return Modal(view=views[-1]) if views else None

    def clicks(self, label: str, thread: "Thread", *, ref: str = "") -> None:
        """Press a button on the case's card, as soon as it is drawn there."""
        door = self.stage.door

        def press() -> bool:
            card = thread.card(ref)
            drawn = buttons_of(card).get(label) if card else None
            if card is None or drawn is None:
                return False
            try:
                seen = door.do(
                    "click",
                    user=self.user,
                    channel=sample.SUPPORT,
                    message_ts=card["ts"],
                    action_id=drawn[0],
                    block_id=drawn[1],
                    value=drawn[2],
                )
            except NotPossibleError:  # the card was redrawn under the finger
                return False
            if not seen["acked"]:  # Slack shows a warning beside the button: the person presses again
                self.stage.out.does(self.name, f"sees that [ {label} ] did not get through")
            return bool(seen["acked"])

        try:
            door.until(press, f"a button [ {label} ]")
        except TooLateError as late:
            raise SceneError(f"{late}; the card says: {thread.says(ref)}") from None
        self.stage.out.does(self.name, f"presses [ {label} ]")

    def opens(self, label: str, submit: str, thread: "Thread", *, ref: str = "") -> Modal:
        """Press a button that opens a form and return the form; press again where somebody was faster meanwhile."""
        for _ in range(6):
            before = len(self.told_privately(thread))
            self.clicks(label, thread, ref=ref)
            answer = self._form_or_answer(submit, thread, before)
            if isinstance(answer, Modal):
                return answer
            if not any(sign in answer for sign in TRY_AGAIN):
                raise SceneError(f"{self.name} pressed [ {label} ] and was told: {answer}")
            self.stage.out.does(self.name, "is told that the card has just changed, and looks again")
            thread.until_redrawn()
        raise SceneError(f"[ {label} ] never led to a form")

    def form(self, submit: str, *, within: float = 120.0) -> Modal:
        """Return the form in front of this person once its submit button says `submit`."""
        try:
            return self.stage.door.until(
                lambda: self._top_with(submit), f"a form with [ {submit} ]", within=within
            )
        except TooLateError as late:
            top = self.top()
            there = f"“{title_of(top.view)}”: {top.words}" if top else "no form at all"
            raise SceneError(f"{late}; {self.name} sees {there}") from None

    def submits(self, modal: Modal, filled: dict[str, Any] | None = None) -> Json:
        """Fill in fields by their labels and submit; options by their words. Returns what the person saw of it."""
        values: dict[str, dict[str, Any]] = {}
        known = {one.label: one for one in modal.fields}
        for label, value in (filled or {}).items():
            field = known.get(label)
            if field is None:
                raise SceneError(f"no field “{label}” in “{title_of(modal.view)}”; there are {sorted(known)}")
            values[field.block_id] = {field.action_id: picked(field, value)}
        return self._submit(modal, values)

    def decides(self, modal: Modal, is_theirs: Callable[[str], bool]) -> Json:
        """Answer every “Whose is it?” by what stands above it, and submit."""
        values = {
            one.block_id: {
                one.action_id: picked(one, "This person" if is_theirs(one.before) else "Somebody else")
            }
            for one in modal.fields
        }
        return self._submit(modal, values)

    def closes(self) -> None:
        """Close every form."""
        top = self.top()
        if top:
            self.stage.door.do("close", user=self.user, view_id=top.id, clear=True)

    def _submit(self, modal: Modal, values: dict[str, dict[str, Any]]) -> Json:
        seen: Json = self.stage.door.do("submit", user=self.user, view_id=modal.id, values=values)
        self.stage.out.does(self.name, f"submits “{title_of(modal.view)}” with [ {submit_of(modal.view)} ]")
        return seen

    def _top_with(self, submit: str) -> Modal | None:
        top = self.top()
        return top if top and submit_of(top.view).startswith(submit) else None

    def _form_or_answer(self, submit: str, thread: "Thread", before: int) -> Modal | str:
        def look() -> tuple[Modal | str] | None:
            if modal := self._top_with(submit):
                return (modal,)
            top = self.top()
            if top and title_of(top.view) == "Not done":
                self.closes()
                return (top.words,)
            told = self.told_privately(thread)
            return (told[-1],) if len(told) > before else None

        try:
            return self.stage.door.until(look, f"a form with [ {submit} ] or an answer")[0]
        except TooLateError as late:
            top = self.top()
            there = f"“{title_of(top.view)}”: {top.words}" if top else "nothing"
            raise SceneError(f"{late}; {self.name} sees {there}") from None


class Thread:
    """A thread in the support channel and the cards in it, as an agent sees them."""

    def __init__(self, stage: Stage, ts: str) -> None:
        self.stage = stage
        self.ts = ts

    def messages(self) -> list[Json]:
        """Return everything in the thread that everybody sees."""
        shown = self.stage.door.visible(sample.ANA, sample.SUPPORT)
        return [
            one for one in shown if one.get("thread_ts", one["ts"]) == self.ts and not one.get("is_ephemeral")
        ]

    def by_bot(self) -> list[Json]:
        """Return what the bot posted in the thread, oldest first."""
        return [one for one in self.messages() if one.get("user") == sample.BOT]

    def cards(self) -> list[Json]:
        """Return the cards in the thread, oldest first."""
        return [one for one in self.by_bot() if CARD.match(one.get("text", ""))]

    def card(self, ref: str = "") -> Json | None:
        """Return the newest card, or the one of a case."""
        cards = [one for one in self.cards() if one["text"].startswith(f"{ref}:" if ref else "DD-")]
        return cards[-1] if cards else None

    def ref(self) -> str:
        """Return the name of the newest case, e.g. DD-1, as soon as it has a card."""
        card = self.stage.door.until(self.card, "a card")
        return str(CARD.match(card["text"])[1])  # type: ignore[index]  # a card is what matches

    def title(self, ref: str = "") -> str:
        """Return the headline of the card, "" without one."""
        card = self.card(ref)
        found = CARD.match(card["text"]) if card else None
        return found[2].strip() if found else ""

    def says(self, ref: str = "") -> str:
        """Return everything that the card says."""
        card = self.card(ref)
        return words_of(card) if card else "(no card)"

    def tells(self, ref: str = "") -> str:
        """Return what the card says, without its buttons and with people by their names: for the transcript."""
        lines = [line for line in self.says(ref).splitlines() if not line.startswith(("[ ", "[Policy]"))]
        said = " ".join(lines)
        for person in self.stage.cast:
            said = said.replace(f"@{person.user}", person.name)
        return said

    def until(self, *titles: str, ref: str = "", within: float = 120.0) -> str:
        """Wait until the card's headline begins with one of these; show it in the transcript and return it."""
        wanted = " or ".join(f"“{one}”" for one in titles)
        try:
            title = self.stage.door.until(
                lambda: next((now for now in [self.title(ref)] if now.startswith(titles)), None),
                f"the card to say {wanted}",
                within=within,
            )
        except TooLateError as late:
            raise SceneError(
                f"{late}; it says: {self.says(ref)}\n{self.stage.world.app.log_tail(8)}"
            ) from None
        self.stage.out.bot(self.tells(ref))
        return title

    def until_says(self, words: str, *, ref: str = "", within: float = 120.0) -> None:
        """Wait until the card contains these words."""
        try:
            self.stage.door.until(lambda: words in self.says(ref), f"“{words}” on the card", within=within)
        except TooLateError as late:
            raise SceneError(f"{late}; it says: {self.says(ref)}") from None

    def until_redrawn(self, *, within: float = 6.0) -> None:
        """Wait until the newest card is another than now, or a while has passed."""
        before = self.card()
        try:
            self.stage.door.until(lambda: self.card() != before, "a new card", within=within)
        except TooLateError:
            return
