"""systems.yaml: what it may say, and that every mistake is answered with file, line and cure."""

from datetime import timedelta
from pathlib import Path

import pytest

from services.database.twin import FERNLEAF_MAP, FERNLEAF_SYSTEMS
from services.domain.people import Staff
from services.marked_yaml import SystemsFileError
from services.systems_file import (
    AccountConfig,
    ActiveCampaignConfig,
    ConversationConfig,
    DatabaseConfig,
    load,
)

GOOD = f"""\
company: Fernleaf
mode: enforce
people: {{agents: [UANA], approvers: [ULEA], operators: [UOPS], privacy_lead: ULEA}}
channels: [C1]
regimes: [gdpr]
cooling_off: {{all_personal_data: 90s, account_only: 0s}}
undo_dismissal: 2d
limits: {{records: 100, cases_a_day: 3}}
tolerance: {{rows: 1, share: 0.5}}
backups: "overwritten within 30 days"
systems:
{FERNLEAF_SYSTEMS}\
  activecampaign: {{kind: activecampaign, url: ACTIVECAMPAIGN_URL, token: ACTIVECAMPAIGN_TOKEN}}
  conversation: {{kind: conversation, action: manual}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.yaml").write_text(FERNLEAF_MAP)
    return tmp_path


def loaded(folder: Path, text: str) -> object:
    path = folder / "systems.yaml"
    path.write_text(text)
    return load(path)


def test_a_whole_file(folder: Path) -> None:
    """Everything that the documentation shows is read, and nothing else is assumed."""
    (folder / "systems.yaml").write_text(GOOD)
    config = load(folder / "systems.yaml")
    assert config.policy.company == "Fernleaf"
    assert config.policy.cooling_off_all == timedelta(seconds=90)
    assert config.policy.undo_window == timedelta(days=2)
    assert (config.policy.max_records, config.policy.max_cases_a_day) == (100, 3)
    assert config.policy.tolerance.allows(planned=10, now=15)
    assert config.channels == {"C1"}
    assert config.staff == Staff(
        agents=frozenset({"UANA"}), approvers=frozenset({"ULEA"}), operators=frozenset({"UOPS"})
    )
    kinds = [type(one) for one in config.systems]
    assert kinds == [DatabaseConfig, AccountConfig, ActiveCampaignConfig, ConversationConfig]
    account = config.systems[1]
    assert isinstance(account, AccountConfig)
    assert account.deactivate == (("status", "closed"), ("password_hash", None))
    assert config.secret_names == {"SHOP_DATABASE_URL", "ACTIVECAMPAIGN_URL", "ACTIVECAMPAIGN_TOKEN"}


def test_defaults(folder: Path) -> None:
    """A short file gets the careful defaults: a day of cooling-off, every regime, every channel."""
    text = (
        "company: X\npeople: {approvers: [U1]}\n"
        "systems: {talk: {kind: conversation, action: keep, ground: claims, until: '2030'}}\n"
    )
    (folder / "systems.yaml").write_text(text)
    config = load(folder / "systems.yaml")
    assert config.policy.cooling_off_all == timedelta(hours=24)
    assert config.policy.regimes == ()
    assert not config.policy.observe


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("mode: enforce", "mode: enforced", 2, "Did you mean `enforce`?"),
        ("undo_dismissal: 2d", "undo_dismissal: two days", 7, "24h"),
        ("limits:", "limit:", 8, "Did you mean `limits`?"),
        ("records: 100", "records: 0", 8, "at least 1"),
        ("records: 100", "records: true", 8, "at least 1"),
        ("[gdpr]", "[gpdr]", 5, "Known regimes"),
        ("company: Fernleaf", "company: yes", 1, "quotes"),
        ("approvers: [ULEA]", "approvers: []", 3, "nobody may approve"),
        ("channels: [C1]", "company: again", 4, "twice"),
        ("url: SHOP_DATABASE_URL, map", "url: postgresql://me:pw1234@db/shop, map", 12, "password"),
        ("token: ACTIVECAMPAIGN_TOKEN", "token: 0a1b2c3d4e5f", 23, "NAME"),
        ("map: shop.yaml", "map: shpo.yaml", 12, "does not exist"),
        ("keys_from: shop", "keys_from: shpo", 13, "Did you mean `shop`?"),
        ("kind: account_sql", "kind: acount_sql", 14, "Did you mean `account_sql`?"),
        ("    table: customers\n", "", 14, "`table` is missing"),
        ("action: manual", "action: keep", 24, "legal ground"),
        (
            "  conversation: {kind: conversation, action: manual}\n",
            "",
            12,
            "conversation: {kind: conversation",
        ),
        ("mode: enforce", "mode: [enforce", 3, "not valid YAML"),
        ("channels: [C1]", "channels: [C1, {a: b}]", 4, "has to be a text"),
        ("limits: {records: 100, cases_a_day: 3}", "limits: 7", 8, "name: value"),
    ],
)
def test_every_mistake_has_a_line_and_a_cure(folder: Path, old: str, new: str, line: int, words: str) -> None:
    """One readable error: file, line, what is wrong, what to do; a secret is never repeated."""
    assert old in GOOD
    with pytest.raises(SystemsFileError) as caught:
        loaded(folder, GOOD.replace(old, new, 1))
    assert words in str(caught.value)
    assert caught.value.line == line, str(caught.value)
    assert str(caught.value).startswith(f"{folder / 'systems.yaml'}:{line}: ")
    assert "pw1234" not in str(caught.value)
    assert "0a1b2c" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "just words", "- a\n- b\n", "\x00", "&a [*a]"])
def test_what_is_no_such_file_at_all(folder: Path, text: str) -> None:
    """Neither an empty file nor any other YAML gets a traceback."""
    with pytest.raises(SystemsFileError):
        loaded(folder, text)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """The error names the path that was looked for."""
    with pytest.raises(SystemsFileError, match=r"none\.yaml:1: cannot be read"):
        load(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("written", "days"),
    [("", (1, 7, 30)), ("rechecks: [30d, 2d]\n", (2, 30)), ("rechecks: 0d\n", ()), ("rechecks: []\n", ())],
)
def test_rechecks_are_the_operators_choice(folder: Path, written: str, days: tuple[int, ...]) -> None:
    """Three by default, others in any order, and none at all where nothing may outlive a case."""
    config = loaded(folder, written + GOOD)
    assert config.policy.rechecks == tuple(timedelta(days=one) for one in days)  # type: ignore[attr-defined]


def test_a_recheck_that_is_no_time_names_its_line(folder: Path) -> None:
    """A mistake is answered with file, line and cure, like everywhere in the file."""
    with pytest.raises(SystemsFileError, match=r"systems.yaml:2: `rechecks` is not a length of time"):
        loaded(folder, GOOD.replace("mode: enforce", "rechecks: [soon]"))


def test_records_beside_a_contact_are_the_operators_choice(folder: Path) -> None:
    """Deleted where the file says nothing; kept only with a ground; `none` where the account does not have them."""
    line = "token: ACTIVECAMPAIGN_TOKEN"
    text = GOOD.replace(
        line,
        line
        + ", related: {deals: {keep: sales records, until: 10 years}, notes: none, account_links: delete}",
    )
    (config,) = (one for one in loaded(folder, text).systems if isinstance(one, ActiveCampaignConfig))  # type: ignore[attr-defined]
    assert config.related == (
        ("deals", "keep", "sales records", "10 years"),
        ("notes", "none", "", ""),
        ("account_links", "delete", "", ""),
    )


@pytest.mark.parametrize(
    ("related", "message"),
    [
        ("{deals: keep}", "`deals: keep` does not say why"),
        ("{deals: {keep: x, becuase: y}}", "unknown key `becuase`"),
        ("{dealz: delete}", "unknown key `dealz`"),
        ("{notes: destroy}", "`notes: destroy` is not known"),
    ],
)
def test_a_wrong_choice_names_its_line(folder: Path, related: str, message: str) -> None:
    """A typing error never keeps or deletes anything by accident."""
    line = "token: ACTIVECAMPAIGN_TOKEN"
    with pytest.raises(SystemsFileError, match=message):
        loaded(folder, GOOD.replace(line, f"{line}, related: {related}"))
