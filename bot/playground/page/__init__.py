"""The playground's web page: the support channel on the left, what the company holds on the right."""

from bot.playground.page.app import page_app

__all__ = ["page_app"]
