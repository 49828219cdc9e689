"""The tree, who leads which part of it, and how persons come to another role: rules, on every sort of database."""

from itertools import count

import msgspec
import pytest

from server import commands, directory, joining, leaving, organisation, parting, people, seats
from server.codes import of_link
from server.directory import Opened
from server.forms import RemoveForm
from server.leaving import Wish
from server.parting import Parting
from server.people import Seat
from server.refusals import Refused
from server.seats import Giving
from server.sessions import Comer
from server.store import audit, spaces
from server.store import people as stored
from server.store.history import history_of
from server.store.invitations import Invitation
from server.store.people import DAY_MS
from server.store.spaces import Space
from server.world import World
from tests.town import SECRET, resident

LEADERS = ("jorma", "nora", "nils", "dora", "adele")
ROLES = ("staff", "supervisor", "agent", "dev_lead", "admin")


@pytest.fixture
def led(town):
    """The town, where Nora leads the development of the north and Nils administers it."""
    for name, role in (("nora", "dev_lead"), ("nils", "admin")):
        town.people[name] = town.db.write(resident, name, town.spaces["north"], role)
    return town


def world(town):
    draws = count(town.now)
    return World(town.now, lambda size: next(draws).to_bytes(size), "https://virtaamo.example", SECRET)


def number(town, name):
    return town.people[name].number


def refusal(town, function, *arguments):
    with pytest.raises(Refused) as refused:
        town.db.write(function, *arguments)
    return refused.value.code


def give(town, actor, name, seat, instead=None, duties_to=None):
    to = {instead: duties_to} if duties_to else {}
    left = Parting(number(town, name), to, [instead]) if instead else None
    giving = Giving(number(town, name), Seat(*seat), left)
    return town.db.write(seats.give, town.device(actor), giving, world(town))


def end(town, actor, name, space, duties_to=None):
    here = town.spaces[space]
    left = Parting(number(town, name), {here: duties_to} if duties_to else {}, [here])
    return town.db.write(seats.end, town.device(actor), left, world(town))


def roles(town, name):
    return {
        g.space: g.role for g in town.db.write(stored.live_grants, number(town, name)) if g.role != "owner"
    }


# ---- who leads what: the matrix of docs/domain.md section 3 for what exists


def test_each_role_invites_exactly_where_and_as_what_it_may(led):
    team, org = ("staff", "supervisor", "agent"), ("dev_lead", "management", "hr", "employee_rep", "admin")
    may = {
        "jorma": {"koivu": team},
        "nora": {"koivu": team, "leppa": team, "north": ("dev_lead",)},
        "nils": {"koivu": team, "leppa": team, "north": org},
        "dora": {
            "koivu": team,
            "leppa": team,
            "pihlaja": team,
            "north": ("dev_lead",),
            "south": ("dev_lead",),
        },
        "adele": {"koivu": team, "leppa": team, "pihlaja": team, "north": org, "south": org, "org": org},
    }
    for name in led.people:
        for place in ("koivu", "leppa", "pihlaja", "north", "south", "org"):
            for role in (*team, *org):
                wanted = role in may.get(name, {}).get(place, ())
                assert invites(led, name, (place, role)) is wanted, f"{name} {role} {place}"


def invites(town, name, what):
    place, role = what
    offer = Invitation(town.spaces[place], role, None, None, 1, town.now + DAY_MS, number(town, name))
    try:
        town.db.write(seats.invite_as, town.device(name), (f"{name}{place}{role}", offer), town.now)
    except Refused:
        return False
    return True


def test_each_role_removes_exactly_where_it_leads(led):
    may = {("jorma", "koivu"), ("nora", "koivu"), ("nora", "leppa"), ("nils", "koivu"), ("nils", "leppa")}
    may |= {(name, place) for name in ("dora", "adele") for place in ("koivu", "leppa", "pihlaja")}
    victims = {"koivu": "aino", "leppa": "outi", "pihlaja": "sari"}
    for name in led.people:
        for place, victim in victims.items():
            if name == victim:
                continue
            try:
                end(led, name, victim, place)
            except Refused:
                assert (name, place) not in may
            else:
                assert (name, place) in may
                seat = Seat(led.spaces[place], "staff")
                led.db.write(people.grant, number(led, victim), seat, led.now)


