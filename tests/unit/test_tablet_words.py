"""What was sealed on a tablet comes through whatever became of tablet, copy or person (docs/devices.md D-44, D-66)."""

import msgspec
import pytest

from tests.authenticator import add_passkey
from tests.sealing import deliver, states
from tests.tablets import Desk, tablet_of


@pytest.fixture(params=["sqlite", "postgres", "shards"])
def sort(request):
    return request.param


@pytest.fixture
def leader(shared, join):
    return join(shared, "supervisor", name="Liisa")


@pytest.fixture
def aino(shared, join):
    client = join(shared, name="Aino")
    add_passkey(client)
    return client


@pytest.fixture
def tablet(shared, leader):
    return tablet_of(shared, leader)


def waiting(client):
    return [(row["reason"], row["mine"]) for row in client.get("/api/quarantine").json()["items"]]


def titles(client, space):
    frame = msgspec.msgpack.decode(client.get(f"/api/spaces/{space}/snapshot").content)
    return sorted(row[5]["title"] for row in frame[3] if row[1] == "idea")


def test_d59_what_a_copy_sealed_lands_under_its_person_without_any_session(shared, tablet, aino):
    desk = Desk(tablet, tablet.add(aino))
    reply = deliver(shared.client(), [desk.seal(desk.idea("Lamppu"), desk.key())])
    assert states(reply) == ["stored"]
    assert "gone" not in reply
    assert titles(aino, desk.team) == ["Lamppu"]


@pytest.mark.parametrize("by", ["tablet", "copy", "copy by its person"])
def test_d44_what_waits_on_a_tablet_or_copy_that_was_let_go_of_is_still_taken(
    shared, leader, tablet, aino, by
):
    desk = Desk(tablet, tablet.add(aino))
    sealed = [desk.seal(desk.idea(f"Odottava {n}"), desk.key()) for n in range(2)]
    path = f"/api/devices/{tablet.uuid}"
    if by == "tablet":
        assert leader.delete(path).status_code == 204
    else:
        whoever = leader if by == "copy" else aino
        assert whoever.delete(f"{path}/persons/{desk.me['person']}").status_code == 204

    reply = deliver(tablet.client, sealed)

    assert (states(reply), reply["gone"]) == (["stored", "stored"], True)
    assert waiting(aino) == [("author_revoked", True)] * 2, "d66: for whoever wrote it to decide"
    assert waiting(leader) == [("author_revoked", False)] * 2
    first = aino.get("/api/quarantine").json()["items"][0]["id"]
    assert leader.post(f"/api/quarantine/{first}", json={"do": "accept"}).status_code == 204
    assert len(titles(aino, desk.team)) == 1
    assert states(deliver(tablet.client, sealed)) == ["stored", "stored"], "told again it counts once"
    assert len(waiting(aino)) == 1


def test_d66_what_was_sealed_before_its_person_left_the_team_waits_for_a_decision(
    shared, leader, tablet, aino
):
    desk = Desk(tablet, tablet.add(aino))
    sealed = [desk.seal(desk.idea("Ennen lähtöä"), desk.key())]
    path = f"/api/persons/{aino.me['person']}/grants/{leader.me['leads'][0][0]}"
    assert leader.delete(path).status_code == 204
    assert states(deliver(tablet.client, sealed)) == ["stored"]
    assert waiting(leader) == [("grant_revoked", False)]
    (row,) = leader.get("/api/quarantine").json()["items"]
    assert leader.post(f"/api/quarantine/{row['id']}", json={"do": "accept"}).status_code == 204
    assert titles(leader, desk.team) == ["Ennen lähtöä"]
