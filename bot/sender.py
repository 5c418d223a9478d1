"""The one place that writes to customers outside Slack: carries out the intents of `Dispatches`, each at most once."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from services import sending
from services.asking import LINK_PLACE
from services.customer.links import Links
from services.customer.texts import TemplateTexts
from services.domain.record import Case, CaseFile
from services.ports import CustomerChannel, Desk
from services.reaching import Delivery, MessageKind, Parcel, Reached
from services.storage import Queued, SqlDispatches, Status

log = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=20), timedelta(hours=1)
# After this many tries that surely sent nothing a person is told, instead of silence.
MOST_ATTEMPTS = 8
AFTER_A_BUG = timedelta(minutes=1)
# No channel takes this long over one message: whoever began it is gone.
LOST = timedelta(minutes=15)


class Sender:
    """Sends what is due. Safe to kill anywhere: an intent that was begun and never ended is for a person to decide."""

    def __init__(
        self, desk: Desk, dispatches: SqlDispatches, texts: TemplateTexts, links: Links | None
    ) -> None:
        self._desk = desk
        self._dispatches = dispatches
        self._texts = texts
        self._links = links

    def recover(self, now: datetime) -> int:
        """Call uncertain what was begun before `now` and never ended; at the start of the only process that sends."""
        begun = self._dispatches.begun(now)
        for one in begun:
            self._dispatches.end(one, Status.UNCERTAIN)
        return len(begun)

    def send_due(self) -> int:
        """Carry out everything that is due; return how many messages went out. Then tell the cases what they miss."""
        self.recover(self._desk.clock.now() - LOST)
        sent = sum(self._safely(self._send, one) for one in self._dispatches.due(self._desk.clock.now()))
        for one in self._dispatches.unnoted():
            self._safely(self._note, one)
        return sent

    def _safely(self, do: Callable[[Queued], bool], one: Queued) -> bool:
        """Do one thing; what fails waits by itself and holds up no other case's message."""
        try:
            return do(one)
        except SQLAlchemyError:
            raise
        except Exception as error:  # noqa: BLE001  # a bug with one message must not silence all others; reported by type
            log.error("%s of case %s: %s", one.kind, one.case_id, type(error).__name__)  # noqa: TRY400  # the text may be personal
            # Only what was not begun: what was begun and has no end is for a person, not for another try.
            self._dispatches.hold_back(one, self._desk.clock.now() + AFTER_A_BUG)
            return False

    def _send(self, one: Queued) -> bool:
        case, file = self._desk.cases.get(one.case_id), self._desk.cases.file(one.case_id)
        if case is None or file is None or not sending.still_wanted(case, one):
            self._dispatches.end(one, Status.CANCELLED)
            self._dispatches.noted(one)
            return False
        channel = self._desk.channel(one.channel)
        parcel = self._parcel(one, case, file) if channel else None
        if channel is None or parcel is None:
            self._dispatches.end(one, Status.NOT_SENT, evidence="this way is not set up any more")
            return False
        if not self._dispatches.mark_intent(one, self._desk.clock.now()):
            return False
        try:
            delivery = _hand_over(channel, one.kind, parcel)
        except Exception as error:  # noqa: BLE001  # a bug after the intent: nobody knows what it did; reported by type
            log.error("%s of case %s: %s", one.kind, one.case_id, type(error).__name__)  # noqa: TRY400  # the text may be personal
            delivery = Delivery(reached=Reached.UNCERTAIN, reason=type(error).__name__)
        self._end(one, delivery)
        return delivery.reached is Reached.SENT

    def _end(self, one: Queued, delivery: Delivery) -> None:
        match delivery.reached:
            case Reached.SENT:
                self._dispatches.end(one, Status.SENT, evidence=delivery.evidence)
            case Reached.UNCERTAIN:
                self._dispatches.end(one, Status.UNCERTAIN)
            case Reached.LATER if one.attempts + 1 < MOST_ATTEMPTS:
                wait = min(LONGEST_WAIT, FIRST_WAIT * 2**one.attempts)
                log.warning("%s of case %s waits %s: %s", one.kind, one.case_id, wait, delivery.reason)
                self._dispatches.postpone(one, self._desk.clock.now() + wait)
            case Reached.LATER | Reached.NOT_SENT:
                # A refusal's text would be shredded with its case: it is held for a person like an uncertain one.
                held = one.kind in sending.AFTER_THE_END
                status = Status.UNCERTAIN if held else Status.NOT_SENT
                self._dispatches.end(one, status, evidence=delivery.reason)

    def _note(self, one: Queued) -> bool:
        """Tell the case how it ended. Idempotent: a crash before `noted` makes it happen again."""
        match one.status:
            case Status.SENT:
                sending.went_out(self._desk, one, evidence=f"{one.id} ({one.evidence})")
            case Status.UNCERTAIN if not one.evidence:
                sending.is_uncertain(self._desk, one)
            case _:
                sending.could_not(self._desk, one, reason=one.evidence)
        self._dispatches.noted(one)
        return True

    def _parcel(self, one: Queued, case: Case, file: CaseFile) -> Parcel | None:
        """Return the message as it goes out; the link is put in here and kept nowhere."""
        text, contact = sending.text_of(file, one.kind), file.contact
        if not text or contact is None or contact.kind != one.channel:
            return None
        if LINK_PLACE in text:
            if self._links is None:
                return None
            text = text.replace(LINK_PLACE, self._links.address_of(case))
        language = case.question.language if case.question else "en"
        name = "subject_ask" if one.kind in {MessageKind.ASK, MessageKind.REMIND} else "subject_tell"
        subject = self._texts.render(name, language, {"company": self._desk.policy.company}).strip()
        return Parcel(key=one.id, to=contact.value, subject=f"{subject} ({case.ref})", text=text)


def _hand_over(channel: CustomerChannel, kind: MessageKind, parcel: Parcel) -> Delivery:
    match kind:
        case MessageKind.ASK:
            return channel.ask(parcel)
        case MessageKind.REMIND:
            return channel.remind(parcel)
        case _:
            return channel.tell(parcel)
