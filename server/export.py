"""Everything that is one person's, as a ZIP with one file for programs and one for people."""

from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from operator import itemgetter
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import msgspec
from msgspec import Struct

from server.db import Transaction
from server.refusals import Refused
from server.store import audit, export
from server.store import people as stored
from server.store.audit import Event, NoticeRow, Told
from server.store.export import Late, OwnCard, OwnDevice, OwnGrant, OwnPasskey, OwnSession
from server.store.feeds import feed_made_on
from server.store.identities import issuers_of
from server.store.people import DAY_MS, Device, Person
from server.t import catalogue, t

JSON, HTML = "virtaamo.json", "virtaamo.html"
FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # ZIP's own: when it was exported stands inside
MOST_NOTICES = 10_000


class Own(Struct, frozen=True):
    """All that the installation holds of a person; times in milliseconds, days since 1970.

    Of an account of the organisation's only whose it is: the address of the provider.
    """

    made: int
    person: Person
    cards: list[OwnCard]
    grants: list[OwnGrant]
    devices: list[OwnDevice]
    sessions: list[OwnSession]
    passkeys: list[OwnPasskey]
    organisation_accounts: list[str]
    recovery_codes_left: int
    calendar_made_on: int | None
    notices: list[NoticeRow]
    waiting: list[Late]


def collect(txn: Transaction, device: Device, now: int) -> Own:
    """Read all that is the person's; the audit log and the person's other devices are told that it was taken."""
    who = stored.person_of(txn, device.person)
    if who is None:
        raise Refused("gone")
    number = who.id
    own = Own(
        made=now,
        person=who,
        cards=list(export.own_cards(txn, number, who.lang)),
        grants=export.own_grants(txn, number, who.lang),
        devices=export.own_devices(txn, number),
        sessions=export.own_sessions(txn, number),
        passkeys=export.own_passkeys(txn, number),
        organisation_accounts=issuers_of(txn, number),
        recovery_codes_left=export.codes_left(txn, number),
        calendar_made_on=feed_made_on(txn, number),
        notices=audit.notices(txn, number, MOST_NOTICES),
        waiting=export.own_quarantine(txn, number),
    )
    _, _, name = stored.device_row(txn, device.id)
    audit.note(txn, Event("exported", number, number), now)
    audit.tell(txn, number, Told("exported", {"device": name}), now)
    return own


def pack(own: Own, page: str) -> bytes:
    """The ZIP: `page` is the file for people."""
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        archive.writestr(ZipInfo(JSON, FIRST_DAY), msgspec.json.format(msgspec.json.encode(own), indent=2))
        archive.writestr(ZipInfo(HTML, FIRST_DAY), page)
    return packed.getvalue()


def words(own: Own) -> dict[str, object]:
    """What the file for people says, in the person's language; the template escapes every word."""
    lang = own.person.lang
    known = catalogue(lang)
    return {
        "lang": lang,
        "title": t(lang, "export.page", {"name": own.person.name}),
        "made": day(own.made),
        "drafts": t(lang, "export.drafts"),
        "cards_title": t(lang, "export.cards", {"count": len(own.cards)}),
        "waiting_title": t(lang, "export.waiting"),
        "cards": [_card(one, lang, known) for one in own.cards],
        "waiting": [_fields(one.fields, known) for one in own.waiting],
        "lists": [(t(lang, key), lines) for key, lines in _lists(own, known).items() if lines],
    }


def _lists(own: Own, known: Mapping[str, str]) -> dict[str, list[str]]:
    """What a line each is enough for, by the key of its title."""
    lang = own.person.lang
    return {
        "export.teams": [f"{one.place}: {known.get(f'role.{one.role}', one.role)}" for one in own.grants],
        "export.devices": [_dated(one.name or one.kind, one.made_on) for one in own.devices],
        "export.sessions": [_dated(one.device, one.made_on, one.seen_on) for one in own.sessions],
        "export.passkeys": [_dated(one.label, one.made_on) for one in own.passkeys],
        "oidc.title": own.organisation_accounts,
        "notices.title": [_dated(_told(one, lang), one.on) for one in own.notices],
    }


def _told(one: NoticeRow, lang: str) -> str:
    return t(lang, f"notice.{one.what}", {name: value or "" for name, value in one.detail.items()})


def _dated(words: str, *days: int) -> str:
    """Words and the days that belong to them, since 1970.

    >>> _dated("Puhelin", 0, 1)
    'Puhelin (1970-01-01 – 1970-01-02)'
    """
    return f"{words} ({' – '.join(day(one * DAY_MS) for one in days)})"


def _card(one: OwnCard, lang: str, known: Mapping[str, str]) -> dict[str, object]:
    place = one.place or t(lang, "export.own")
    hidden = t(lang, "hide.done") if one.hidden else ""
    said = _fields(one.fields, known)
    kind = known.get(f"kind.{one.kind}", one.kind)
    return {"kind": kind, "place": place, "made": day(one.made), "hidden": hidden, "fields": said}


def _fields(fields: Mapping[str, object], known: Mapping[str, str]) -> list[tuple[str, str]]:
    """What was written, field by field: codes and numbers are for the other file."""
    cells = [(*name.partition("/")[::2], value) for name, value in fields.items()]
    said = [
        (name, value[0] if isinstance(value, list) and value else value)
        for name, _, value in sorted(
            cells, key=itemgetter(1)
        )  # steps in their order, after what has no cells
    ]
    return [
        (
            known.get(f"field.{name}") or known.get(f"task.{name}", name),
            known.get(f"{name}.{value}", value) if name in CHOSEN else value,
        )
        for name, value in said
        if isinstance(value, str) and value and name in (*WRITTEN, *CHOSEN)
    ]


WRITTEN = (
    *("title", "text", "reason", "reply", "hypothesis", "learning_note", "backing_note", "note"),
    *("prompt", "why", "steps"),
)
CHOSEN = ("strength",)  # codes that have words of their own


def day(at: int) -> str:
    """A day as it sorts.

    >>> day(0)
    '1970-01-01'
    """
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d")
