"""Posting: anybody of the organisation makes a card in another's own space, and only the receiver ever reads it."""

import re
from random import Random

import pytest
from msgspec import structs

from server import late, people
from server.export import collect
from server.intake import arrival
from server.store.accept import accept
from server.store.cards import mark_card_id
from server.store.frames import frames_for, readable_spaces
from server.store.history import history_of
from server.store.people import DAY_MS
from server.store.posting import POSTED_A_DAY
from server.store.writers import person_card_id
from server.t import LANGS, catalogue
from sync.protocol import Code, Refusal, encode
from tests.town import SECRET

NOTE = b"t" * 16
WORDS = "Jäit vartiksi auttamaan, kun kaksi kutsua soi."
OTHERS = ("outi", "jorma", "agnes", "dora", "manu", "rauni", "adele")


def thanks(town, name="timo", space="own of aino", **fields):
    values = {"text": WORDS, **{k: v for k, v in fields.items() if k != "card"}}
    how = {"space": space, "kind": "recognition", "card": fields.get("card", NOTE)}
    return town.send(name, {n: (None, v) for n, v in values.items()}, **how)


def reason(verdict):
    return (verdict.detail or {}).get("reason")


def all_that_reaches(town, name):
    """Every frame of every space that a person may read, as one heap of bytes."""
    number = town.people[name].number
    roles = town.db.write(readable_spaces, number)
    frames, behind, _ = town.db.write(frames_for, number, dict.fromkeys(roles, 0))
    assert not behind
    return b"".join(bytes(frame) for frame in frames.values())


@pytest.mark.parametrize("sender", ["timo", "jorma", "sari", "manu", "rauni", "adele"])
def test_anybody_of_the_organisation_posts_into_the_own_space_of_another(town, sender):
    assert thanks(town, sender).code == Code.DONE
    (card,) = [c for c in town.replica("own of aino").cards.values() if c.kind == "recognition"]
    assert (card.by, card.fields["text"]) == (town.people[sender].number, WORDS)


def test_the_receiver_learns_the_name_of_a_sender_from_another_team(town):
    thanks(town, "sari")
    sari = town.people["sari"].number
    assert town.value("name", person_card_id(sari), "own of aino") == "Sari"
    town.db.write(people.update_me, town.device("sari"), {"name": "Sari K."}, town.now)
    assert town.value("name", person_card_id(sari), "own of aino") == "Sari K."


def test_h9_nobody_but_the_receiver_is_ever_given_what_was_posted(town):
    thanks(town)
    assert WORDS.encode() in all_that_reaches(town, "aino")
    for name in ("timo", *OTHERS):
        assert WORDS.encode() not in all_that_reaches(town, name)
        key = (town.spaces["own of aino"], NOTE)
        assert town.db.write(history_of, key, town.people[name].number) is None
        assert WORDS not in str(town.db.write(collect, town.device(name), town.now))
        frames, behind, _ = town.db.write(frames_for, town.people[name].number, {key[0]: 0})
        assert (frames, behind) == ({}, [])


def test_h4_a_verdict_doesn_t_say_how_much_a_person_has_been_given(town):
    first, second = thanks(town), thanks(town, "jorma", card=b"u" * 16)
    assert (first.seq, second.seq) == (0, 0)


def test_the_same_change_once_more_counts_once(town):
    change = town.change("timo", {"text": (None, WORDS)}, space="own of aino", kind="recognition", card=NOTE)
    first, second = (town.deliver([("timo", encode(change))])[0] for _ in range(2))
    assert (first.code, second.code, second.seq) == (Code.DONE, Code.DONE, 0)


@pytest.mark.parametrize("name", ["timo", "jorma", "agnes"])
@pytest.mark.parametrize(
    "sets",
    [
        {"text": (WORDS, "Muuta")},
        {"lang": (None, "fi")},
        {"gone": (None, ["withdrawn", ""])},
        {"text": (None, "Abc")},
    ],
)
def test_what_was_posted_is_not_changed_or_taken_back_by_anybody_but_the_receiver(town, name, sets):
    thanks(town)
    verdict = town.send(name, sets, space="own of aino", kind="recognition", card=NOTE)
    assert (verdict.code, reason(verdict)) == (Code.REFUSED, Refusal.NO_GRANT)
    assert town.value("text", NOTE, "own of aino") == WORDS


