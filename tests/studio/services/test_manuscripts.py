import pytest

from pipelines.errors import Forbidden, NotFound
from pipelines.manuscripts import Change, Splice
from studio.access import ADMIN, GUEST, Visitor
from studio.services.manuscripts import Manuscripts
from tests.tiny_model import constant, write_bundle

OTHER = Visitor("other", "writer")


@pytest.fixture
def service(workspace):
    return Manuscripts(workspace)


def test_everybody_has_their_own(service):
    mine = service.create(ADMIN, "我的")
    theirs = service.create(OTHER, "别人的")
    assert [one["title"] for one in service.listed(ADMIN)] == ["我的"]
    with pytest.raises(NotFound):
        service.read(ADMIN, theirs["id"])
    with pytest.raises(NotFound):
        service.save(OTHER, mine["id"], [Change(Splice(0, 0, "x"))], 0)


def test_a_guest_has_none(service):
    with pytest.raises(Forbidden):
        service.listed(GUEST)
    with pytest.raises(Forbidden):
        service.create(GUEST, "x")


def test_the_trash_gives_back_to_its_owner_only(service):
    ticket = service.discard(OTHER, service.create(OTHER, "别人的")["id"])
    with pytest.raises(NotFound):
        service.restore(ADMIN, ticket)
    assert service.restore(OTHER, ticket)["title"] == "别人的"


def test_an_opening_is_what_the_models_training_was_asked_to_write_on(service, workspace):
    write_bundle(workspace.bundles / "one", constant({"玉": 2.0}), {"made_with": {"settings": {"prompt": ["", "三月十五"]}}})
    write_bundle(workspace.bundles / "two", constant({"玉": 2.0}), {"made_with": {"settings": []}})
    assert service.opening(ADMIN, "one") == "三月十五"
    assert service.opening(ADMIN, "two") == ""
