"""The registered listeners behind a real Bolt app on the Slack look-alike: what people click, and what they are told."""

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from slack_bolt import App, BoltRequest
from slack_sdk import WebClient

from bot.playground.slack import LookalikeSettings, SlackLookalike
from bot.playground.slack.sample import ANA, BEN, BOT, LEA, MAYA, OLGA, OTTO, SUPPORT, TEAM, TOM
from handlers import ids, register
from handlers.cards import card_message, closing_message, question_message
from handlers.edge import Edge
from handlers.messages import Post
from services import deletion, verifying
from services.domain.case import State
from services.domain.people import Roles
from services.domain.record import Case
from services.intake import Incoming, take_in
from tests.properties.world import World, make_world

TEXT = "erase_data delete my data, I am maya@example.org"
ROLES = Roles(
    team_id=TEAM, agents=frozenset({ANA, BEN}), approvers=frozenset({LEA, TOM}), operators=frozenset({OLGA})
)
ANSWER = {
    ids.SCOPE: "all_personal_data",
    ids.WORDS: "Yes, all of it",
    ids.CHANNEL: "thread",
    ids.PROOF: "signed_in",
}

BEHIND = {ids.WITHDRAW, ids.REFUSE, ids.HAND_OVER, ids.EXTEND, ids.LAWS}


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["content-length"])).decode()
        answer = self.server.app.dispatch(BoltRequest(body=raw, headers=dict(self.headers.items())))
        self.send_response(answer.status)
        for name, values in answer.headers.items():
            for value in values:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write((answer.body or "").encode())

    def log_message(self, *_args: Any) -> None:
        """Keep the test output clean."""