def test_each_role_renames_and_makes_exactly_where_it_leads(led):
    renames = {
        "jorma": {"koivu"},
        "nora": {"koivu", "leppa", "north"},
        "nils": {"koivu", "leppa", "north"},
        "dora": {"koivu", "leppa", "pihlaja", "north", "south"},
        "adele": {"koivu", "leppa", "pihlaja", "north", "south", "org"},
    }
    makes = {
        "nora": {"north"},
        "nils": {"north"},
        "dora": {"north", "south", "org"},
        "adele": {"north", "south", "org"},
    }
    for name in led.people:
        for place in ("koivu", "leppa", "pihlaja", "north", "south", "org"):
            wanted = Space(led.spaces[place], "", {"fi": f"{place} {name}"}, None)
            assert works(led, organisation.rename, name, wanted) is (place in renames.get(name, ()))
            wanted = Space(0, "team", {"fi": f"uusi {place} {name}"}, led.spaces[place])
            assert works(led, organisation.make, name, wanted) is (place in makes.get(name, ()))


def works(town, function, name, wanted):
    try:
        town.db.write(function, number(town, name), wanted, town.now)
    except Refused:
        return False
    return True


def test_the_tree_shows_what_one_leads_and_the_way_to_it(led):
    def tree(name):
        return {b.space: b for b in led.db.write(organisation.tree, number(led, name))}

    place = led.spaces
    assert set(tree("jorma")) == {place["org"], place["north"], place["koivu"]}
    assert set(tree("nora")) == {place["org"], place["north"], place["koivu"], place["leppa"]}
    assert set(tree("adele")) == {
        place[name] for name in ("org", "north", "south", "koivu", "leppa", "pihlaja")
    }
    assert tree("jorma")[place["koivu"]].people == 4
    assert tree("jorma")[place["org"]].leaders == []
    assert {name for _, name, _ in tree("adele")[place["org"]].leaders} == {"Adele", "Dora", "Manu", "Rauni"}
    assert refusal(led, organisation.tree, number(led, "aino")) == "not_allowed"


def test_h4_h5_lists_of_persons_are_by_name_and_tell_role_and_name_alone(led):
    rows = led.db.write(seats.persons_of, led.device("adele"), led.spaces["koivu"])

    assert [name for _, name, _ in rows] == ["Agnes", "Aino", "Jorma", "Timo"]
    assert all(len(row) == 3 for row in rows)
    (koivu,) = [
        b for b in led.db.write(organisation.tree, number(led, "adele")) if b.space == led.spaces["koivu"]
    ]
    assert set(msgspec.structs.asdict(koivu)) == {
        "space", "kind", "names", "above", "gives", "makes", "people", "leaders"
    }  # fmt: skip


def test_h1_an_administrator_leads_everything_and_reads_nothing(led):
    assert {role for _, role, _, _ in led.db.write(stored.grants_of, number(led, "adele")).spaces} == {
        "owner"
    }
    assert {role for _, role, _, _ in led.db.write(stored.grants_of, number(led, "nils")).spaces} == {"owner"}


def test_who_leads_the_development_of_an_area_hides_there_and_not_in_the_organisation(led):
    hide = {"gone": (None, ["other", "Väärä paikka"])}
    for place in ("north", "org"):
        led.idea("aino", space=place)
        led.send("nora", hide, space=place, base=999)

    assert led.value("gone", space="north") == ["other", "Väärä paikka"]
    assert led.value("gone", space="org") is None


def test_a_development_lead_who_works_in_a_team_still_leads(town):
    town.db.write(people.grant, number(town, "dora"), Seat(town.spaces["koivu"], "staff"), town.now)
    town.idea("aino", space="org")

    town.send("dora", {"gone": (None, ["duplicate", ""])}, space="org", base=999)

    assert town.value("gone", space="org") == ["duplicate", ""]


