"""Late words: their author and the team's supervisor are told what waits, and decide (D-66)."""

import pytest
from msgspec import structs

from server import late, people
from server.commands import HeldForm, ReplayForm, list_held, replay_some
from server.intake import arrival
from server.late import Decision
from server.refusals import Refused
from server.store import audit
from server.store import late as stored
from server.store.accept import accept
from server.store.retention import Pace
from server.tables import audit as audit_table
from server.world import World
from sync.protocol import Code, Refusal, encode
from tests.changes import COMMENT, DAY, IDEA
from tests.town import SECRET


def world(town):
    return World(town.now, bytes, "", SECRET)


def come_sealed(town, name, *changes, is_revoked=True):
    """What was sealed, by default by somebody who was removed, or whose device was."""
    how = {"is_sealed": True, "is_revoked": is_revoked}
    came = [structs.replace(arrival(town.device(name), encode(c)), **how) for c in changes]
    return town.db.write(accept, came, town.now, SECRET)


def listed(town, name, space=None):
    return town.db.write(late.listed, town.device(name), town.spaces[space] if space else None).items


def decide(town, name, number, do):
    town.db.write(late.decide, town.device(name), Decision(number, do), world(town))


def idea(town, name="aino", **how):
    fields = {"team": (None, town.spaces["koivu"]), "title": (None, "Lamppu käytävään")}
    return town.change(name, fields, **how)


def leave(town, name):
    town.db.write(people.leave, town.people[name].number, town.now)


def test_d66_late_words_land_by_the_supervisor_s_hand_under_their_author_s_name_and_day(town):
    written = town.now
    leave(town, "aino")
    town.now += 20 * DAY
    (verdict,) = come_sealed(town, "aino", idea(town, at=written))
    assert (verdict.code, verdict.detail["reason"]) == (Code.HELD, Refusal.AUTHOR_REVOKED)
    (one,) = listed(town, "jorma", "koivu")
    assert (one.name, one.fields, one.mine, one.may_accept) == (
        "Aino",
        {"title": "Lamppu käytävään"},
        False,
        True,
    )
    assert one.made == written // DAY * DAY
    assert one.until == town.now // DAY * DAY + 90 * DAY
    decide(town, "jorma", one.id, "accept")
    card = town.replica().cards[IDEA]
    assert (card.by, card.made) == (town.people["aino"].number, written)
    assert listed(town, "jorma") == []


def test_d66_both_decisions_stand_in_the_audit_log(town):
    leave(town, "aino")
    come_sealed(town, "aino", idea(town), idea(town, card=b"o" * 16))
    first, second = listed(town, "jorma")
    decide(town, "jorma", first.id, "accept")
    decide(town, "jorma", second.id, "let_go")
    rows = town.db.write(lambda txn: txn.connection.execute(audit_table.select()).all())
    lines = [(row.what, row.actor, row.person, audit.detail_of(row.detail)) for row in rows]
    jorma, aino = town.people["jorma"].number, town.people["aino"].number
    assert ("quarantine_accepted", jorma, aino, {"count": 1}) in lines
    assert ("quarantine_let_go", jorma, aino, {"count": 1}) in lines


def test_d66_what_is_decided_is_decided_once(town):
    leave(town, "aino")
    come_sealed(town, "aino", idea(town), idea(town, card=b"o" * 16))
    for one, do in zip(listed(town, "jorma"), ("accept", "let_go"), strict=True):
        decide(town, "jorma", one.id, do)
        for again in ("accept", "let_go"):
            with pytest.raises(Refused) as refusal:
                decide(town, "jorma", one.id, again)
            assert refusal.value.code == "already_decided"


def test_d66_only_the_supervisor_of_the_team_sees_and_decides(town):
    leave(town, "aino")
    come_sealed(town, "aino", idea(town))
    (one,) = listed(town, "jorma")
    for name in ("timo", "outi", "agnes", "dora", "manu", "rauni", "adele"):
        assert listed(town, name) == []
        with pytest.raises(Refused) as refusal:
            decide(town, name, one.id, "accept")
        assert refusal.value.code == "already_decided"


