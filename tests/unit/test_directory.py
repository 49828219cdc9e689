"""What groups of the organisation's directory open and end, by the rules alone."""

import msgspec
import pytest

from server import directory, export, people
from server.directory import Arriving, Word
from server.groups import GroupSeat
from server.oidc import Claimed
from server.people import Seat
from server.refusals import Refused
from server.seats import invite_as
from server.sessions import Comer
from server.store import audit, identities
from server.store import people as stored
from server.store.identities import UnderWay
from server.store.invitations import Invitation, invitation_of
from server.store.passkeys import Passkey, add_passkey
from server.store.people import DAY_MS
from server.store.retention import Pace
from tests.changes import NOW

GROUPS = {
    "koivu-leads": GroupSeat("supervisor", "koivu"),
    "koivu-wards": GroupSeat("staff", "koivu"),
    "leppa-wards": GroupSeat("agent", "Leppa"),
    "offices": GroupSeat("dev_lead"),
    "dreams": GroupSeat("staff", "no such team"),
}
ISSUER = "https://login.example"


def word(*groups, subject="7", name="Veera", told=True):
    return Word(Claimed(ISSUER, subject, name, frozenset(groups) if told else None), GROUPS)


def arrive(town, said, token="t", now=NOW, is_new=True):
    comer = Comer("phone", token.encode(), token.encode().ljust(16), token, "oidc")
    arriving = Arriving(said, "sv", comer, now + 1_000, is_new)
    return town.db.write(directory.sign_in, arriving, now)


def seats(town, person):
    held = town.db.write(stored.live_grants, person)
    return {(grant.via, grant.role, grant.source) for grant in held if grant.space == grant.via} - {
        (grant.via, "owner", None) for grant in held
    }


def refusal(call, *arguments):
    with pytest.raises(Refused) as refused:
        call(*arguments)
    return refused.value.code


def test_d28_a_new_person_is_made_with_the_name_and_the_seats_of_their_groups(town):
    device = arrive(town, word("koivu-wards", "leppa-wards", "strangers"))

    assert town.db.write(stored.person_of, device.person).name == "Veera"
    koivu, leppa = town.spaces["koivu"], town.spaces["leppa"]
    assert seats(town, device.person) == {(koivu, "staff", "oidc"), (leppa, "agent", "oidc")}
    readable = {space for space, *_ in town.db.write(stored.grants_of, device.person).spaces}
    assert {koivu, leppa, town.spaces["north"], town.spaces["org"]} <= readable
    assert town.replica().cards[people.card_id("member", device.person)].fields["role"] == "staff"


def test_d28_the_same_account_is_the_same_person_whatever_it_is_called(town):
    first = arrive(town, word("koivu-wards"))
    town.db.write(people.update_me, first, {"name": "Vera"}, NOW)

    again = arrive(town, word("koivu-wards", name="Veera Virta"), "u")

    assert again.person == first.person
    assert town.db.write(stored.person_of, again.person).name == "Vera"
    assert arrive(town, word("koivu-wards", subject="8"), "v").person != first.person


def test_d28_nobody_is_made_until_they_say_that_they_are_new(town):
    assert refusal(lambda: arrive(town, word("koivu-wards"), is_new=False)) == "identity_new"
    assert town.db.write(identities.person_known_as, ISSUER, "7") is None

    device = arrive(town, word("koivu-wards"))

    assert arrive(town, word("koivu-wards"), "u", is_new=False).person == device.person


def test_d28_whose_groups_open_nothing_is_not_let_in(town):
    assert refusal(arrive, town, word("strangers", "dreams")) == "no_place"
    assert refusal(arrive, town, word(told=False)) == "no_place"
    assert town.db.write(identities.person_known_as, ISSUER, "7") is None


def test_d28_seats_go_with_their_groups_at_the_next_sign_in(town):
    device = arrive(town, word("koivu-wards", "leppa-wards", "offices"))
    assert (town.spaces["org"], "dev_lead", "oidc") in seats(town, device.person)

    arrive(town, word("leppa-wards"), "u")

    assert seats(town, device.person) == {(town.spaces["leppa"], "agent", "oidc")}
    assert "gone" in town.replica().cards[people.card_id("member", device.person)].fields
    arrive(town, word(), "v")
    assert seats(town, device.person) == set()


def test_d28_groups_that_are_not_told_change_nothing(town):
    device = arrive(town, word("koivu-wards"))

    arrive(town, word(told=False), "u")

    assert seats(town, device.person) == {(town.spaces["koivu"], "staff", "oidc")}