@pytest.mark.parametrize("sets", [{"lang": (None, "fi")}, {"gone": (None, ["withdrawn", ""])}])
def test_a_poster_leaves_nothing_waiting_in_another_s_space(town, sets):
    verdict = town.send("timo", sets, space="own of aino", kind="recognition", card=NOTE)
    assert (verdict.code, reason(verdict)) == (Code.REFUSED, Refusal.NO_GRANT)


def test_f11_the_receiver_removes_it_and_may_bring_it_back_but_not_reword_it(town):
    thanks(town)
    own = {"space": "own of aino", "kind": "recognition", "card": NOTE, "base": 99}
    assert town.send("aino", {"text": (WORDS, "Olen paras")}, **own).code == Code.REFUSED
    assert town.send("aino", {"gone": (None, ["withdrawn", ""])}, **own).code == Code.DONE
    assert town.value("gone", NOTE, "own of aino")
    assert town.send("aino", {"gone": (["withdrawn", ""], None)}, **own).code == Code.DONE
    assert town.value("gone", NOTE, "own of aino") is None


def test_other_kinds_stay_out_of_another_s_own_space(town):
    assert reason(town.idea("timo", space="own of aino")) == Refusal.NO_GRANT


def test_who_has_left_is_sent_nothing_and_the_sender_is_told(town):
    town.db.write(people.leave, town.people["aino"].number, town.now)
    verdict = thanks(town)
    assert (verdict.code, reason(verdict)) == (Code.REFUSED, Refusal.RECEIVER_LEFT)


@pytest.mark.parametrize("space", ["own of aino", "koivu"])
def test_nobody_floods_another_s_space_and_the_words_of_who_tries_stay_with_them(town, space):
    def send(name, number):
        card = number.to_bytes(6) + b"\x7a" + bytes(9)
        sets = {"text": (None, f"{WORDS} {number}")}
        return town.change(name, sets, space=space, kind="recognition", card=card)

    for start in range(0, POSTED_A_DAY, 40):
        some = [("sari", encode(send("sari", n))) for n in range(start, min(start + 40, POSTED_A_DAY))]
        assert {verdict.code for verdict in town.deliver(some)} == {Code.DONE}
    again = send("sari", POSTED_A_DAY)
    for _ in range(2):
        (verdict,) = town.deliver([("sari", encode(again))])
        assert (verdict.code, reason(verdict)) == (Code.REFUSED, Refusal.TOO_MANY)
    assert thanks(town, "manu", space, card=b"v" * 16).code == Code.DONE
    town.now += DAY_MS
    later = send("sari", POSTED_A_DAY + 1)
    assert town.deliver([("sari", encode(later))])[0].code == Code.DONE


@pytest.mark.parametrize("space", ["north", "org"])
def test_areas_and_the_organisation_take_no_thanks(town, space):
    assert thanks(town, "sari", space).code == Code.REFUSED
    assert thanks(town, "dora", space).code == Code.REFUSED


def test_a_thanks_to_another_team_lies_on_that_team_s_wall_under_its_sender_s_name(town):
    assert thanks(town, "sari", "koivu").code == Code.DONE
    assert town.value("name", person_card_id(town.people["sari"].number)) == "Sari"
    assert town.value("text", NOTE) == WORDS


def test_nobody_sends_in_the_name_of_another(town):
    timo = town.people["timo"].number
    for space in ("own of aino", "koivu"):
        verdict = thanks(town, "sari", space, sender=timo)
        assert (verdict.code, reason(verdict)) == (Code.REFUSED, Refusal.NOT_YOURS)
    assert reason(thanks(town, "jorma", sender=timo)) == Refusal.NOT_YOURS