# ---- the tree itself


def test_a_name_that_a_sibling_has_is_taken(led):
    adele = number(led, "adele")
    team = Space(0, "team", {"sv": " KOIVU "}, led.spaces["north"])

    assert refusal(led, organisation.make, adele, team, led.now) == "name_taken"
    led.db.write(organisation.make, adele, Space(0, "team", {"fi": "Koivu"}, led.spaces["south"]), led.now)


@pytest.mark.parametrize(
    "names", [{}, {"fi": "  "}, {"de": "Birke"}, {"fi": "K" * 81}, {"fi": "Koi\nvu\x07"}]
)
def test_a_space_needs_a_name_that_can_be_shown(led, names):
    team = Space(0, "team", names, led.spaces["north"])

    assert refusal(led, organisation.make, number(led, "adele"), team, led.now) == "invalid"


def test_a_new_name_reaches_the_team_card_and_every_readers_grants(led):
    led.db.write(people.describe_team, led.spaces["koivu"], {"reply_days": 3}, led.now)
    before = led.db.write(stored.grants_of, number(led, "aino")).version
    names = {"fi": "Koivikko", "sv": "Björkdungen"}

    wanted = Space(led.spaces["koivu"], "", names, None)
    led.db.write(organisation.rename, number(led, "jorma"), wanted, led.now)

    for place in ("koivu", "north", "org"):
        card = led.replica(place).cards[people.card_id("team", led.spaces["koivu"])].fields
        assert (card["names/fi"], card["names/sv"], card["reply_days"]) == ("Koivikko", "Björkdungen", 3)
    after = led.db.write(stored.grants_of, number(led, "aino"))
    assert after.version > before
    assert "Koivikko" in {name for *_, name in after.spaces}


def test_a_team_under_another_area_is_read_there(led):
    target = (led.spaces["koivu"], led.spaces["south"])

    assert refusal(led, organisation.move, number(led, "nora"), target, world(led)) == "not_allowed"
    led.db.write(organisation.move, number(led, "dora"), target, world(led))

    assert set(roles(led, "aino")) == {led.spaces[name] for name in ("koivu", "south", "org")}
    assert set(roles(led, "outi")) == {led.spaces[name] for name in ("leppa", "north", "org")}
    card = led.replica("south").cards[people.card_id("team", led.spaces["koivu"])].fields
    assert card["area"] == led.spaces["south"]
    assert card["names/fi"] == "koivu"


# ---- roles


def test_moving_somebody_is_one_step_and_their_cards_stay(led):
    led.idea("aino")
    before = led.db.write(stored.grants_of, number(led, "aino")).version

    give(led, "nora", "aino", (led.spaces["leppa"], "staff"), led.spaces["koivu"])

    assert set(roles(led, "aino")) == {led.spaces[name] for name in ("leppa", "north", "org")}
    assert led.value("title") == "Lamppu käytävään"
    assert led.db.write(stored.grants_of, number(led, "aino")).version > before
    member = people.card_id("member", number(led, "aino"))
    assert led.replica("koivu").cards[member].fields["gone"] == ["left", ""]
    assert led.replica("leppa").cards[member].fields["role"] == "staff"


def test_a_move_that_may_not_end_begins_nothing(led):
    with pytest.raises(Refused):
        give(led, "nora", "sari", (led.spaces["koivu"], "staff"), led.spaces["pihlaja"])

    assert set(roles(led, "sari")) == {led.spaces[name] for name in ("pihlaja", "south", "org")}


def test_two_teams_are_one_person_with_both(led):
    give(led, "dora", "aino", (led.spaces["pihlaja"], "staff"))

    assert set(roles(led, "aino")) == {led.spaces[n] for n in ("koivu", "pihlaja", "north", "south", "org")}


def test_nobody_gives_a_role_to_themselves(led):
    with pytest.raises(Refused):
        give(led, "adele", "adele", (led.spaces["koivu"], "staff"))


