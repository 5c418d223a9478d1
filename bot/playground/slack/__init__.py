"""A Slack look-alike on loopback that is never kinder than Slack; the playground and the tests drive the real app with it."""

from bot.playground.slack.sample import sample_workspace
from bot.playground.slack.server import SlackLookalike
from bot.playground.slack.settings import LookalikeSettings
from bot.playground.slack.workspace import NotPossible, Workspace

__all__ = ["LookalikeSettings", "NotPossible", "SlackLookalike", "Workspace", "sample_workspace"]