@pytest.mark.parametrize("space", ["org", "north"])
def test_d66_in_a_wider_space_the_supervisor_of_the_card_s_team_decides(town, space):
    leave(town, "aino")
    come_sealed(town, "aino", idea(town, space=space), idea(town, space=space, card=b"o" * 16))
    assert [one.space for one in listed(town, "jorma")] == [town.spaces[space]] * 2
    assert listed(town, "dora") == []
    decide(town, "jorma", listed(town, "jorma")[0].id, "accept")
    assert town.value("title", space=space) == "Lamppu käytävään"


def test_h1_nobody_else_is_shown_what_came_late_to_a_space_of_one_s_own(town):
    fields = {"title": (None, "Vain minulle")}
    own = town.change("aino", fields, space="own of aino")
    come_sealed(town, "aino", own)
    assert [one.fields for one in listed(town, "aino")] == [{"title": "Vain minulle"}]
    leave(town, "aino")
    for name in town.people:
        if name != "aino":
            assert listed(town, name) == []


def test_h9_a_late_mark_that_is_only_counted_is_shown_to_nobody_else(town):
    town.idea("timo")
    leave(town, "aino")
    come_sealed(town, "aino", town.change("aino", {"same_here": (None, True)}))
    assert listed(town, "jorma") == []


def test_d66_an_edit_lands_with_the_card_that_it_is_about(town):
    leave(town, "aino")
    made = idea(town)
    edit = town.change("aino", {"text": (None, "Yöllä ei näe.")})
    comment = {"on": (None, IDEA), "text": (None, "Lisään vielä")}
    said = town.change("aino", comment, card=COMMENT, kind="comment")
    come_sealed(town, "aino", made, edit, said)
    *_, last = listed(town, "jorma")
    decide(town, "jorma", last.id, "accept")
    assert town.value("text") == "Yöllä ei näe."
    assert town.value("text", COMMENT) == "Lisään vielä"
    assert listed(town, "jorma") == []


def test_d66_what_the_card_can_t_take_any_more_goes_on_waiting(town):
    town.idea("timo")
    leave(town, "aino")
    come_sealed(town, "aino", town.change("aino", {"title": ("Lamppu käytävään", "Kaikki toisin")}))
    (one,) = listed(town, "jorma")
    with pytest.raises(Refused) as refusal:
        decide(town, "jorma", one.id, "accept")
    assert (refusal.value.code, refusal.value.field) == ("no_longer_fits", Refusal.NOT_YOURS)
    assert listed(town, "jorma") == [one]


def test_d66_an_author_whose_phone_was_removed_decides_too(town):
    come_sealed(town, "aino", idea(town), idea(town, card=b"o" * 16))
    first, second = listed(town, "aino")
    assert (first.mine, first.may_accept) == (True, True)
    decide(town, "aino", first.id, "accept")
    decide(town, "aino", second.id, "let_go")
    assert town.value("title") == "Lamppu käytävään"
    assert listed(town, "jorma") == []


def test_d66_who_was_removed_from_a_team_can_t_let_own_words_in(town):
    town.db.write(people.remove, town.people["aino"].number, town.spaces["koivu"], town.now)
    town.deliver([("aino", encode(idea(town)))])
    (mine,) = listed(town, "aino")
    assert (mine.reason, mine.may_accept) == (Refusal.GRANT_REVOKED, False)
    with pytest.raises(Refused) as refusal:
        decide(town, "aino", mine.id, "accept")
    assert refusal.value.code == "not_allowed"
    decide(town, "jorma", mine.id, "accept")
    assert town.value("title") == "Lamppu käytävään"