def come_sealed(town, name, change, is_revoked):
    came = structs.replace(arrival(town.device(name), encode(change)), is_sealed=True, is_revoked=is_revoked)
    return town.db.write(accept, [came], town.now, SECRET)[0]


def posted(town):
    return town.change("timo", {"text": (None, WORDS)}, space="own of aino", kind="recognition", card=NOTE)


def test_d62_sealed_words_are_posted_as_any_others(town):
    assert come_sealed(town, "timo", posted(town), is_revoked=False).code == Code.DONE
    assert town.value("text", NOTE, "own of aino") == WORDS


def test_d66_what_waits_for_another_s_own_space_is_told_to_its_author_alone(town):
    verdict = come_sealed(town, "timo", posted(town), is_revoked=True)
    assert (verdict.code, reason(verdict)) == (Code.HELD, Refusal.AUTHOR_REVOKED)
    for name in ("aino", *OTHERS):
        assert town.db.write(late.listed, town.device(name), None).items == []
    (one,) = town.db.write(late.listed, town.device("timo"), None).items
    assert (one.mine, one.may_accept) == (True, True)


def test_h4_no_word_of_the_interface_counts_thanks():
    said = [text for lang in LANGS for key, text in catalogue(lang).items() if key.startswith("thanks.")]
    assert len(said) > 60
    assert not [text for text in said if "{count}" in text or re.search(r"\d", text)]


def test_h4_own_export_has_what_was_received_and_sent_and_no_sum_of_it(town):
    thanks(town)
    copy = {"text": WORDS, "card": b"v" * 16, f"to/{town.people['aino'].number}": True}
    thanks(town, "timo", "own of timo", **copy)
    for name in ("aino", "timo"):
        own = town.db.write(collect, town.device(name), town.now)
        assert [one.fields["text"] for one in own.cards] == [WORDS]
        others = [name for name in own.__struct_fields__ if re.search("thank|recogn|kiit", name)]
        assert others == []


def put_on_wall(town, name="aino", **fields):
    fields = {"sender": town.people["timo"].number, "origin": NOTE, "card": b"w" * 16, **fields}
    return thanks(town, name, "koivu", **fields)


def test_f11_a_thanks_is_on_the_wall_when_sender_and_receiver_agree(town):
    thanks(town, wall=True)
    assert put_on_wall(town).code == Code.DONE
    assert WORDS.encode() in all_that_reaches(town, "jorma")


def test_f11_without_the_sender_s_wish_the_server_takes_none_on_the_wall(town):
    thanks(town)
    assert reason(put_on_wall(town)) == Refusal.NOT_YOURS


@pytest.mark.parametrize(
    "fields", [{"text": "Olet paras."}, {"sender": 1}, {"origin": b"x" * 16}, {"origin": None}]
)
def test_nobody_puts_words_on_the_wall_that_nobody_gave(town, fields):
    thanks(town, wall=True)
    assert put_on_wall(town, **fields).code in (Code.REFUSED, Code.HELD)
    assert reason(put_on_wall(town, "jorma")) == Refusal.NO_CARD


def test_f11_a_thanks_that_its_receiver_removed_leaves_the_wall_and_comes_to_none(town):
    thanks(town, wall=True)
    put_on_wall(town)
    device = town.replica("koivu")
    assert WORDS in str(device.cards)
    own = {"space": "own of aino", "kind": "recognition", "card": NOTE, "base": 99}
    town.send("aino", {"gone": (None, ["withdrawn", ""])}, **own)
    town.pull(device)
    assert WORDS not in str(device.cards)
    assert town.value("gone", b"w" * 16)
    assert reason(put_on_wall(town, card=b"y" * 16)) == Refusal.GONE
    assert WORDS.encode() not in all_that_reaches(town, "jorma")


