"""Steps in which a person writes; the device keeps it, and the network doesn't matter."""

from tests.fuzz.device import Device
from tests.fuzz.ledger import Key
from tests.fuzz.steps import step
from tests.fuzz.world import AREA_OF, World
from tests.property.phones import words

TEAM_OF = {"aino": "koivu", "timo": "koivu", "jorma": "koivu", "outi": "leppa", "sari": "pihlaja"}


@step(weight=7)
def make(world: World, device: Device, where: str, on: bool) -> None:
    """A new idea, for the team or for a wider space."""
    team = TEAM_OF.get(device.name)
    if team is None:
        return
    space = {"team": team, "area": AREA_OF[team], "org": "org"}[where]
    title, text = world.word(), " ".join(world.word() for _ in range(3))
    sets = {"team": world.town.spaces[team], "title": title, "text": text, "shared_edit": on}
    device.save((world.town.spaces[space], world.card_id()), "idea", sets, world.time)


@step(weight=12)
def edit_text(world: World, device: Device, idea: Key, place: int, how: str) -> None:
    """Words put in, rewritten or taken out."""
    text = str(device.shows(idea).get("text") or "").split()
    place %= len(text) + 1
    new = [] if how == "delete" else [world.word()]
    text[place : place + (1 if how == "rewrite" else 2 if how == "delete" else 0)] = new
    device.save(idea, "idea", {"text": " ".join(text)}, world.time)


@step(weight=6)
def edit_title(world: World, device: Device, idea: Key) -> None:
    """Another title."""
    device.save(idea, "idea", {"title": world.word()}, world.time)


@step(weight=12)
def quarrel(world: World, device: Device, idea: Key, other: Device, place: int, on: bool) -> None:
    """Two people write the same words anew, neither having seen the other's."""
    if other is device or not other.shows(idea):
        return
    for one in (device, other):
        text = str(one.shows(idea).get("text") or "").split() or [""]
        text[place % len(text)] = world.word()
        sets = {"text": " ".join(text)} if on else {"title": world.word()}
        one.save(idea, "idea", sets, world.time)


@step(weight=3)
def decide(world: World, device: Device, idea: Key, stage: str) -> None:
    """An answer with its decision."""
    reply = [f"{world.word()} ja kiitos ideasta", None]
    device.save(idea, "idea", {"reply": reply, "stage": stage, "size": "quick"}, world.time)


@step(weight=2)
def not_now(world: World, device: Device, idea: Key) -> None:
    """Not now, and why."""
    sets = {"stage": "not_now", "reason": f"{world.word()} mutta ei vielä"}
    device.save(idea, "idea", sets, world.time)


@step(weight=5)
def mark(world: World, device: Device, idea: Key, on: bool) -> None:
    """A mark given or taken back."""
    sets = {"same_here": True if on else None, "need/client": on or None}
    device.save(idea, "idea", sets if device.name == "aino" else {"same_here": sets["same_here"]}, world.time)


@step(weight=5)
def comment(world: World, device: Device, idea: Key) -> None:
    """Something said about an idea."""
    sets = {"on": idea[1], "text": world.word()}
    device.save((idea[0], world.card_id()), "comment", sets, world.time)


@step(weight=3)
def edit_comment(world: World, device: Device, comment: Key) -> None:
    """Said otherwise, or more of it."""
    text = f"{device.shows(comment).get('text') or ''} {world.word()}"[-400:]
    device.save(comment, "comment", {"text": text}, world.time)


@step(weight=4)
def settle(world: World, device: Device, idea: Key, how: str, place: int) -> None:
    """Of two versions one is taken, or both."""
    shown = device.shows(idea)
    forks = sorted(name for name, v in shown.items() if name.startswith("fork/") and v is not None)
    if not forks:
        return
    name = forks[place % len(forks)]
    field, sets = name.split("/")[1], {name: None}
    if how == "rewrite" and field != "reply":
        sets[field] = shown[name][0]
    elif how == "insert" and field == "text":
        sets[field] = f"{shown.get(field) or ''}\n\n{shown[name][0]}"
    elif field == "text" and shown.get(field):
        sets[field] = shown[field]
    if how != "delete" and field in sets:  # who puts two versions together says some words twice
        world.ledger.again |= words([shown.get(field), shown[name][0]])
    device.save(idea, "idea", sets, world.time)


@step(weight=2)
def hide(world: World, device: Device, idea: Key, reason: str) -> None:
    """Withdrawn, or hidden with a reason."""
    device.save(idea, "idea", {"gone": [reason, ""]}, world.time)


@step(weight=1)
def hide_comment(world: World, device: Device, comment: Key, reason: str) -> None:
    """A comment goes."""
    device.save(comment, "comment", {"gone": [reason, ""]}, world.time)


@step(weight=2)
def restore_card(world: World, device: Device, hidden: Key) -> None:
    """It comes back."""
    device.save(hidden, "idea", {"gone": None}, world.time)


@step(weight=1)
def write_elsewhere(world: World, device: Device, space: int) -> None:
    """A change to a space that this person may not be in."""
    team = world.town.spaces[TEAM_OF.get(device.name, "koivu")]
    device.save((space, world.card_id()), "idea", {"team": team, "title": world.word()}, world.time)


@step(weight=2)
def poison(world: World, device: Device, place: int) -> None:
    """A change that no server can judge."""
    key = (world.town.spaces["koivu"], world.card_id())
    title, deep = world.word(), "x"
    for _ in range(300):
        deep = [deep]
    kinds = ("pilot", {"title": title}), ("idea", {"title": title, "team": 3, "weather": "x"})
    wrong = ("idea", {"title": [title, deep], "team": 3}), ("idea", {"title": [title, 2**60], "team": 3})
    kind, sets = (*kinds, *wrong)[place % 4]
    if place % 5 == 4:
        key = (key[0], b"short")  # the device itself is broken
    device.save(key, kind, sets, world.time)
