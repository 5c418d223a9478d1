"""The entries of systems.yaml beyond the plain ones: what they may say, and mistakes answered with line and cure."""

from pathlib import Path

import pytest

from services.marked_yaml import SystemsFileError
from services.systems_file import (
    AccountConfig,
    ByHandConfig,
    ConversationConfig,
    DatabaseConfig,
    HttpApiConfig,
    SystemsConfig,
    load,
)

HEAD = """\
company: Fernleaf
people: {approvers: [ULEA]}
systems:
"""
ACCOUNT = """\
  account:
    kind: account_sql
    url: SHOP_DATABASE_URL
    table: users
    email: email
    deactivate: {status: closed}
    also_delete: [sessions, {table: tokens, match: "user_ref = :key"}]
    still_open: "SELECT count(*) FROM logins WHERE user_id = :key"
    warnings: {staff: {count: "SELECT count(*) FROM staff WHERE lower(email) = :email", text: "staff", blocks: yes}}
"""
HELPDESK = "  helpdesk: {kind: http_api, definition: zendesk, runs: last}\n"
LOGIN = "  login: {kind: account_http, definition: zendesk, mode: remove}\n"
TICKETS = '  tickets: {kind: by_hand, label: Tickets, do: "delete the ticket", runs: first}\n'
CONVERSATION = (
    "  conversation: {kind: conversation, action: delete, token: SLACK_ADMIN_TOKEN, when: before}\n"
)
GOOD = HEAD + ACCOUNT + HELPDESK + LOGIN + TICKETS + CONVERSATION


def loaded(folder: Path, text: str) -> SystemsConfig:
    path = folder / "systems.yaml"
    path.write_text(text)
    return load(path)


def test_everything_that_an_entry_may_say(tmp_path: Path) -> None:
    """What docs/systems.md shows is read, and the secret with the admin's token is among those that are needed."""
    config = loaded(tmp_path, GOOD)
    account, helpdesk, login, tickets, conversation = config.systems
    assert isinstance(account, AccountConfig)
    assert account.also_delete == ("sessions", "tokens")
    assert account.matches == (("tokens", "user_ref = :key"),)
    assert account.warnings[0].blocks
    assert isinstance(helpdesk, HttpApiConfig)
    assert (helpdesk.runs, helpdesk.is_account) == ("last", False)
    assert isinstance(login, HttpApiConfig)
    assert (login.runs, login.is_account, login.does) == ("first", True, "remove")
    assert isinstance(tickets, ByHandConfig)
    assert (tickets.do, tickets.runs) == ("delete the ticket", "first")
    assert isinstance(conversation, ConversationConfig)
    assert (conversation.token, conversation.after) == ("SLACK_ADMIN_TOKEN", False)
    assert "SLACK_ADMIN_TOKEN" in config.secret_names


def test_a_databases_questions(tmp_path: Path) -> None:
    """Warnings of a database are read with their text."""
    (tmp_path / "shop.yaml").write_text(
        "subject: {table: c, key: id, identify: {email: email}}\ntables: {}\n"
    )
    shop = (
        "  shop: {kind: database, url: SHOP_DATABASE_URL, map: shop.yaml, warnings: {o: "
        '{count: "SELECT count(*) FROM teams WHERE owner = :key", text: "last owner"}}}\n'
    )
    one = loaded(tmp_path, HEAD + shop + CONVERSATION).systems[0]
    assert isinstance(one, DatabaseConfig)
    assert (one.warnings[0].name, one.warnings[0].text, one.warnings[0].blocks) == ("o", "last owner", False)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("action: delete, token: SLACK_ADMIN_TOKEN", "action: delete", "a bot token cannot delete"),
        ("token: SLACK_ADMIN_TOKEN", "token: xoxp-123-secret", "name of a secret"),
        ("when: before", "when: sometime", "`when: sometime` is not known"),
        ("runs: last", "runs: lasst", "Did you mean `last`?"),
        ("mode: remove", "mode: destroy", "`mode: destroy` is not known"),
        ('match: "user_ref = :key"', 'match: "user_ref = 1"', "is not a condition on :key"),
        ('match: "user_ref = :key"', 'match: "true; --", x: y', "is no list of tables"),
        ("SELECT count(*) FROM logins", "DELETE FROM logins", "has to be one SELECT"),
        ("user_id = :key", "user_id = 4", "has to ask about :key"),
        ("lower(email) = :email", "lower(email) = :name", "has to ask about :email or :key"),
        ("blocks: yes", "blocks: sure", "yes or no"),
        ("kind: by_hand, ", "kind: by_hand, action: keep, ", "needs its legal ground"),
    ],
)
def test_mistakes_name_line_and_cure(tmp_path: Path, old: str, new: str, says: str) -> None:
    """Every mistake is refused at load with its line and a cure; no secret is repeated."""
    assert old in GOOD
    with pytest.raises(SystemsFileError) as refused:
        loaded(tmp_path, GOOD.replace(old, new))
    assert says in str(refused.value)
    assert refused.value.cure
    assert refused.value.line > 3
    assert "xoxp" not in str(refused.value).replace("(xoxp-…)", "")
