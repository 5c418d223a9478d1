"""The page's own endpoints, without a browser: what they refuse, and that a change reaches a waiting page."""

import json
import sqlite3
from contextlib import closing
from typing import Any

import httpx

from bot.playground.world import World
from tests.browser.person import ONE_MODE

pytestmark = ONE_MODE


def get(address: str, path: str) -> Any:
    return httpx.get(address + path, timeout=10).raise_for_status().json()


def test_a_waiting_page_hears_what_changed_and_nothing_else(address: str, world: World) -> None:
    """Each answer brings the parts that are newer than the page knows; an earlier playground's number counts nothing."""
    first = get(address, "world/changes?since=0&wait=0")
    assert set(first["parts"]) >= {"slack", "company", "mail", "app"}
    known, epoch = first["number"], first["epoch"]
    with closing(sqlite3.connect(world.files.shop)) as shop, shop:
        shop.execute("UPDATE customers SET city = 'Faro' WHERE id = 1")
    heard: dict[str, Any] = {}
    for _ in range(10):
        news = get(address, f"world/changes?since={known}&epoch={epoch}&wait=0.8")
        known, heard = news["number"], heard | news["parts"]
        if "company" in heard:
            break
    assert "Faro" in json.dumps(heard["company"])
    assert "mail" not in heard
    again = get(address, f"world/changes?since={known}&epoch=another&wait=0")
    assert "mail" in again["parts"]


REFUSED = [
    ("world/reset", b"{}", "text/plain", 404),
    ("world/nothing", b"{}", "application/json", 404),
    ("world/faults", b'{"rate": 0}', "application/json", 400),
    ("world/faults", b'{"down": "yes"}', "application/json", 400),
    ("world/faults", b"[]", "application/json", 400),
    ("world/app", b'{"do": "dance"}', "application/json", 400),
    ("world/hold", b"not json", "application/json", 400),
    ("world/hold", b"7", "application/json", 400),
]


def test_what_the_page_refuses(address: str) -> None:
    """Another site's form, unknown switches and malformed bodies get a status that says so, never a crash."""
    for path, body, content_type, status in REFUSED:
        answer = httpx.post(address + path, content=body, headers={"content-type": content_type}, timeout=60)
        assert answer.status_code == status, f"{path} {body!r} should answer {status}"
    assert httpx.get(f"{address}world/changes?since=abc").status_code == 400