@pytest.mark.parametrize("actor", ["dora", "adele"])
def test_a_team_keeps_its_last_supervisor(led, actor):
    koivu = led.spaces["koivu"]
    changes = [
        lambda: end(led, actor, "jorma", "koivu"),
        lambda: give(led, actor, "jorma", (koivu, "staff")),
        lambda: give(led, actor, "jorma", (led.spaces["leppa"], "staff"), koivu),
    ]
    for change in changes:
        with pytest.raises(Refused) as refused:
            change()
        assert refused.value.code == "last_supervisor"
    assert roles(led, "jorma")[koivu] == "supervisor"


def test_with_a_second_supervisor_the_first_may_go(led):
    give(led, "jorma", "timo", (led.spaces["koivu"], "supervisor"))

    end(led, "jorma", "jorma", "koivu")

    assert roles(led, "timo")[led.spaces["koivu"]] == "supervisor"


def test_the_last_supervisor_may_go_and_who_leads_above_is_told(led):
    end(led, "jorma", "jorma", "koivu")

    assert led.spaces["koivu"] not in roles(led, "jorma")
    assert unled(led, "nora") == unled(led, "nils") == [{"space": led.spaces["koivu"], "team": "koivu"}]
    assert unled(led, "dora") == unled(led, "adele") == []


def test_where_nobody_leads_the_area_who_leads_the_organisation_is_told(town):
    town.db.write(leaving.ask_erasure, town.device("jorma"), Wish([]), world(town))

    assert [told["team"] for told in unled(town, "dora") + unled(town, "adele")] == ["koivu", "koivu"]
    assert unled(town, "manu") == []


def test_a_removal_on_the_command_line_tells_of_a_team_without_a_supervisor_too(led):
    led.db.write(commands.remove, RemoveForm(number(led, "jorma"), "koivu"), world(led))

    assert len(unled(led, "nora")) == 1


def test_nobody_is_told_of_a_team_that_has_another_supervisor_or_no_members(led):
    give(led, "jorma", "timo", (led.spaces["koivu"], "supervisor"))
    end(led, "jorma", "jorma", "koivu")
    give(led, "dora", "sari", (led.spaces["pihlaja"], "supervisor"))
    end(led, "sari", "sari", "pihlaja")

    assert unled(led, "nora") == unled(led, "dora") == []


def unled(town, name):
    told = town.db.write(audit.notices, number(town, name))
    return [one.detail for one in told if one.what == "unled"]


def admin_ends(town):
    """Every way in which the administrator Adele could go."""
    adele, org = number(town, "adele"), town.spaces["org"]
    away, boss = Parting(adele), Parting(adele, {}, [org])
    me = town.device("adele")
    lowered = Giving(adele, Seat(None, "management"))
    return {
        "leaves": lambda: town.db.write(seats.end, me, boss, world(town)),
        "is removed": lambda: town.db.write(seats.end, town.device("alma"), boss, world(town)),
        "is sent away": lambda: town.db.write(leaving.leave, town.device("alma"), away, world(town)),
        "is lowered": lambda: town.db.write(seats.give, town.device("alma"), lowered, world(town)),
        "deletes the account": lambda: town.db.write(leaving.ask_erasure, me, Wish([]), world(town)),
        "is sent away by command": lambda: town.db.write(commands.remove, RemoveForm(adele), world(town)),
    }


WAYS = (
    "leaves",
    "is removed",
    "is sent away",
    "is lowered",
    "deletes the account",
    "is sent away by command",
)


@pytest.mark.parametrize("way", WAYS)
def test_the_last_administrator_stays_until_there_is_another(town, way):
    town.people["alma"] = town.db.write(resident, "alma", None, "admin")
    alma = town.device("alma")
    town.db.write(leaving.ask_erasure, alma, Wish([]), world(town))  # who is about to go doesn't count
    with pytest.raises(Refused) as refused:
        admin_ends(town)[way]()
    assert refused.value.code == "last_admin"
    assert roles(town, "adele")[town.spaces["org"]] == "admin"

    town.db.write(stored.start_session, alma, town.now)
    admin_ends(town)[way]()