@dataclass
class Stage:
    """Slack, the app and one case with its card."""

    slack: SlackLookalike
    client: WebClient
    world: World
    later: list[Post] = field(default_factory=list)
    thread: str = ""
    card: str = ""
    case_id: str = ""
    edge: Edge | None = None

    @property
    def case(self) -> Case:
        case = self.world.cases.get(self.case_id)
        assert case is not None
        return case

    def open(self, text: str = TEXT) -> None:
        self.thread = self.slack.say(MAYA, SUPPORT, text)
        taken = take_in(
            self.world.desk,
            Incoming(
                team_id=TEAM,
                channel=SUPPORT,
                ts=self.thread,
                text=text,
                at=self.world.clock.now(),
                author=MAYA,
            ),
        )
        assert taken.case is not None
        self.case_id = taken.case.id
        shown = card_message(self.world.desk, self.case, self.world.cases.file(self.case_id))
        self.card = str(self.client.chat_postMessage(channel=SUPPORT, thread_ts=self.thread, **shown)["ts"])

    def redraw(self) -> None:
        shown = card_message(self.world.desk, self.case, self.world.cases.file(self.case_id))
        self.client.chat_update(channel=SUPPORT, ts=self.card, **shown)

    def click(self, user: str, action_id: str, *, redraw: bool = True, stale: bool = False) -> None:
        if redraw:
            self.redraw()
        option = None
        if not stale and action_id in BEHIND:
            # Behind "…": the option's value names the button.
            action_id, option = ids.MORE, f"{action_id}|{self.case_id}:{self.case.version}"
        assert self.slack.click(user, SUPPORT, self.card, action_id, value=option, stale=stale).acked

    def view(self, user: str, title: str) -> dict[str, Any]:
        """Return the modal in front once it has this title and nothing is being waited for."""

        def is_there() -> bool:
            views = self.slack.views(user)
            return (
                bool(views)
                and title in views[-1]["title"]["text"]
                and "few seconds" not in str(views[-1]["blocks"])
            )

        assert self.slack.wait_until(is_there), (
            f"no “{title}” for {user}: {[v['title'] for v in self.slack.views(user)]}"
        )
        return self.slack.views(user)[-1]

    def submit(self, user: str, title: str, **values: Any) -> Any:
        filled = {block_id: {ids.VALUE: value} for block_id, value in values.items()}
        return self.slack.submit(user, self.view(user, title)["id"], filled)

    def told(self, user: str, words: str) -> bool:
        """Whether this person, and nobody else, is shown a message with these words."""

        def is_there() -> bool:
            seen = self.slack.visible(user, SUPPORT)
            return any(words in str(one) for one in seen if one.get("is_ephemeral"))

        return self.slack.wait_until(is_there)

    def answered(self) -> None:
        """Ask and record that the customer wants everything."""
        self.click(ANA, ids.ASK)
        self.submit(ANA, "Ask", channel="thread")
        self.click(ANA, ids.RECORD)
        assert self.submit(ANA, "Answer", **ANSWER).outcome == "closed"

    def planned(self) -> None:
        """Search, decide every match, and see the plan."""
        self.answered()
        self.click(ANA, ids.IDENTIFY)
        self.submit(ANA, "Who is this?", control="replied from the address on file")
        view = self.view(ANA, "Who is this?")
        fields = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
        assert self.submit(ANA, "Who is this?", **dict.fromkeys(fields, "theirs")).outcome == "updated"
        self.view(ANA, "Plan")

    def run(self) -> None:
        """Play the engine."""
        case, desk = self.case, self.world.desk
        assert deletion.begin(desk, case.id, case.revision)
        assert deletion.check_drift(desk, case.id, case.revision)
        for names in deletion.groups_to_run(desk, case.id, case.revision):
            deletion.run_group(desk, case.id, case.revision, names)
        names = verifying.begin_verification(desk, case.id, case.revision)
        verifying.verify_systems(desk, case.id, case.revision, names)
        verifying.conclude(desk, case.id, case.revision)


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A Slack with the app behind it over HTTP, and a desk in memory with three systems."""
    world = make_world(cooling_off_all=timedelta(hours=1), languages=("en", "de"))
    world.desk = replace(world.desk, roles=ROLES)
    with (
        SlackLookalike(settings=LookalikeSettings(rate_limits=False)) as slack,
        ThreadPoolExecutor(4) as executor,
    ):
        client = WebClient(token=slack.bot_token, base_url=slack.base_url)
        quiet = logging.getLogger("bolt-under-test")
        quiet.setLevel(logging.CRITICAL)
        app = App(
            client=client, signing_secret=slack.signing_secret, process_before_response=True, logger=quiet
        )
        stage = Stage(slack=slack, client=client, world=world)
        edge = Edge(
            desk=world.desk,
            client=client,
            submit=lambda work: executor.submit(work) and None,
            take_in_later=stage.later.append,
            bot_user_id=BOT,
            workspace_url="https://fernleaf.slack.example/",
        )
        stage.edge = edge
        register(app, edge)
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        server.daemon_threads = True
        server.app = app  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        slack.set_request_url(f"http://127.0.0.1:{server.server_address[1]}/slack/events")
        yield stage
        slack.settle()
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_whole_way_of_everything(stage: Stage):
    """Ask, record, identify, plan, approve by another person, tell: each step by clicks alone."""
    stage.open()
    stage.planned()
    assert stage.submit(ANA, "Plan").outcome == "closed"
    assert stage.case.state is State.AWAITING_APPROVAL
    stage.click(LEA, ids.APPROVE)
    shown = str(stage.view(LEA, "Approve")["blocks"])
    assert "Yes, all of it" in shown, "the approver sees the customer's reply (design rule 2)"
    assert "signed in to the account" in shown, "and the proof"
    wrong = stage.submit(LEA, "Approve", typed="DD-9")
    assert ids.TYPED in wrong.errors
    assert stage.submit(LEA, "Approve", typed=stage.case.ref).outcome == "updated"
    assert stage.case.state is State.APPROVED
    stage.world.clock.forward(timedelta(hours=2))
    stage.run()
    assert stage.case.state is State.NOTIFYING
    stage.click(BEN, ids.CLOSE)
    assert stage.submit(BEN, "Tell", channel="by_hand").outcome == "closed"
    assert stage.case.state is State.COMPLETED
    stage.redraw()


def test_a_closing_message_in_the_thread_waits_for_the_posting(stage: Stage):
    """Choosing the thread records the text; only the posting itself is the evidence (design rule 5)."""
    stage.open()
    stage.planned()
    stage.submit(ANA, "Plan")
    stage.click(LEA, ids.APPROVE)
    stage.submit(LEA, "Approve", typed=stage.case.ref)
    stage.world.clock.forward(timedelta(hours=2))
    stage.run()
    stage.click(BEN, ids.CLOSE)
    stage.submit(BEN, "Tell", channel="thread")
    assert stage.case.state is State.NOTIFYING
    file = stage.world.cases.file(stage.case_id)
    assert file is not None
    assert "closing_all" in closing_message(stage.case, file)["text"]
    assert "ask_choices" in question_message(stage.world.desk, stage.case, file)["text"]
    stage.click(BEN, ids.CLOSE)
    assert "another way" in str(stage.slack.visible(BEN, SUPPORT)), "no dead end while it is on its way"


def test_an_account_is_closed_by_one_agent(stage: Stage):
    """`account_only` needs no second person; its form says what stays."""
    stage.open()
    stage.click(ANA, ids.ASK)
    stage.submit(ANA, "Ask", channel="by_hand")
    stage.click(ANA, ids.RECORD)
    stage.submit(ANA, "Answer", **(ANSWER | {ids.SCOPE: "account_only"}))
    stage.click(ANA, ids.IDENTIFY)
    stage.submit(ANA, "Who is this?", control="signed in")
    view = stage.view(ANA, "Who is this?")
    fields = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
    stage.submit(ANA, "Who is this?", **dict.fromkeys(fields, "theirs"))
    assert "Not touched by this scope" in str(stage.view(ANA, "Plan")["blocks"])
    assert stage.submit(ANA, "Plan").outcome == "closed"
    assert stage.case.state is State.APPROVED


def test_an_answer_without_a_question_is_refused_at_the_field(stage: Stage):
    """A message that says "delete my data" is no answer to which of the two; nothing typed is lost."""
    stage.open()
    stage.click(ANA, ids.RECORD)
    refused = stage.submit(ANA, "Answer", **ANSWER)
    assert "Ask first" in refused.errors[ids.SCOPE]
    assert stage.case.state is State.DETECTED


def test_missing_words_and_proof_are_named_at_their_fields(stage: Stage):
    """The agent sees at once which field has to be filled in."""
    stage.open()
    stage.click(ANA, ids.ASK)
    stage.submit(ANA, "Ask", channel="thread")
    stage.click(ANA, ids.RECORD)
    assert stage.submit(ANA, "Answer", scope="all_personal_data").missing == [ids.WORDS, ids.PROOF]
    assert ids.PROOF_DETAIL in stage.submit(ANA, "Answer", words="yes", proof="other").errors
    assert stage.submit(ANA, "Answer", proof_detail="called back").outcome == "closed"


def test_the_slower_of_two_agents_is_told_who_was_first(stage: Stage):
    """Both had the form open; the second one's click changes nothing and says so, with what was typed (rule 6)."""
    stage.open()
    stage.click(ANA, ids.ASK)
    stage.click(BEN, ids.ASK)
    assert stage.submit(ANA, "Ask", channel="by_hand").outcome == "closed"
    late = stage.submit(BEN, "Ask", channel="by_hand", intro="Hello from Ben")
    assert late.outcome == "updated"
    assert f"<@{ANA}> asked the customer" in str(late.view)
    assert "Hello from Ben" in str(late.view)


