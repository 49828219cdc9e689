"""Steps of the network, the devices and the server: what goes wrong, and what goes on all the same."""

from server.commands import replay
from server.forms import HeldForm
from server.refusals import Refused
from server.store.quarantine import held
from server.world import World as ServerWorld
from sync import PROTOCOL
from sync.protocol import Sync, encode
from tests.fuzz.device import LINE, Device, Way
from tests.fuzz.ledger import Broken, Key
from tests.fuzz.steps import step
from tests.fuzz.world import MOST_DEVICES, Letter, World
from tests.town import SECRET

HOUR = 3_600_000
YEAR = 365 * 24 * HOUR

# ---- single requests


@step(weight=14)
def exchange(world: World, device: Device, count: int) -> None:
    """A device sends what waits, or the first of it, and hears the reply."""
    world.exchange([device], count)


@step(weight=4)
def meet(world: World, device: Device, other: Device, count: int) -> None:
    """Two devices' changes arrive in one group."""
    if device is not other:
        world.exchange([device, other], count)


@step(weight=5)
def post(world: World, device: Device, count: int, on: bool) -> None:
    """A request sets out."""
    request = device.message(world.n * 4, world.time, count, Way(is_pull=on))
    world.letters[world.n] = Letter(device, world.n * 4, request)


@step(weight=6)
def arrive(world: World, letter: Letter) -> None:
    """A request reaches the server, perhaps once more, perhaps late."""
    if letter.epoch not in (None, world.house.epoch):
        world.ledger.say_again(letter.device.name, letter.request)
    (reply,) = world.house.post([(letter.device.name, letter.request)])
    if reply is not None:
        letter.replies.append(reply)


