"""Modals that are filled in after they were shown, because outside systems have to be asked first."""

import logging
from collections.abc import Callable

from slack_sdk.errors import SlackApiError
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_fixed

from handlers.clicks import Click, Reply, open_modal
from handlers.edge import Edge
from handlers.language import t
from handlers.views.blocks import View
from handlers.views.notice import notice, waiting

log = logging.getLogger(__name__)

# The acknowledgement that puts the skeleton up travels back while the work is already running.
PATIENCE = 5.0


def open_and_fill(edge: Edge, click: Click, *, title: str, sentence: str, work: Callable[[], View]) -> None:
    """Open a skeleton with the click's trigger at once; replace it by what `work` returns."""
    view_id, view_hash = open_modal(edge, click, waiting(title, sentence))
    if view_id:
        edge.submit(lambda: _fill(title, work, lambda view: _by_id(edge, view, view_id, view_hash)))


def replace_and_fill(
    edge: Edge, click: Click, *, title: str, sentence: str, work: Callable[[], View]
) -> Reply:
    """Answer a submission with a skeleton in its place; replace that by what `work` returns.

    The skeleton has an external id of its own: updating by it cannot overtake the acknowledgement that shows it.
    """
    external_id = f"{click.view_id}-{click.view_hash}"[:255]
    skeleton = waiting(title, sentence) | {"external_id": external_id}
    edge.submit(lambda: _fill(title, work, lambda view: _by_external_id(edge, view, external_id)))
    return {"response_action": "update", "view": skeleton}


def replace_open(edge: Edge, click: Click, view: View) -> None:
    """Show another form in place of the one in which something was pressed."""
    _quietly(lambda: _by_id(edge, view, click.view_id, click.view_hash))


def _fill(title: str, work: Callable[[], View], show: Callable[[View], None]) -> None:
    try:
        view = work()
    except Exception:
        # A bug must not leave the person before a skeleton for ever; it stays a bug and is raised.
        _quietly(
            lambda: show(
                notice(
                    title, t("Something went wrong here and was logged. The card shows how the case stands.")
                )
            )
        )
        raise
    _quietly(lambda: show(view))


def _quietly(show: Callable[[], None]) -> None:
    try:
        show()
    except SlackApiError as error:
        code = error.response.get("error")
        if code not in {"not_found", "hash_conflict"}:
            raise
        # Closed in the meantime: whatever was decided is on the card.
        log.info("a modal was gone before it could be filled (%s)", code)


def _by_id(edge: Edge, view: View, view_id: str, view_hash: str) -> None:
    edge.client.views_update(view_id=view_id, hash=view_hash, view=view)


def _by_external_id(edge: Edge, view: View, external_id: str) -> None:
    attempts = Retrying(
        stop=stop_after_delay(PATIENCE),
        wait=wait_fixed(0.05),
        retry=retry_if_exception(_is_not_there_yet),
        reraise=True,
    )
    for attempt in attempts:
        with attempt:
            edge.client.views_update(external_id=external_id, view=view)


def _is_not_there_yet(error: BaseException) -> bool:
    return isinstance(error, SlackApiError) and error.response.get("error") == "not_found"