def test_a_button_of_an_older_card_is_answered(stage: Stage):
    """A screen that lagged behind gets a sentence, not silence (design rule 10)."""
    stage.open()
    stage.click(ANA, ids.ASK)
    stage.submit(ANA, "Ask", channel="by_hand")
    stage.click(BEN, ids.DISMISS, redraw=False)
    assert "asked the customer" in str(stage.view(BEN, "Not done"))


@pytest.mark.parametrize("action_id", [ids.SHOW_MESSAGE, ids.ASK, ids.DISMISS])
def test_an_outsider_sees_nothing_and_is_told_why(stage: Stage, action_id: str):
    """Somebody of another company in a shared channel gets an answer and no data; the try is on record (rule 2)."""
    stage.open()
    stage.click(OTTO, action_id)
    assert stage.told(OTTO, "own company's agents")
    assert not stage.slack.views(OTTO)
    assert [one.entry.actor for one in stage.world.cases.ledger() if one.entry.action == "refused_click"] == [
        OTTO
    ]


def test_who_took_part_cannot_approve_and_who_is_no_approver_neither(stage: Stage):
    """The approver's form, with the customer's words in it, opens for approvers only (design rule 2)."""
    stage.open()
    stage.planned()
    stage.submit(ANA, "Plan")
    stage.click(BEN, ids.APPROVE)
    assert stage.told(BEN, "Only people on the approver list")
    assert not stage.slack.views(BEN)


def test_an_unknown_button_form_and_shortcut_are_answered(stage: Stage):
    """What an older version of the app drew still gets an answer (design rule 10)."""
    old = [
        {
            "type": "actions",
            "elements": [
                {
                    "type": "button",
                    "action_id": "gone",
                    "value": "x",
                    "text": {"type": "plain_text", "text": "Old"},
                }
            ],
        }
    ]
    ts = str(stage.client.chat_postMessage(channel=SUPPORT, text="old", blocks=old)["ts"])
    assert stage.slack.click(ANA, SUPPORT, ts, "gone").acked
    assert stage.told(ANA, "older version")
    message = stage.slack.say(MAYA, SUPPORT, "hello")
    assert stage.slack.message_shortcut(ANA, SUPPORT, message, "gone").acked
    assert "older version" in str(stage.view(ANA, "Not done"))