def test_a_group_that_ends_takes_no_last_administrator_away(town):
    boss = town.db.write(resident, "berit", None, "staff")
    for name in ("adele", "berit"):
        who = boss if name == "berit" else town.people[name]
        town.db.write(people.grant, who.number, Seat(None, "admin", directory.SOURCE), town.now)
    ends = [
        town.db.write(directory.follow_groups, one, Opened({}), town.now)
        for one in (number(town, "adele"), boss.number)
    ]

    assert ends == [1, 0]


# ---- bringing somebody back


def bring_back(town, actor, name, place):
    space = town.spaces[place]
    offer = Invitation(space, "staff", number(town, name), None, 20, town.now + DAY_MS, number(town, actor))
    code = f"{actor} {name} {place}"
    town.db.write(seats.invite_as, town.device(actor), (code, offer), town.now)
    return town.db.write(joining.look, of_link(code), town.now)


def test_who_is_brought_back_keeps_the_role_and_the_link_works_once(led):
    give(led, "jorma", "timo", (led.spaces["koivu"], "supervisor"))

    looked = bring_back(led, "jorma", "timo", "koivu")

    assert (looked.role, looked.uses_left, looked.name) == ("supervisor", 1, "Timo")


def test_nobody_comes_by_a_stronger_role_through_somebody_elses_link(led):
    give(led, "adele", "dora", (led.spaces["koivu"], "staff"))

    with pytest.raises(Refused) as refused:
        bring_back(led, "jorma", "dora", "koivu")
    assert refused.value.code == "not_allowed"
    bring_back(led, "adele", "dora", "koivu")


def test_a_supervisor_brings_nobody_back_from_elsewhere(led):
    for place in ("leppa", "koivu"):
        with pytest.raises(Refused):
            bring_back(led, "jorma", "outi", place)


def test_d33_nobody_takes_over_a_person_by_seating_them_in_the_own_team(led):
    koivu = led.spaces["koivu"]
    with pytest.raises(Refused) as refused:
        give(led, "jorma", "sari", (koivu, "staff"))
    assert refused.value.code == "not_allowed"
    led.db.write(people.grant, number(led, "sari"), Seat(koivu, "staff"), led.now)
    with pytest.raises(Refused) as refused:
        bring_back(led, "jorma", "sari", "koivu")
    assert refused.value.code == "not_allowed"
    assert bring_back(led, "dora", "sari", "koivu").name == "Sari"


# ---- taking invitations up


def invite(town, maker, seat, person=None):
    """A link for a role in a space, made by somebody, or at the command line."""
    place, role = seat
    code, by = f"{maker} {place} {role} {person}", number(town, maker) if maker else None
    whom = number(town, person) if person else None
    offer = Invitation(town.spaces[place], role, whom, None, 1, town.now + DAY_MS, by)
    if maker is None:
        town.db.write(people.invite, code, offer, town.now)
    else:
        town.db.write(seats.invite_as, town.device(maker), (code, offer), town.now)
    return code


def look(town, code):
    return town.db.write(joining.look, of_link(code), town.now)


def join(town, code, name=None):
    comer = Comer("puhelin", code.encode().ljust(65), code.encode().ljust(16)[-16:], code, "invitation")
    taken = joining.Joining(of_link(code), "Uusi", "fi", comer)
    device = town.device(name) if name else None
    return town.db.write(joining.join, taken, device, town.now)


def is_unknown(town, code):
    return refusal(town, joining.look, of_link(code), town.now) == "code_unknown"


def test_d33_a_link_takes_no_stronger_role_away_and_isn_t_used_up_by_it(led):
    code = invite(led, None, ("koivu", "staff"))
    for name in ("jorma", "agnes", "aino"):
        before = roles(led, name)
        assert join(led, code, name) == (led.device(name), False)
        assert roles(led, name) == before
    assert look(led, code).uses_left == 1
    join(led, invite(led, None, ("koivu", "agent")), "aino")
    assert roles(led, "aino")[led.spaces["koivu"]] == "agent"


