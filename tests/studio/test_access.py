import pytest

from pipelines.errors import Forbidden
from studio import access
from studio.access import ADMIN, EVERYTHING, GUEST, TABLE, Thing, Visitor

WRITER = Visitor("ada", "writer")
MINE, SHARED, THEIRS = Thing("ada", False), Thing("grace", True), Thing("grace", False)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1"])
def test_this_machine_is_its_admin(host):
    assert access.visitor_from(host) == ADMIN


@pytest.mark.parametrize(
    "host", ["192.0.2.7", "2001:db8::1", "::ffff:192.0.2.7", "0.0.0.0", "", None, "localhost", "127.0.0.1 ", "x"]
)
def test_whoever_is_not_known_is_a_guest(host):
    assert access.visitor_from(host) == GUEST


def test_a_role_may_do_what_the_table_says_and_nothing_else():
    assert {action for action in EVERYTHING if access.may(WRITER, action, MINE)} == EVERYTHING
    assert {action for action in EVERYTHING if access.may(WRITER, action, SHARED)} == {"see", "use"}
    assert {action for action in EVERYTHING if access.may(WRITER, action, THEIRS)} == set()
    assert {action for action in EVERYTHING if access.may(GUEST, action, SHARED)} == {"use"}
    assert {action for action in EVERYTHING if access.may(GUEST, action)} == {"use"}
    assert all(access.may(ADMIN, action, thing) for action in EVERYTHING for thing in (MINE, SHARED, THEIRS, None))


def test_every_role_has_an_answer_to_every_relation():
    relations = {"own", "shared", "foreign", "none"}
    assert {role: set(rows) for role, rows in TABLE.items()} == {"admin": relations, "writer": relations, "guest": relations}


def test_a_guest_owns_nothing_even_by_the_name_of_a_guest():
    assert not any(access.may(GUEST, action, Thing("guest", False)) for action in EVERYTHING)


@pytest.mark.parametrize("visitor", [WRITER, GUEST])
def test_require_raises_where_may_says_no(visitor):
    with pytest.raises(Forbidden) as caught:
        access.require(visitor, "see", THEIRS)
    assert (caught.value.code, caught.value.values) == ("forbidden", {"action": "see"})


@pytest.mark.parametrize(
    ("written", "thing"),
    [
        (None, Thing("local", False)),
        ('{"owner": "ada", "shared": true}', Thing("ada", True)),
        ('{"shared": "yes"}', Thing("local", False)),
        ('{"shared": 1}', Thing("local", False)),
        ("{", Thing("local", False)),
        ("[]", Thing("local", False)),
        ("null", Thing("local", False)),
    ],
)
def test_what_does_not_say_otherwise_is_the_machines_owners_alone(tmp_path, written, thing):
    meta = tmp_path / "meta.json"
    if written is not None:
        meta.write_text(written, encoding="utf-8")
    assert access.thing_of(meta) == thing