def test_d66_late_words_are_kept_for_ninety_days(town):
    leave(town, "aino")
    come_sealed(town, "aino", idea(town))
    town.deliver([("timo", b"\xc1")])
    pace = Pace(100, lambda: False)
    assert town.db.write(stored.drop_late, town.now + 90 * DAY, pace).rows == 0
    assert town.db.write(stored.drop_late, town.now + 90 * DAY + 1, pace).rows == 1
    assert [row.reason for row in town.db.write(list_held, HeldForm(), world(town))] == [Refusal.UNDECODABLE]


def test_d66_what_was_held_for_another_reason_waits_its_ninety_days_from_when_it_became_late(town):
    town.deliver([("aino", encode(town.change("aino", {"title": ("Lamppu", "Valo")}, card=b"o" * 16)))])
    town.now += 200 * DAY
    town.db.write(people.remove, town.people["aino"].number, town.spaces["koivu"], town.now)
    (done,) = town.db.write(replay_some, ReplayForm("", 0), world(town)).done
    assert done.reason == Refusal.GRANT_REVOKED
    pace = Pace(100, lambda: False)
    assert town.db.write(stored.drop_late, town.now + 90 * DAY, pace).rows == 0
    assert town.db.write(stored.drop_late, town.now + 90 * DAY + 1, pace).rows == 1


def test_a_replay_from_the_command_line_decides_nothing(town):
    come_sealed(town, "aino", idea(town))
    (done,) = town.db.write(replay_some, ReplayForm("", 0), world(town)).done
    assert (done.verdict, done.reason) == ("held", Refusal.AUTHOR_REVOKED)
    assert len(listed(town, "aino")) == 1


def test_d62_words_that_had_come_before_are_not_held_again(town):
    change = idea(town)
    town.deliver([("aino", encode(change))])
    leave(town, "aino")
    assert [verdict.code for verdict in come_sealed(town, "aino", change)] == [Code.DONE]
    assert listed(town, "jorma") == []


def test_words_for_a_space_that_was_never_theirs_are_refused(town):
    leave(town, "aino")
    (verdict,) = come_sealed(town, "aino", town.change("aino", {"title": (None, "Muualle")}, space="pihlaja"))
    assert (verdict.code, verdict.detail["reason"]) == (Code.REFUSED, Refusal.NO_GRANT)


def test_d62_sealed_words_of_who_left_the_team_long_ago_wait_for_a_decision_too(town):
    town.db.write(people.remove, town.people["aino"].number, town.spaces["koivu"], town.now)
    town.now += 91 * DAY
    (verdict,) = come_sealed(town, "aino", idea(town), is_revoked=False)
    assert (verdict.code, verdict.detail["reason"]) == (Code.HELD, Refusal.GRANT_REVOKED)
    (mine,) = listed(town, "aino")
    assert (mine.mine, mine.may_accept, mine.fields) == (True, False, {"title": "Lamppu käytävään"})
    (done,) = town.db.write(replay_some, ReplayForm("", 0), world(town)).done
    assert (done.verdict, done.reason) == ("held", Refusal.GRANT_REVOKED)
    assert IDEA not in town.replica().cards
    decide(town, "jorma", mine.id, "accept")
    assert town.value("title") == "Lamppu käytävään"


def test_d66_what_waits_is_kept_for_its_ninety_days_though_its_device_offers_it_again(town):
    town.db.write(people.remove, town.people["aino"].number, town.spaces["koivu"], town.now)
    town.now += 80 * DAY
    change = encode(idea(town))
    town.deliver([("aino", change)])
    town.now += 20 * DAY
    (verdict,) = town.deliver([("aino", change)])
    assert (verdict.code, verdict.detail["reason"]) == (Code.HELD, Refusal.GRANT_REVOKED)
    assert len(listed(town, "jorma")) == 1
    town.now += 71 * DAY
    town.db.write(stored.drop_late, town.now, Pace(100, lambda: False))
    (verdict,) = town.deliver([("aino", change)])
    assert (verdict.code, verdict.detail["reason"]) == (Code.REFUSED, Refusal.NO_GRANT)
    assert listed(town, "jorma") == []