def test_a_system_that_is_down_stops_the_choice_and_is_named(stage: Stage):
    """Nothing is decided as long as a system that matters was not asked (design rule 4)."""
    stage.open()
    stage.answered()
    stage.world.shelves[1].mood = type(stage.world.shelves[1].mood)("down")
    stage.click(ANA, ids.IDENTIFY)
    stage.submit(ANA, "Who is this?", control="replied")
    view = stage.view(ANA, "Who is this?")
    assert view["callback_id"] == ids.SEARCH_AGAIN_FORM
    assert "Activecampaign does not answer" in str(view["blocks"])
    stage.world.shelves[1].mood = type(stage.world.shelves[1].mood)("well")
    stage.submit(ANA, "Who is this?")
    assert stage.slack.wait_until(lambda: stage.slack.views(ANA)[-1]["callback_id"] == ids.IDENTITY_FORM)


def test_the_brake_asks_first_and_only_an_operator_releases(stage: Stage):
    """`/deletion stop` halts everything after one question (design rule 11)."""
    stage.slack.command(ANA, SUPPORT, "/deletion", "stop")
    assert not stage.world.switch.halted()
    stage.submit(ANA, "Stop everything")
    assert stage.world.switch.halted()
    stage.slack.command(ANA, SUPPORT, "/deletion", "release")
    assert stage.told(ANA, "Only an operator")
    stage.slack.command(OLGA, SUPPORT, "/deletion", "release")
    assert not stage.world.switch.halted()


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("", "Open cases, due first"),
        ("list mine", "Cases you took part in"),
        ("list due", "Due within a week"),
        ("help", "halt every run"),
        ("case DD-1001", "Deletion request?"),
        ("case 9", "There is no case DD-9"),
        ("opne x", "/deletion open"),
        ("list mien", "/deletion list mine"),
        ("open nothing", "Add the link"),
        ("<!channel>", "do not know"),
    ],
)
def test_every_word_behind_the_command_is_answered(stage: Stage, typed: str, answer: str):
    """A typo gets the nearest command; nothing is ever left without an answer, and only the asker sees it."""
    stage.open()
    assert stage.slack.command(BEN, SUPPORT, "/deletion", typed).acked
    assert stage.told(BEN, answer)
    assert not [one for one in stage.slack.visible(MAYA, SUPPORT) if one.get("is_ephemeral")]


def test_the_command_refuses_people_who_are_no_agents(stage: Stage):
    """Cases are listed to agents only."""
    stage.open()
    stage.slack.command(MAYA, SUPPORT, "/deletion", "list")
    assert stage.told(MAYA, "Only people on the agent list")


def test_opening_by_hand_goes_through_the_durable_inbox(stage: Stage):
    """Shortcut, link and mention write the message down before they answer (design section 5)."""
    ts = stage.slack.say(MAYA, SUPPORT, "I would like to be forgotten")
    stage.slack.message_shortcut(ANA, SUPPORT, ts, ids.OPEN_CASE)
    link = f"https://fernleaf.slack.example/archives/{SUPPORT}/p{ts.replace('.', '')}"
    stage.slack.command(ANA, SUPPORT, "/deletion", f"open {link}")
    stage.slack.say(BEN, SUPPORT, f"<@{BOT}>", thread_ts=ts)
    assert stage.slack.wait_until(lambda: len(stage.later) == 3)
    assert [(one.kind, one.opened_by) for one in stage.later] == [
        ("shortcut", ANA),
        ("command", ANA),
        ("mention", BEN),
    ]
    assert stage.later[0].text == "I would like to be forgotten"
    assert stage.later[0].ts == stage.later[1].ts == stage.later[2].thread_ts == ts
    assert stage.told(BEN, "A case is being opened")


def test_a_mention_in_the_thread_of_a_case_shows_it_and_customers_are_answered_too(stage: Stage):
    """`@bot` shows the case to an agent; a customer is told how to ask (issue: non-agents get an answer too)."""
    stage.open()
    stage.slack.say(ANA, SUPPORT, f"<@{BOT}>", thread_ts=stage.thread)
    assert stage.told(ANA, "Deletion request?")
    stage.slack.say(MAYA, SUPPORT, f"<@{BOT}> hello?", thread_ts=stage.thread)
    assert stage.told(MAYA, "a person will answer you")
    stage.slack.say(BEN, SUPPORT, f"<@{BOT}> help")
    assert stage.told(BEN, "halt every run")
    assert stage.later == []