@step(weight=1)
def arrive_cut(world: World, letter: Letter, place: int) -> None:
    """Of a request only the beginning reaches the server."""
    cut = letter.request[: len(letter.request) * place // 31]
    world.house.post([(letter.device.name, cut)])


@step(weight=5)
def reply(world: World, letter: Letter, place: int) -> None:
    """A reply reaches its device, perhaps once more, perhaps after a later one."""
    if letter.replies:
        letter.device.hear(letter.replies[place % len(letter.replies)], world.time)


@step(weight=1)
def reply_cut(world: World, letter: Letter, place: int) -> None:
    """Of a reply only the beginning reaches the device."""
    if letter.replies and letter.device.hear(
        letter.replies[-1][: len(letter.replies[-1]) - 1 - place], world.time
    ):
        raise Broken("cut", "a reply without its end was read")


@step(weight=4)
def lose(world: World, letter: Letter) -> None:
    """The device waits no longer; what is still under way is lost."""
    letter.device.give_up(letter.sent)
    world.letters = {n: kept for n, kept in world.letters.items() if kept is not letter}


@step(weight=3)
def snapshot(world: World, device: Device, space: int) -> None:
    """A device asks for the space that it has to fetch whole, or for any other."""
    world.fetch(device, min(device.wanted, default=space))


@step(weight=2)
def pry(world: World, device: Device, space: int, idea: Key) -> None:
    """A device asks for what is not its person's: frames, snapshots and histories of any space."""
    cursors = dict.fromkeys(world.town.spaces.values(), 0)
    world.house.post([(device.name, encode(Sync(PROTOCOL, world.house.epoch, 0, cursors, [], 0)))])
    readable = world.ledger.readable[device.name]
    if world.house.snapshot(device.name, space) is not None and space not in readable:
        raise Broken("leak", f"{device.name} got the snapshot of {space}")
    if world.house.history(device.name, space, idea[1]) is not None and space not in readable:
        raise Broken("leak", f"{device.name} got a history of {space}")
    world.house.history(device.name, *idea)


# ---- live connections


@step(weight=5)
def connect(world: World, device: Device) -> None:
    """A live connection, and the first pull over it."""
    if device.socket is None or device.socket.closed:
        device.hang_up()
        device.socket = world.house.live(device.name)
        device.up.append(device.message(world.n * 4, world.time, way=LINE))


@step(weight=6)
def push(world: World, device: Device, count: int, on: bool) -> None:
    """A message goes into the line: changes, or a pull with them."""
    if device.socket and len(device.up) < 4:
        device.up.append(device.message(world.n * 4, world.time, count, LINE._replace(is_pull=on)))


@step(weight=8)
def carry_up(world: World, device: Device, place: int) -> None:
    """What a device sent reaches the server."""
    if device.socket and not device.socket.closed:
        most = 1 + place % 3
        sent, device.up = device.up[:most], device.up[most:]
        for message in sent:
            device.socket.hand_in(message)
        world.house.pump()


@step(weight=10)
def carry_down(world: World, device: Device, place: int) -> None:
    """What the server sent reaches the device."""
    socket = device.socket
    for _ in range(1 + place):
        if socket is None or not socket.down:
            return
        device.hear(socket.down.popleft(), world.time)


@step(weight=1)
def lose_down(world: World, device: Device) -> None:
    """One message of the server gets lost, a poke perhaps; the line stays."""
    if device.socket and device.socket.down:
        device.socket.down.popleft()


@step(weight=2)
def drop_line(world: World, device: Device) -> None:
    """The line is gone with all that is on it."""
    device.hang_up()
    world.house.pump()


@step(weight=1)
def cut_line(world: World, device: Device, place: int) -> None:
    """The line goes in the middle of a message, in both directions."""
    if not device.socket:
        return
    if device.up and not device.socket.closed:
        device.socket.hand_in(device.up[0][: len(device.up[0]) * place // 31])
        world.house.pump()
    if device.socket.down and device.hear(device.socket.down[0][: -1 - place], world.time):
        raise Broken("cut", "a message without its end was read")
    device.hang_up()
    world.house.pump()


@step(weight=2)
def clog(world: World, device: Device, on: bool) -> None:
    """The line takes no more, or flows again: what waits too long for it becomes pokes."""
    if device.socket:
        device.socket.clog(on)
        world.house.pump()


# ---- devices


@step(weight=2)
def kill_device(world: World, device: Device) -> None:
    """The browser is killed: what was saved is on the disk, and nothing else."""
    device.hang_up()
    world.house.pump()
    world.letters = {n: letter for n, letter in world.letters.items() if letter.device is not device}
    device.open(world.run())


@step(weight=1)
def clone(world: World, device: Device) -> None:
    """A profile is copied: two devices with one past."""
    if len(world.devices) < MOST_DEVICES:
        world.devices[world.n] = device.copy(world.n, world.run())


@step(weight=1)
def second_device(world: World, device: Device) -> None:
    """A person takes up a second device."""
    if len(world.devices) < MOST_DEVICES:
        world.devices[world.n] = Device(world.ledger, device.name, world.n, world.run())


@step(weight=1)
def evict(world: World, device: Device, place: int) -> None:
    """The browser throws away all that lies on a device."""
    if place % 4 == 0:
        world.evict(device)
        world.house.pump()


@step(weight=3)
def set_clock(world: World, device: Device, place: int) -> None:
    """A device's clock goes wrong, by up to a year."""
    device.clock_off = (0, 0, HOUR, -HOUR, YEAR, -YEAR, 5 * HOUR * place, -HOUR * place)[place % 8]


@step(weight=2)
def offer_held(world: World, device: Device) -> None:
    """What is held is offered again."""
    device.offer_held()


# ---- the server


@step(weight=3)
def kill_server(world: World, count: int) -> None:
    """The server will be killed before one of its next statements or commits."""
    world.db.fuse = count


@step(weight=1)
def backup(world: World, place: int) -> None:
    """A verified copy is made; from now on devices may forget what it holds."""
    if place % 2 == 0:
        world.make_backup()


@step(weight=1)
def restore(world: World, place: int) -> None:
    """The server is destroyed and restored from the last copy."""
    if place % 4 == 0:
        world.restore()


@step(weight=1)
def jump(world: World, place: int) -> None:
    """The server's clock jumps by up to a year, or is right again."""
    world.server_off = (0, 0, 0, YEAR, -YEAR, HOUR, -HOUR, 0)[place % 8]
    world.pass_time(0)


@step(weight=1)
def wait(world: World, place: int) -> None:
    """Hours or days pass."""
    world.pass_time(HOUR * (1 + place * place % 200))


@step(weight=1)
def tidy(world: World, place: int) -> None:
    """Days pass, and retention makes its round."""
    if place % 2:
        world.pass_time(24 * HOUR * (1 + place % 15))
        world.tidy(is_trusted=world.server_off == 0)


@step(weight=2)
def remove_member(world: World, person: str, team: str) -> None:
    """A person is removed from a team."""
    if team in world.seats[person]:
        world.seat(person, team, None)


@step(weight=3)
def invite(world: World, person: str, team: str) -> None:
    """A person comes into a team, or comes back."""
    if team not in world.seats[person] and person != "dora":
        world.seat(person, team, "supervisor" if person == "jorma" else "staff")


@step(weight=3)
def move_card(world: World, device: Device, idea: Key, space: int) -> None:
    """A card goes to another space."""
    world.move(device.name, idea, space)


@step(weight=1)
def replay_held(world: World, place: int) -> None:
    """An administrator replays what is in quarantine."""
    known = world.peek(held)
    if known:
        form = HeldForm(known[place % len(known)].id)
        server = ServerWorld(world.town.now, bytes, "", SECRET)
        try:
            world.house.write(replay, form, server)
        except Refused as refused:
            raise Broken("replay", refused) from None


@step(weight=1)
def refresh_snapshot(world: World, space: int) -> None:
    """A snapshot is made anew, to be served for a while."""
    world.house.loop.create_task(world.house.snapshots.make(space))
    world.house.pump()
