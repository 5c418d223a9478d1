"""What names, types and values say about a column, and a draft that can always be read back."""

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from services.database.data_map import parse
from services.database.draft import ColumnDraft, Draft, LinkDraft, SubjectDraft, TableDraft, as_yaml
from services.database.look import look
from services.database.roles import Role, role_of
from services.database.signs import Sign, singular, words


def sign_of(
    table: str, name: str, *values: object, kind: sa.types.TypeEngine[object] | None = None
) -> Sign | None:
    found = look(table, sa.Column(name, kind or sa.Text()), values)
    return found.sign if found else None


@pytest.mark.parametrize(
    ("table", "column", "sign"),
    [
        ("users", "email", Sign.EMAIL),
        ("users", "EmailAddress", Sign.EMAIL),
        ("orders", "contact_email", Sign.EMAIL),
        ("Users", "HomePhone", Sign.PHONE),
        ("users", "homephone", Sign.PHONE),
        ("customers", "first_name", Sign.NAME),
        ("users", "lastname", Sign.NAME),
        ("customer", "name", Sign.NAME),
        ("orders", "ship_address", Sign.ADDRESS),
        ("audits", "ipaddress", Sign.IP),
        ("customers", "birth_date", Sign.BIRTH),
        ("users", "password_hash", Sign.SECRET),
        ("staff", "username", Sign.LOGIN),
        ("sessions", "user_agent", Sign.DEVICE),
    ],
)
def test_telling_names_are_recognised(table: str, column: str, sign: Sign) -> None:
    """Names in every usual spelling say what is in a column."""
    assert sign_of(table, column) is sign


@pytest.mark.parametrize(
    "column", ["email_verified", "address_type", "name_format", "is_phone", "email_count"]
)
def test_a_name_that_only_describes_is_no_sign(column: str) -> None:
    """Whether an address was verified is no address."""
    assert sign_of("users", column) is None


@pytest.mark.parametrize(
    ("values", "sign"),
    [
        (("a@b.example", "c@d.example"), Sign.EMAIL),
        (("+351 22 555 0101", "+43 316 555 0102"), Sign.PHONE),
        (("203.0.113.7", "2001:db8::1"), Sign.IP),
        (("4111 1111 1111 1111", "5500000000000004"), Sign.PAYMENT),
        (("12 Garden Road", "7 Mill Street"), Sign.ADDRESS),
        (("From: a@b.example", "To: c@d.example"), Sign.CORRESPONDENCE),
        (("1", "2"), None),
        (("red", "green"), None),
    ],
)
def test_values_speak_where_the_name_does_not(values: tuple[str, ...], sign: Sign | None) -> None:
    """Sampled values tell what a column with a meaningless name holds."""
    assert sign_of("things", "v17", *values) is sign


def test_json_names_the_paths() -> None:
    """In JSON the personal places are named; what no path leads to is not passed over."""
    found = look("log", sa.Column("p", sa.Text()), ['{"user": {"email": "a@b.example", "plan": "x"}}'])
    assert found is not None
    assert found.paths == ("$.user.email",)
    inside_list = look("log", sa.Column("p", sa.Text()), ['{"users": [{"email": "a@b.example"}]}'])
    assert inside_list is not None
    assert inside_list.paths == (), "a list has no path that fits every row: the whole column has to go"


def test_no_reason_quotes_a_value() -> None:
    """The reason of a guess stands in a file that many read: it counts values and never shows one."""
    found = look("things", sa.Column("v", sa.Text()), ["secret.person@b.example"])
    assert found is not None
    assert "secret" not in found.why


@pytest.mark.parametrize(
    ("table", "column", "role"),
    [
        ("orders", "customer_id", Role.OWNS),
        ("channels", "creator_id", Role.ACTED),
        ("posts", "creator_id", Role.OWNS),
        ("projects", "created_by", Role.ACTED),
        ("tickets", "lastupdatedby", Role.ACTED),
        ("workspaces", "owner_id", Role.ACTED),
        ("dogs", "owner_id", Role.OWNS),
    ],
)
def test_creating_a_channel_does_not_make_it_yours_but_a_post_is(table: str, column: str, role: Role) -> None:
    """Whoever wrote something owns it; whoever set something up for others only acted."""
    of_table = sa.Table(table, sa.MetaData(), sa.Column(column, sa.Integer()))
    assert role_of(column, of_table, about="customer") is role


def test_names_fall_into_words() -> None:
    """Camel case, snake case and plurals are one language."""
    assert words("ShipToAddress2") == ("ship", "to", "address", "2")
    assert [singular(one) for one in ("companies", "addresses", "people", "status", "boxes")] == [
        "company", "address", "person", "status", "box",
    ]  # fmt: skip


names = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=20
).filter(str.strip)


@given(names, names, names, st.one_of(st.text(max_size=20), st.integers(), st.none()))
def test_a_draft_is_valid_yaml_whatever_tables_are_called(
    table: str, column: str, parent: str, value: object
) -> None:
    """Names are data: quotes, colons, hashes, line ends or SQL in them never change what the draft says."""
    if (
        table.strip() != table
        or column.strip() != column
        or table == "c"
        or "." in parent
        or "+" in column + parent
    ):
        return
    draft = Draft(
        subject=SubjectDraft(table="c", key="id", email="email", why=f"because # {column}"),
        tables=(
            TableDraft(
                table=table,
                action="anonymise",
                why=(f"{column}\n: {parent}",),
                columns=(ColumnDraft(column=column, action="null", why=parent),),
                links=(LinkDraft(column="k", to="c.id", why=table, when=("kind", (value,))),),
            ),
            TableDraft(table="later", action="", why=(table,), open=(column,)),
        ),
        nobody=(parent,),
    )
    rule = parse(as_yaml(draft, source=table), file="x").rule(table)
    assert rule is not None
    assert [one.column for one in rule.columns] == [column]
    assert rule.links[0].when[0] == ("kind", (value,))