def test_words_that_come_by_a_session_long_after_the_team_was_left_stay_on_the_device(town):
    town.db.write(people.remove, town.people["aino"].number, town.spaces["koivu"], town.now)
    town.now += 91 * DAY
    (verdict,) = town.deliver([("aino", encode(idea(town)))])
    assert (verdict.code, verdict.detail["reason"]) == (Code.REFUSED, Refusal.NO_GRANT)


def test_d66_late_words_that_came_in_time_can_be_accepted_until_they_go(town):
    leave(town, "aino")
    town.now += 80 * DAY
    come_sealed(town, "aino", idea(town))
    town.now += 60 * DAY
    (one,) = listed(town, "jorma")
    decide(town, "jorma", one.id, "accept")
    assert town.value("title") == "Lamppu käytävään"


def test_d66_a_former_supervisor_decides_of_own_words_by_today_s_rights(town):
    town.idea("timo", space="org")
    come_sealed(town, "jorma", town.change("jorma", {"stage": (None, "considering")}, space="org"))
    jorma, leppa = town.people["jorma"].number, people.Seat(town.spaces["leppa"], "staff")
    town.db.write(people.remove, jorma, town.spaces["koivu"], town.now)
    town.db.write(people.grant, jorma, leppa, town.now)
    (mine,) = listed(town, "jorma")
    assert mine.may_accept
    with pytest.raises(Refused) as refusal:
        decide(town, "jorma", mine.id, "accept")
    assert refusal.value.code == "no_longer_fits"
    assert town.value("stage", space="org") is None


def test_d66_words_of_who_left_long_ago_wait_too(town):
    leave(town, "aino")
    town.now += 91 * DAY
    (verdict,) = come_sealed(town, "aino", idea(town))
    assert (verdict.code, verdict.detail["reason"]) == (Code.HELD, Refusal.AUTHOR_REVOKED)
    (one,) = listed(town, "jorma")
    decide(town, "jorma", one.id, "accept")
    assert town.value("title") == "Lamppu käytävään"


def test_d66_what_waits_for_others_hides_nothing_from_who_decides(town, monkeypatch):
    monkeypatch.setattr(late, "MOST", 2)
    monkeypatch.setattr(stored, "MOST", 2)
    leave(town, "outi")
    leave(town, "aino")
    others = {"team": (None, town.spaces["leppa"]), "title": (None, "Muiden")}
    came = [town.change("outi", others, space="org", card=bytes([n]) * 16) for n in range(5)]
    come_sealed(town, "outi", *came)
    come_sealed(town, "aino", *(idea(town, space="org", card=bytes([n]) * 16) for n in range(9, 12)))
    assert [one.name for one in listed(town, "jorma")] == ["Aino"] * 2
    assert [one.name for one in listed(town, "jorma", "org")] == ["Aino"] * 2
    assert listed(town, "timo") == []


@pytest.mark.parametrize("reason", [Refusal.AUTHOR_REVOKED, Refusal.GRANT_REVOKED])
def test_d66_what_waits_for_a_decision_or_was_let_go_stays_out_when_its_author_writes_on(town, reason):
    town.idea("aino")
    aino, team = town.people["aino"].number, town.spaces["koivu"]
    town.db.write(people.remove, aino, team, town.now)
    early = town.change("aino", {"text": (None, "Nyt on pimeää.")}, at=town.now - DAY)
    (verdict,) = come_sealed(town, "aino", early, is_revoked=reason == Refusal.AUTHOR_REVOKED)
    assert verdict.detail["reason"] == reason
    if reason == Refusal.GRANT_REVOKED:
        decide(town, "jorma", listed(town, "jorma")[0].id, "let_go")
    town.db.write(people.grant, aino, people.Seat(team, "staff"), town.now)
    assert town.send("aino", {"title": ("Lamppu käytävään", "Lamppu")}).code == Code.DONE
    assert (town.value("title"), town.value("text")) == ("Lamppu", None)
