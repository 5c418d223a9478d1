"""The plain fallback: a workspace that refuses the `plan` block still gets its card, in words."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from slack_sdk import WebClient

from bot.playground.slack import LookalikeSettings, SlackLookalike
from bot.playground.slack.sample import ANA, BOT, MAYA, SUPPORT
from bot.publisher import Publisher
from bot.slack_thread import SlackThread
from services import deletion
from services.domain.case import State
from services.ports import PostKind
from services.storage import Post
from tests.properties.story import approved
from tests.properties.world import make_world


@dataclass
class OnePost:
    """The card of one case, due until it was posted."""

    post: Post
    ts: str = ""
    refusals: list[datetime] = field(default_factory=list)

    def due(self, _now: datetime, **_more: object) -> tuple[Post, ...]:
        return () if self.ts else (self.post,)

    def mark_intent(self, _post: Post, _at: datetime) -> bool:
        return True

    def posted(self, _post: Post, *, ts: str, **_more: object) -> None:
        self.ts = ts

    def postpone(self, _post: Post, until: datetime) -> None:
        self.refusals.append(until)


def test_a_refused_plan_block_is_replaced_by_plain_lines():
    """Slack's newest block is a nicety: where it is refused, progress is one line a system, and the card is never lost."""
    world = make_world()
    case = approved(world)
    assert deletion.begin(world.desk, case.id, case.revision)
    assert world.cases.get(case.id).state is State.DELETING
    with SlackLookalike(settings=LookalikeSettings(takes_plan_blocks=False)) as slack:
        client = WebClient(token=slack.bot_token, base_url=slack.base_url)
        post = Post(
            case_id=case.id,
            kind=PostKind.CARD,
            channel=SUPPORT,
            thread_ts=slack.say(MAYA, SUPPORT, "delete my data"),
            wanted=1,
            done=0,
            ts=None,
            intent_at=None,
            posted_at=None,
            not_before=None,
        )
        posts = OnePost(post)
        publisher = Publisher(world.desk, posts, SlackThread(client, bot_user_id=BOT, clock=world.clock))
        assert publisher.publish_due() == 0, "refused"
        world.clock.forward(timedelta(seconds=2))
        assert publisher.publish_due() == 1, "posted without the block"
        shown = [one for one in slack.visible(ANA, SUPPORT) if one["ts"] == posts.ts]
    assert "waiting" in str(shown)
    assert not [block for block in shown[0]["blocks"] if block["type"] == "plan"]
    assert posts.refusals == [], "nothing was put off for it"


def test_a_private_channel_that_is_gone_changes_no_case():
    """A misspelled case channel puts off its own post; question, closing text and card stay as they were."""
    world = make_world()
    case = approved(world)
    with SlackLookalike() as slack:
        client = WebClient(token=slack.bot_token, base_url=slack.base_url)
        post = Post(
            case_id=case.id,
            kind=PostKind.FULL_CARD,
            channel="C_NOWHERE",
            thread_ts="",
            wanted=1,
            done=0,
            ts=None,
            intent_at=None,
            posted_at=None,
            not_before=None,
        )
        posts = OnePost(post)
        publisher = Publisher(world.desk, posts, SlackThread(client, bot_user_id=BOT, clock=world.clock))
        assert publisher.publish_due() == 0
    assert len(posts.refusals) == 1
    assert world.cases.get(case.id) == case