def test_d28_what_was_given_here_stays_whatever_the_groups_say(town):
    aino = town.device("aino")
    town.db.write(directory.link, word("koivu-leads", "leppa-wards"), aino, NOW)
    assert seats(town, aino.person) == {
        (town.spaces["koivu"], "staff", None),
        (town.spaces["leppa"], "agent", "oidc"),
    }

    town.db.write(people.grant, aino.person, Seat(town.spaces["leppa"], "agent"), NOW)
    arrive(town, word())

    assert seats(town, aino.person) == {
        (town.spaces["koivu"], "staff", None),
        (town.spaces["leppa"], "agent", None),
    }


def test_of_several_groups_for_one_team_the_first_in_the_settings_counts(town):
    device = arrive(town, word("koivu-wards", "koivu-leads"))
    assert seats(town, device.person) == {(town.spaces["koivu"], "supervisor", "oidc")}

    arrive(town, word("koivu-wards"), "u")
    assert seats(town, device.person) == {(town.spaces["koivu"], "staff", "oidc")}


def test_d28_a_team_keeps_its_only_supervisor_until_there_is_another(town):
    device = arrive(town, word("koivu-leads"))
    jorma = town.people["jorma"].number
    town.db.write(people.remove, jorma, town.spaces["koivu"], NOW)

    arrive(town, word("koivu-wards"), "u")
    arrive(town, word(), "v")
    assert seats(town, device.person) == {(town.spaces["koivu"], "supervisor", "oidc")}

    town.db.write(people.grant, jorma, Seat(town.spaces["koivu"], "supervisor"), NOW)
    arrive(town, word(), "w")
    assert seats(town, device.person) == set()


def test_d33_invitations_end_when_a_group_ends_their_maker_s_role(town):
    device = arrive(town, word("koivu-leads"))
    offer = Invitation(town.spaces["koivu"], "staff", None, None, 1, NOW + 1_000, device.person)
    town.db.write(invite_as, device, ("code", offer), NOW)

    arrive(town, word("koivu-wards"), "u")
    arrive(town, word("koivu-leads"), "v")

    assert town.db.write(invitation_of, people.hash_of("code")) is None


def test_d28_who_has_left_is_not_brought_back_by_a_group(town):
    device = arrive(town, word("koivu-wards"))
    town.db.write(people.leave, device.person, NOW)

    assert refusal(arrive, town, word("koivu-wards"), "u") == "not_allowed"
    town.db.write(directory.link, word("koivu-wards"), town.device("sari"), NOW)
    assert arrive(town, word("koivu-wards"), "v").person == town.people["sari"].number


def test_d28_an_account_is_linked_to_one_person_only(town):
    town.db.write(directory.link, word(), town.device("aino"), NOW)

    timo = town.device("timo")
    assert refusal(town.db.write, directory.link, word(), timo, NOW) == "identity_taken"
    assert arrive(town, word()).person == town.people["aino"].number

    town.db.write(directory.link, word(subject="8"), town.device("aino"), NOW)
    assert town.db.write(identities.person_known_as, ISSUER, "7") is None


def test_an_account_that_is_unlinked_opens_nothing_any_more(town):
    device = arrive(town, word("leppa-wards"))
    town.db.write(people.grant, device.person, Seat(town.spaces["koivu"], "staff"), NOW)
    assert refusal(town.db.write, directory.unlink, device, ISSUER, NOW) == "last_way_in"

    town.db.write(add_passkey, Passkey(b"p", device.person, b"k", 0, "phone", False), NOW)
    town.db.write(directory.unlink, device, ISSUER, NOW)

    assert seats(town, device.person) == {(town.spaces["koivu"], "staff", None)}
    assert refusal(town.db.write, directory.unlink, device, ISSUER, NOW) == "not_found"


def test_d31_a_session_by_the_organisation_ends_when_groups_have_to_be_asked_again(town):
    device = arrive(town, word("koivu-wards"))

    assert town.db.write(stored.device_of_session, device.session, NOW + 999) is not None
    assert town.db.write(stored.device_of_session, device.session, NOW + 1_000) is None


@pytest.mark.parametrize(
    ("taken", "browser"),
    [
        (None, "b"),
        (UnderWay(people.hash_of("b"), "n", "v", None, NOW + 1), "another"),
        (UnderWay(people.hash_of("b"), "n", "v", None, NOW + 1), None),
        (UnderWay(people.hash_of("b"), "n", "v", None, NOW), "b"),
    ],
    ids=["unknown", "another browser", "no cookie", "expired"],
)
def test_d28_only_the_browser_that_began_comes_back_and_in_time(taken, browser):
    assert refusal(directory.come_back, taken, browser, NOW) == "challenge_expired"


