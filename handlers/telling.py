"""The forms by which the customer hears from us: the question, the closing message, a refusal."""

from handlers import ids
from handlers.clicks import Click, Reply
from handlers.edge import Edge
from handlers.language import later, t
from handlers.panes import replace_and_fill
from handlers.questions import asked_by_channel, asked_in
from handlers.replies import ended
from handlers.views.asking import IN_THREAD
from handlers.views.ending import refused_view, sent_view
from handlers.ways import address_at, channel_of
from services import asking, closing, confirmation, interim, oversight
from services.asking import COPIED
from services.domain.denials import Denied, Why

HELP_DESK_PLACE = later("Write the number of the help desk's conversation, or its address.")


def ask(edge: Edge, form: Click) -> Reply:
    """Put the question on record: posted, sent by a channel, or sent by the agent, who attests it by submitting.

    Whether an address is on file every system is asked, so a skeleton stands in until they have answered.
    """
    channel, address = channel_of(form.choice(ids.CHANNEL)), form.text(ids.ADDRESS)
    way = edge.desk.channel(channel)
    if way is not None and not way.recipient(address):
        said = (
            t("Write exactly one e-mail address to send it to.") if way.carries_link else t(HELP_DESK_PLACE)
        )
        return {"response_action": "errors", "errors": {ids.ADDRESS: said}}
    if way is not None:
        return replace_and_fill(
            edge,
            form,
            title=t("Ask the customer"),
            sentence=t("Every system is asked whether this address is on file."),
            work=lambda: asked_by_channel(edge, form, channel=channel, address=address),
        )
    language, block = asked_in(edge, form)
    asked = asking.ask(
        edge.desk,
        case_id=form.case_id,
        version=form.version,
        actor=form.actor,
        channel=channel,
        intro=form.text(block),
        language=language,
    )
    fields = {Why.FALSE_CLAIM: block}
    return ended(edge, form, asked, fields=fields, typed=((t("Your text"), form.text(block)),))


def refuse(edge: Edge, form: Click) -> Reply:
    """Refuse the request, or what is left of it, and show or post what the customer is told."""
    ground, (channel, address) = form.text(ids.GROUND), way_chosen(edge, form)
    in_thread = channel != COPIED
    refused = oversight.refuse(
        edge.desk,
        case_id=form.case_id,
        version=form.version,
        actor=form.actor,
        ground=ground,
        channel=channel,
        address=address,
        legal_ground=form.choice(ids.LEGAL_GROUND),
    )
    if isinstance(refused, Denied):
        fields = dict.fromkeys((Why.NO_REASON, Why.FALSE_CLAIM), ids.GROUND)
        fields[Why.DATA_FOUND] = ids.LEGAL_GROUND
        return ended(edge, form, refused, fields=fields, typed=((t("Ground"), ground),))
    text = oversight.refusal_text(edge.desk, refused, ground, legal_ground=form.choice(ids.LEGAL_GROUND))
    return {"response_action": "update", "view": refused_view(refused, text, in_thread=in_thread)}


def withdraw(edge: Edge, form: Click) -> Reply:
    """Record that the customer took the request back, and tell them so where the agent wants that."""
    said, (channel, address) = form.text(ids.WORDS), way_chosen(edge, form)
    withdrawn = confirmation.withdraw(
        edge.desk,
        case_id=form.case_id,
        version=form.version,
        actor=form.actor,
        reason=said,
        channel=channel,
        address=address,
    )
    if isinstance(withdrawn, Denied) or not channel:
        return ended(edge, form, withdrawn, typed=((t("Their words"), said),))
    file = edge.desk.cases.file(withdrawn.id)
    title = t("Taken back · {ref}", ref=withdrawn.ref)
    view = sent_view(title, file.closing_text if file else "", in_thread=channel != COPIED)
    return {"response_action": "update", "view": view}


def tell_customer(edge: Edge, form: Click) -> Reply:
    """Post or send the closing message, or record that the agent sent it; the agent's own words are the greeting."""
    case = edge.desk.cases.get(form.case_id)
    language = asking.language_of(edge.desk, case) if case else "en"
    greeting = form.text(ids.GREETING)
    channel, address = way_chosen(edge, form)
    if channel in {IN_THREAD, COPIED}:
        send = closing.send_in_thread if channel == IN_THREAD else closing.attest_sent
        sent = send(
            edge.desk,
            case_id=form.case_id,
            version=form.version,
            actor=form.actor,
            intro=greeting,
            language=language,
        )
    else:
        sent = closing.send_by_channel(
            edge.desk,
            case_id=form.case_id,
            version=form.version,
            actor=form.actor,
            channel=channel,
            address=address,
            intro=greeting,
            language=language,
        )
    return ended(edge, form, sent, fields={Why.FALSE_CLAIM: ids.GREETING}, typed=((t("Greeting"), greeting),))


def tell_in_between(edge: Edge, form: Click) -> Reply:
    """Tell the customer how it stands while a system is waited for."""
    case = edge.desk.cases.get(form.case_id)
    greeting = form.text(ids.GREETING)
    channel, address = way_chosen(edge, form)
    told = interim.tell(
        edge.desk,
        case_id=form.case_id,
        version=form.version,
        actor=form.actor,
        channel=channel,
        address=address,
        intro=greeting,
        language=asking.language_of(edge.desk, case) if case else "en",
    )
    return ended(edge, form, told, fields={Why.FALSE_CLAIM: ids.GREETING}, typed=((t("Greeting"), greeting),))


def way_chosen(edge: Edge, form: Click) -> tuple[str, str]:
    """Return the channel and the address that were chosen to tell the customer something."""
    file = edge.desk.cases.file(form.case_id)
    channel, address = address_at(file, form.choice(ids.CHANNEL)) if file else (form.choice(ids.CHANNEL), "")
    return channel_of(channel), address