def test_a_mention_that_asks_for_a_form_says_where_it_opens(stage: Stage):
    """Behind a mention no form can be opened: the words that need one say so, with the case."""
    stage.open()
    stage.slack.say(LEA, SUPPORT, f"<@{BOT}> hold {stage.case.ref}")
    assert stage.told(LEA, "is held and released with")
    stage.slack.say(ANA, SUPPORT, f"<@{BOT}> remind {stage.case.ref}")
    assert stage.told(ANA, "waits neither for the customer")


def test_a_dismissal_is_undone_from_the_card(stage: Stage):
    """Dismissing needs a reason and can be taken back within the window."""
    stage.open()
    stage.click(BEN, ids.DISMISS)
    assert stage.submit(BEN, "No request").outcome == "missing"
    stage.submit(BEN, "No request", reason="how_to")
    assert stage.case.state is State.DISMISSED
    stage.click(ANA, ids.UNDO)
    assert stage.case.state is State.DETECTED


def test_a_refusal_shows_the_text_that_the_customer_is_told(stage: Stage):
    """The agent can copy the text before it is destroyed with the case."""
    stage.open()
    stage.click(ANA, ids.REFUSE)
    told = {"ground": "we could not find out who you are", "channel": "by_hand"}
    early = stage.submit(ANA, "Refuse", legal_ground="no_data", **told)
    assert set(early.errors) == {"legal_ground"}, "nobody has searched, so nobody knows that we hold nothing"
    refused = stage.submit(ANA, "Refuse", legal_ground="not_identified", **told)
    assert "we could not find out who you are" in str(refused.view)
    assert stage.case.state is State.REFUSED


def test_the_customer_is_asked_in_the_language_that_the_agent_picks(stage: Stage):
    """Among those whose texts the operator has read; the form, its field and the record are in that language."""
    stage.open()
    value = f"{stage.case.id}:{stage.case.version}"

    def pick(language: str) -> set[str]:
        form = stage.view(ANA, "Ask")
        stage.slack.act_in_view(ANA, form["id"], ids.ASK_LANGUAGE, value=f"{language}|{value}")
        assert stage.slack.wait_until(lambda: stage.slack.views(ANA)[-1]["hash"] != form["hash"])
        return {one["block_id"] for one in stage.view(ANA, "Ask")["blocks"] if one["type"] == "input"}

    stage.click(ANA, ids.ASK)
    german = f"{ids.INTRO}1"
    assert german in pick("de")
    assert german not in pick("en"), "each language has a field of its own: Slack keeps what stands in one"
    pick("de")
    assert stage.submit(ANA, "Ask", channel="by_hand", **{german: "Guten Tag"}).outcome == "closed"
    assert stage.case.question.language == "de"
    assert "Guten Tag" in stage.world.cases.file(stage.case_id).question_text


def test_a_customer_is_answered_in_the_language_they_were_asked_in(stage: Stage):
    """The record quotes the button as they read it, English beside it; the thanks are in their language (rules 2, 10)."""
    stage.open()
    value = f"{stage.case.id}:{stage.case.version}"
    stage.click(ANA, ids.ASK)
    form = stage.view(ANA, "Ask")
    stage.slack.act_in_view(ANA, form["id"], ids.ASK_LANGUAGE, value=f"de|{value}")
    assert stage.slack.wait_until(lambda: stage.slack.views(ANA)[-1]["hash"] != form["hash"])
    stage.submit(ANA, "Ask", channel="thread", **{f"{ids.INTRO}1": "Guten Tag"})
    asked = question_message(stage.world.desk, stage.case, stage.world.cases.file(stage.case_id))
    ts = str(stage.client.chat_postMessage(channel=SUPPORT, thread_ts=stage.thread, **asked)["ts"])
    assert stage.slack.click(MAYA, SUPPORT, ts, ids.CUSTOMER_ALL).acked
    assert stage.told(MAYA, "done_title de")
    assert "“all_title de (Erase everything)”" in stage.world.cases.file(stage.case_id).answer_words


def test_the_customer_takes_it_back(stage: Stage):
    """Withdrawing needs their words and ends the case."""
    stage.open()
    stage.click(ANA, ids.WITHDRAW)
    assert stage.submit(ANA, "Taken back", words="never mind").outcome == "closed"
    assert stage.case.state is State.WITHDRAWN


def test_the_customer_may_have_it_in_writing(stage: Stage):
    """With a way chosen the agent sees what the customer reads."""
    stage.open()
    stage.click(ANA, ids.WITHDRAW)
    shown = stage.submit(ANA, "Taken back", words="never mind", channel="by_hand")
    assert "Send this to the customer now" in str(shown.view)
    assert "withdrawn" in str(shown.view)
    assert stage.case.state is State.WITHDRAWN