def test_d33_nobody_takes_up_an_invitation_of_their_own(led):
    code = invite(led, "adele", ("koivu", "supervisor"))
    with pytest.raises(Refused) as refused:
        join(led, code, "adele")
    assert refused.value.code == "not_allowed"
    assert look(led, code).uses_left == 1


def test_d33_an_invitation_is_as_good_as_the_right_behind_it(led):
    give(led, "jorma", "timo", (led.spaces["koivu"], "supervisor"))
    codes = [invite(led, "jorma", ("koivu", "staff")), invite(led, "jorma", ("koivu", "staff"), "aino")]
    assert [look(led, code).role for code in codes] == ["staff", "staff"]
    led.db.write(people.remove, number(led, "jorma"), led.spaces["koivu"], led.now)
    for code in codes:
        assert is_unknown(led, code)
        with pytest.raises(Refused):
            join(led, code)


def test_d33_invitations_end_with_the_seat_of_who_made_them(led):
    give(led, "jorma", "timo", (led.spaces["koivu"], "supervisor"))
    first, others, open_one = (
        invite(led, "jorma", ("koivu", "agent")),
        invite(led, "timo", ("koivu", "agent")),
        invite(led, None, ("koivu", "agent")),
    )
    give(led, "timo", "jorma", (led.spaces["koivu"], "staff"))
    give(led, "timo", "jorma", (led.spaces["koivu"], "supervisor"))
    assert is_unknown(led, first)
    assert [look(led, code).role for code in (others, open_one)] == ["agent", "agent"]


def test_d33_who_was_removed_doesn_t_come_back_by_an_older_link(led):
    by_leader, by_server = (invite(led, maker, ("koivu", "staff"), "aino") for maker in ("jorma", None))
    end(led, "jorma", "aino", "koivu")
    assert is_unknown(led, by_leader)
    assert look(led, by_server).name == "Aino"
    led.db.write(people.grant, number(led, "aino"), Seat(led.spaces["koivu"], "staff"), led.now)
    assert is_unknown(led, by_leader)
    again = invite(led, "jorma", ("koivu", "staff"), "timo")
    led.db.write(people.leave, number(led, "timo"), led.now)
    assert is_unknown(led, again)


def test_d33_who_is_brought_back_has_the_role_that_they_hold_by_then(led):
    code = invite(led, "jorma", ("koivu", "staff"), "aino")
    give(led, "jorma", "aino", (led.spaces["koivu"], "agent"))
    assert look(led, code).role == "agent"
    assert join(led, code)[1] is True
    assert roles(led, "aino")[led.spaces["koivu"]] == "agent"


# ---- what somebody had to do


@pytest.fixture
def busy(led):
    """Aino sees to one idea in Koivu and one shared in the area; Jorma owes an answer to a third."""
    aino = str(number(led, "aino"))
    owned = {"stage": "trying", "owner": aino}
    for card, space in (
        (b"a" * 16, "koivu"),
        (b"b" * 16, "north"),
        (b"c" * 16, "koivu"),
        (b"d" * 16, "koivu"),
    ):
        led.idea("timo", space=space, title=f"Idea {card[:1].decode()}")
        led.send("timo", {"team": (None, led.spaces["koivu"]), "title": (None, "x")}, card=card, space=space)
    for card, space in ((b"a" * 16, "koivu"), (b"b" * 16, "north")):
        led.send("jorma", {n: (None, v) for n, v in owned.items()}, card=card, space=space)
    led.send("jorma", {"stage": (None, "in_use"), "owner": (None, aino)}, card=b"d" * 16)
    return led


def behind(town, actor, name):
    found = town.db.write(parting.left_behind, town.device(actor), number(town, name))
    return {one.space: one for one in found}


def duties(town, actor, name, space="koivu"):
    return behind(town, actor, name)[town.spaces[space]].duties