def test_f11_it_leaves_the_wall_of_a_team_that_its_receiver_has_left(town):
    thanks(town, wall=True)
    put_on_wall(town)
    town.db.write(people.remove, town.people["aino"].number, town.spaces["koivu"], town.now)
    own = {"space": "own of aino", "kind": "recognition", "card": NOTE, "base": 99}
    town.send("aino", {"gone": (None, ["withdrawn", ""])}, **own)
    assert town.value("gone", b"w" * 16)


@pytest.mark.parametrize("seed", range(5))
def test_h9_whatever_is_posted_and_removed_each_gets_their_own_alone(town, seed):
    dice, shown = Random(seed), {}
    names = ["aino", "timo", "jorma", "agnes", "outi", "sari", "dora", "manu"]
    for n in range(30):
        sender, receiver = dice.sample(names, 2)
        words, card = f"Kiitos numero {n:03}.", b"\x70" * 8 + n.to_bytes(8)
        thanks(town, sender, f"own of {receiver}", text=words, card=card, wall=dice.random() < 0.5)
        shown[words] = receiver
        if dice.random() < 0.3:
            how = {"space": f"own of {receiver}", "kind": "recognition", "card": card, "base": 999}
            who = dice.choice([receiver, sender, dice.choice(names)])
            landed = town.send(who, {"gone": (None, ["withdrawn", ""])}, **how)
            assert (landed.code == Code.DONE) is (who == receiver)
            shown[words] = None if who == receiver else receiver
    for name in names:
        reached = all_that_reaches(town, name)
        got = {words for words in shown if words.encode() in reached}
        assert got == {words for words, receiver in shown.items() if receiver == name}


def test_h9_an_own_space_tells_a_poster_nothing_of_what_is_there(town):
    """Ids of marks, answers and names follow from what they are about: nothing is posted under them, or learnt."""
    town.idea()
    idea, answer = b"i" * 16, bytes.fromhex("0192f0a0b1c28abc8def0123456789ab")
    ids = [mark_card_id(idea), answer, person_card_id(town.people["sari"].number)]
    before = [(thanks(town, "jorma", card=id_, text=text), id_) for id_ in ids for text in ("x", WORDS)]
    town.send("aino", {"same_here": (None, True)}, card=idea)
    task = b"T" * 16
    written = {"on": (None, task), "of": (None, town.spaces["koivu"]), "text": (None, "Omaa pohdintaa")}
    how = {"space": "own of aino", "kind": "task_answer", "card": answer}
    assert town.send("aino", written, **how).code == Code.DONE
    thanks(town, "sari")
    after = [(thanks(town, "jorma", card=id_, text=text), id_) for id_ in ids for text in ("x", WORDS)]
    assert {reason(verdict) for verdict, _ in before + after} == {Refusal.NO_GRANT}
    assert mark_card_id(idea) in town.replica("own of aino").cards


def wall(town, **sets):
    """Aino hangs what Timo gave her on the wall of their team."""
    words = {"text": WORDS, "sender": town.people["timo"].number, "origin": NOTE, **sets}
    pairs = {name: (None, value) for name, value in words.items()}
    return town.send("aino", pairs, kind="recognition", card=b"w" * 16)


def send_to_wall(town, name, gone):
    return town.send(name, {"gone": gone}, kind="recognition", card=b"w" * 16, base=999)


AWAY, BACK = (None, ["withdrawn", ""]), (["withdrawn", ""], None)


@pytest.mark.parametrize(
    "sets", [{"strengths/care": True}, {f"photos/{'ab' * 32}": "Kuva"}, {"relayed": True}, {"lang": "sv"}]
)
def test_f11_nothing_is_added_on_the_wall_in_the_senders_name(town, sets):
    thanks(town, wall=True)
    assert reason(wall(town, **sets)) == Refusal.NOT_YOURS
    assert wall(town).code == Code.DONE
    later = {name: (None, value) for name, value in sets.items()}
    assert reason(town.send("aino", later, kind="recognition", card=b"w" * 16)) == Refusal.NOT_YOURS


