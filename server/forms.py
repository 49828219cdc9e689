"""What the command line asks for and gets; imports nothing heavy, so that a command starts at once."""

from msgspec import Struct

TEAM_ROLES = ("staff", "supervisor", "agent")
ORG_ROLES = ("dev_lead", "management", "hr", "employee_rep", "admin")
ROLES = (*TEAM_ROLES, *ORG_ROLES)
# Roles that lead the space where they were given, and what is below.
LEADING = ("supervisor", "dev_lead", "admin")
LINK_DAYS = 7


class InitForm(Struct):
    """The organisation's name, used when it is made."""

    name: str = "Virtaamo"


class TeamForm(Struct):
    """A new team; its area is made where it is missing."""

    name: str
    area: str | None = None


class RenameForm(Struct):
    """A team or an area by name or number, its name to be in a language, and the area that a team moves to."""

    kind: str
    name: str
    to: str = ""
    lang: str = "fi"
    area: str | None = None


class RosterForm(Struct):
    """A list of persons as the bytes of a file; `team` is that of lines which name none."""

    text: bytes
    team: str | None = None
    good_ones: bool = False
    is_look: bool = False


class RosterLink(Struct):
    """An invitation made for one line."""

    name: str
    team: str
    role: str
    url: str


class Imported(Struct):
    """The invitations that were made, what is wrong with which line, and how many lines are good."""

    links: list[RosterLink]
    faults: list[str]
    good: int


class InviteForm(Struct):
    """Whom to invite; no team for a role of the whole organisation."""

    role: str
    team: str | None = None
    person: int | None = None
    name: str | None = None
    uses: int = 1
    days: int = LINK_DAYS
    is_typed: bool = False


class RemoveForm(Struct):
    """Whom to remove from a team, or from the organisation where no team is named."""

    person: int
    team: str | None = None


class RecoverForm(Struct):
    """Whose recovery codes are made anew."""

    person: int


class HeldForm(Struct):
    """Which quarantined change; 0 is all of them."""

    id: int = 0


class ReplayForm(Struct):
    """Which quarantined changes to judge again: those of a reason, or all; the next after this number."""

    reason: str = ""
    after: int = 0


class TeamMade(Struct):
    """A new team."""

    space: int
    name: str


class LinkMade(Struct):
    """A new invitation."""

    url: str
    code: str
    until: int


class DemoLink(Struct):
    """A fresh link for a person of the demonstration."""

    name: str
    url: str


class PersonLine(Struct):
    """A person and one role; nothing about when or how much (H5)."""

    person: int
    name: str
    space: int | None
    team: str | None
    role: str | None


class VerifiedForm(Struct):
    """A verified backup of this epoch: how far it has some of the spaces; `at` and `bytes` with the last of them."""

    epoch: bytes
    heads: list[tuple[int, int]]
    at: int = 0
    bytes: int = 0
    keys: list[str] = []  # of the server, in hexadecimal, whose private halves it holds


class KeyForm(Struct):
    """A new key of the server's, whose private half lies in the data folder already."""

    kid: bytes
    public: bytes


class KeyLine(Struct, frozen=True):
    """A key of the server's: its name in hexadecimal, its state, since when (ms), and whether a backup holds it."""

    kid: str
    state: str
    since: int
    is_kept: bool


class Watching(Struct, frozen=True):
    """What `doctor` asks: how many changes are held, when what the last verified backup holds was copied (ms);
    of a database server its version, whether a commit outlives a power cut there and how far its clock is ahead;
    the server's keys;
    how many browsers can't be woken because a push service refuses us."""

    held: int
    backup_at: int | None
    version: int = 0
    is_durable: bool = True
    keys: list[KeyLine] = []
    unwoken: int = 0
    party: str = ""  # the domain that passkeys were made for
    passkeys: int = 0
    set_back_at: int | None = None  # when a device was found to have seen more than the database holds (ms)
    ahead_ms: int = 0  # what the database's clock says more than the server's


class PartyForm(Struct):
    """The domain that passkeys are made for from now on."""

    id: str


class Replayed(Struct):
    """What became of a change that was judged again."""

    id: int
    verdict: str
    reason: str | None


class ReplayedSome(Struct):
    """What became of some; `last` is the number to go on after, 0 when there are no more."""

    done: list[Replayed]
    last: int


class Held(Struct, frozen=True):
    """A quarantined change from outside: whose, when, where, how large, why; never its words."""

    id: int
    person: int
    received_at: int
    space: int
    kind: str
    bytes: int
    reason: str
    what_to_do: str