def test_open_duties_are_found_wherever_the_teams_cards_lie(busy):
    own = [d.card[:1] for d in duties(busy, "jorma", "aino") if d.sort == "own"]

    assert sorted(own) == [b"a", b"b"]
    assert b"c" * 16 in [d.card for d in duties(busy, "jorma", "jorma") if d.sort == "owed"]


def test_who_leads_and_does_not_read_sees_no_words_of_duties(busy):
    assert {d.title for d in duties(busy, "adele", "aino")} == {""}
    assert {d.title for d in duties(busy, "aino", "aino") if d.sort == "own"} == {"x"}
    with pytest.raises(Refused):
        duties(busy, "timo", "aino")


@pytest.mark.parametrize("actor", ["jorma", "adele"])
def test_duties_go_to_somebody_else_and_the_history_shows_it(busy, actor):
    assert end(busy, actor, "aino", "koivu", number(busy, "timo")) == 2

    timo = str(number(busy, "timo"))
    assert busy.value("owner", b"a" * 16) == busy.value("owner", b"b" * 16, "north") == timo
    assert busy.value("owner", b"d" * 16) == str(number(busy, "aino"))
    past = busy.db.write(history_of, (busy.spaces["koivu"], b"a" * 16), number(busy, "jorma"))
    assert past[-1][1] == number(busy, actor)
    assert past[-1][4] == {"owner": [str(number(busy, "aino")), timo]}
    (told,) = busy.db.write(audit.notices, number(busy, "timo"))
    assert (told.what, told.detail["count"]) == ("given", 2)


def test_duties_go_to_a_member_of_the_team_alone(busy):
    for to in ("outi", "aino"):
        with pytest.raises(Refused):
            end(busy, "jorma", "aino", "koivu", number(busy, to))
    assert still_has(busy, "aino")


def still_has(town, name):
    return town.spaces["koivu"] in roles(town, name)


def test_h1_duties_are_shown_only_where_the_person_has_a_seat_that_one_may_end(busy):
    koivu, leppa = busy.spaces["koivu"], busy.spaces["leppa"]
    give(busy, "dora", "aino", (leppa, "staff"))
    assert set(behind(busy, "aino", "aino")) == set(behind(busy, "nora", "aino")) == {koivu, leppa}
    assert set(behind(busy, "jorma", "aino")) == {koivu}
    assert set(behind(busy, "adele", "adele")) == {busy.spaces["org"]}
    assert behind(busy, "adele", "adele")[busy.spaces["org"]].sole == "admin"
    assert refusal(busy, parting.left_behind, busy.device("sari"), number(busy, "aino")) == "not_allowed"


def test_who_could_go_on_is_named_for_each_team(busy):
    busy.db.write(leaving.ask_erasure, busy.device("agnes"), Wish([]), world(busy))
    koivu = behind(busy, "aino", "aino")[busy.spaces["koivu"]]

    assert (koivu.name, koivu.sole) == ("koivu", None)
    assert [one.name for one in koivu.others] == ["Jorma", "Timo"]
    assert behind(busy, "jorma", "jorma")[busy.spaces["koivu"]].sole == "supervisor"


@pytest.fixture
def busier(busy):
    """Aino sees to an idea in Leppä too, where Outi works."""
    leppa = busy.spaces["leppa"]
    give(busy, "dora", "aino", (leppa, "staff"))
    busy.db.write(people.grant, number(busy, "nora"), Seat(leppa, "supervisor"), busy.now)
    busy.send("outi", {"team": (None, leppa), "title": (None, "y")}, card=b"e" * 16, space="leppa")
    fields = {"stage": (None, "trying"), "owner": (None, str(number(busy, "aino")))}
    busy.send("nora", fields, card=b"e" * 16, space="leppa")
    return busy