def test_f11_the_sender_takes_it_from_the_wall_and_the_receiver_does_not_hang_it_there_again(town):
    thanks(town, wall=True)
    wall(town)
    assert reason(send_to_wall(town, "jorma", AWAY)) == Refusal.NOT_YOURS
    assert send_to_wall(town, "timo", AWAY).code == Code.DONE
    assert reason(send_to_wall(town, "aino", BACK)) == Refusal.NOT_YOURS
    assert send_to_wall(town, "timo", BACK).code == Code.DONE


def test_f11_a_copy_comes_back_to_the_wall_only_with_the_thanks_itself(town):
    own = {"space": "own of aino", "kind": "recognition", "card": NOTE, "base": 999}
    thanks(town, wall=True)
    wall(town)
    town.send("aino", {"gone": AWAY}, **own)
    assert reason(send_to_wall(town, "aino", BACK)) == Refusal.GONE
    town.send("aino", {"gone": BACK}, **own)
    assert send_to_wall(town, "aino", BACK).code == Code.DONE
    assert town.value("gone", b"w" * 16) is None


@pytest.mark.parametrize(("by", "away"), [("timo", AWAY), ("agnes", (None, ["client_data", "Nimi"]))])
def test_f11_what_somebody_else_took_from_the_wall_is_not_hung_again_as_another_card(town, by, away):
    thanks(town, wall=True)
    wall(town)
    assert send_to_wall(town, by, away).code == Code.DONE
    assert reason(put_on_wall(town, card=b"y" * 16)) == Refusal.NOT_YOURS
    assert WORDS.encode() not in all_that_reaches(town, "jorma")


def test_f11_nor_does_the_receiver_make_it_theirs_by_taking_it_away_once_more(town):
    thanks(town, wall=True)
    wall(town)
    send_to_wall(town, "timo", AWAY)
    again = (["withdrawn", ""], ["withdrawn", "Minäkin"])
    assert reason(send_to_wall(town, "aino", again)) == Refusal.NOT_YOURS
    assert send_to_wall(town, "aino", AWAY).code == Code.DONE
    assert reason(send_to_wall(town, "aino", BACK)) == Refusal.NOT_YOURS


def test_f11_what_the_receiver_alone_took_down_may_hang_again(town):
    thanks(town, wall=True)
    wall(town)
    assert send_to_wall(town, "aino", AWAY).code == Code.DONE
    assert put_on_wall(town, card=b"y" * 16).code == Code.DONE


def test_f11_a_thanks_hung_and_put_away_in_one_sync_is_on_no_wall(town):
    thanks(town, wall=True)
    hung = {"text": WORDS, "sender": town.people["timo"].number, "origin": NOTE}
    pairs = {name: (None, value) for name, value in hung.items()}
    up = town.change("aino", pairs, kind="recognition", card=b"w" * 16)
    down = town.change("aino", {"gone": AWAY}, space="own of aino", kind="recognition", card=NOTE, base=999)
    verdicts = town.deliver([("aino", encode(up)), ("aino", encode(down))])
    assert [verdict.code for verdict in verdicts] == [Code.DONE, Code.DONE]
    assert WORDS not in str(town.replica("koivu").cards)


def test_f11_a_sender_outside_the_team_takes_it_from_the_wall_and_learns_nothing(town):
    thanks(town, "sari", wall=True)
    assert wall(town, sender=town.people["sari"].number).code == Code.DONE
    for name in ("outi", "manu"):
        assert reason(send_to_wall(town, name, AWAY)) == Refusal.NO_GRANT
    for gone in (BACK, (None, ["client_data", ""])):
        assert send_to_wall(town, "sari", gone).code == Code.REFUSED
    down = send_to_wall(town, "sari", AWAY)
    assert (down.code, down.seq) == (Code.DONE, 0)
    assert WORDS.encode() not in all_that_reaches(town, "jorma")
    assert reason(send_to_wall(town, "sari", BACK)) == Refusal.NO_GRANT
    assert reason(send_to_wall(town, "aino", BACK)) == Refusal.NOT_YOURS