def test_d35_a_state_is_taken_out_before_anything_is_verified(town):
    new = directory.beginning(lambda size: b"x" * size, None)
    town.db.write(directory.begin, new, NOW)

    taken = town.db.write(identities.take_under_way, people.hash_of(new.state))

    assert directory.come_back(taken, new.browser, NOW).nonce == new.asked.nonce
    assert town.db.write(identities.take_under_way, people.hash_of(new.state)) is None


def test_d28_a_team_that_got_another_name_keeps_those_whom_its_group_let_in(town):
    device = arrive(town, word("koivu-wards", "leppa-wards"))
    renamed = {**GROUPS, "leppa-wards": GroupSeat("agent", "the old name of Leppa")}
    said = Word(Claimed(ISSUER, "7", "Veera", frozenset({"leppa-wards"})), renamed)

    arrive(town, said, "u")

    koivu, leppa = town.spaces["koivu"], town.spaces["leppa"]
    assert seats(town, device.person) == {(koivu, "staff", "oidc"), (leppa, "agent", "oidc")}


def test_d28_a_name_that_two_teams_bear_opens_neither_and_a_number_opens_one(town):
    other = town.db.write(people.add_team, {"fi": "Leppa"}, town.spaces["south"], NOW)
    assert refusal(arrive, town, word("leppa-wards")) == "no_place"
    by_number = {"leppa-wards": GroupSeat("staff", other)}

    device = arrive(town, Word(Claimed(ISSUER, "7", "Veera", frozenset(by_number)), by_number), "u")

    assert seats(town, device.person) == {(other, "staff", "oidc")}


def lapse(town, days_later, late=False):
    pace = Pace(500, lambda: late)
    return town.db.write(directory.lapse, NOW + days_later * DAY_MS, pace, 30)


def test_d28_roles_by_groups_end_when_the_directory_has_not_spoken_for_somebody_for_days(town):
    device = arrive(town, word("koivu-wards", "leppa-wards"))
    koivu, leppa = town.spaces["koivu"], town.spaces["leppa"]
    town.db.write(people.grant, device.person, Seat(koivu, "staff"), NOW)
    assert lapse(town, 30) == (0, True)
    assert seats(town, device.person) == {(koivu, "staff", None), (leppa, "agent", "oidc")}

    assert lapse(town, 31) == (1, True)

    assert seats(town, device.person) == {(koivu, "staff", None)}
    arrive(town, word("leppa-wards"), "u", NOW + 40 * DAY_MS)
    assert lapse(town, 70) == (0, True)
    assert seats(town, device.person) == {(koivu, "staff", None), (leppa, "agent", "oidc")}


def test_d28_whose_roles_have_lapsed_is_told_and_reads_it_when_they_sign_in_by_a_passkey(town):
    device = arrive(town, word("koivu-wards", "leppa-wards"))
    lapse(town, 30)
    assert "groups_lapsed" not in told(town, device)

    for later in (31, 32):
        lapse(town, later)

    assert told(town, device).count("groups_lapsed") == 1


def told(town, device):
    return [one.what for one in town.db.write(audit.notices, device.person)]


def test_d28_linking_an_account_again_counts_as_a_word_of_the_directory(town):
    aino = town.device("aino")
    town.db.write(directory.link, word("leppa-wards"), aino, NOW)
    town.db.write(directory.link, word("leppa-wards"), aino, NOW + 20 * DAY_MS)

    assert lapse(town, 50) == (0, True)
    assert lapse(town, 51) == (1, True)


def test_a_late_round_ends_the_roles_of_some_and_a_team_keeps_its_only_supervisor(town):
    lead = arrive(town, word("koivu-leads"))
    town.db.write(people.remove, town.people["jorma"].number, town.spaces["koivu"], NOW)
    for subject in ("8", "9"):
        arrive(town, word("leppa-wards", subject=subject), subject)

    assert [lapse(town, 31, late=True) for _ in range(2)] == [(1, False), (1, True)]
    assert seats(town, lead.person) == {(town.spaces["koivu"], "supervisor", "oidc")}


def test_ones_own_export_names_the_passkeys_and_whose_account_is_linked_but_not_its_subject(town):
    device = arrive(town, word("koivu-wards", subject="subject-of-veera"))
    town.db.write(add_passkey, Passkey(b"p", device.person, b"k", 0, "blue phone", False), NOW)

    own = town.db.write(export.collect, device, NOW)

    assert own.organisation_accounts == [ISSUER]
    assert [key.label for key in own.passkeys] == ["blue phone"]
    assert b"subject-of-veera" not in msgspec.json.encode(own)