def goes_by(town, way, duties_to):
    """Aino goes from all her teams in one of the ways; each is told alike who goes on."""
    aino = number(town, "aino")
    if way == "is sent away":
        town.db.write(leaving.leave, town.device("dora"), Parting(aino, duties_to), world(town))
    elif way == "deletes the account":
        town.db.write(leaving.ask_erasure, town.device("aino"), Wish([], duties_to), world(town))
    else:
        left = Parting(aino, duties_to, [town.spaces["koivu"], town.spaces["leppa"]])
        town.db.write(seats.end, town.device("aino"), left, world(town))


@pytest.mark.parametrize("way", ["leaves", "is sent away", "deletes the account"])
def test_every_way_out_hands_over_team_by_team(busier, way):
    koivu, leppa, timo = busier.spaces["koivu"], busier.spaces["leppa"], number(busier, "timo")
    for wrong in (
        {leppa: timo},
        {busier.spaces["pihlaja"]: number(busier, "sari")},
        {koivu: number(busier, "aino")},
    ):
        with pytest.raises(Refused) as refused:
            goes_by(busier, way, wrong)
        assert (refused.value.code, refused.value.field) == ("invalid", "duties_to")
    assert busier.value("owner", b"e" * 16, "leppa") == str(number(busier, "aino"))

    goes_by(busier, way, {koivu: timo})

    assert busier.value("owner", b"a" * 16) == busier.value("owner", b"b" * 16, "north") == str(timo)
    assert busier.value("owner", b"e" * 16, "leppa") is None  # nobody's, for all to see
    past = busier.db.write(history_of, (leppa, b"e" * 16), number(busier, "outi"))
    assert past[-1][4] == {"owner": [str(number(busier, "aino")), None]}


# ---- what is noted


def test_d83_administrators_of_the_organisation_read_the_log_and_nobody_else(led):
    for name in led.people:
        if name == "adele":
            continue
        assert refusal(led, organisation.audit_log, number(led, name), 0, 0) == "not_allowed"


def test_d83_roles_moves_and_names_are_in_the_log_by_the_day(led):
    give(led, "jorma", "timo", (led.spaces["koivu"], "agent"))
    end(led, "jorma", "aino", "koivu")
    wanted = Space(led.spaces["koivu"], "", {"fi": "Koivikko"}, None)
    led.db.write(organisation.rename, number(led, "jorma"), wanted, led.now)
    led.db.write(seats.rename, led.device("jorma"), (number(led, "timo"), "Timo K"), led.now)

    events, persons, places = led.db.write(organisation.audit_log, number(led, "adele"), 0, 0)

    assert [e.what for e in events] == ["person_renamed", "space_renamed", "grant_ended", "granted"]
    assert {e.on for e in events} == {led.now // DAY_MS}
    assert {e.at for e in events} == {None}
    assert persons[number(led, "timo")] == "Timo K"
    assert places[led.spaces["koivu"]] == {"fi": "Koivikko"}


def test_area_and_team_names_are_found_by_the_command_line(led):
    found = led.db.write(spaces.spaces, ("area",))

    assert {place.names["fi"] for place in found} == {"Pohjoinen", "Etelä"}


def test_who_is_renamed_is_told_and_only_who_leads_all_their_teams_may(led):
    timo, jorma = number(led, "timo"), led.device("jorma")
    led.db.write(seats.rename, jorma, (timo, "Timo K"), led.now)
    (told,) = led.db.write(audit.notices, timo)
    assert (told.what, told.detail) == ("renamed", {"by": number(led, "jorma")})
    led.db.write(people.grant, timo, Seat(led.spaces["leppa"], "staff"), led.now)
    assert refusal(led, seats.rename, jorma, (timo, "Joku muu"), led.now) == "not_found"
    led.db.write(seats.rename, led.device("nora"), (timo, "Timo L"), led.now)
    assert led.db.write(stored.person_of, timo).name == "Timo L"


def test_h5_a_list_of_invitations_tells_the_day_of_their_end_alone(led):
    invite(led, "jorma", ("koivu", "staff"))
    (offer,) = led.db.write(seats.waiting, number(led, "adele"), led.spaces["koivu"], led.now)
    assert offer.until == (led.now + DAY_MS) // DAY_MS * DAY_MS
