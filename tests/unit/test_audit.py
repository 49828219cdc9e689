"""The audit log and the notices: who is told what, and for how long it is kept (docs/devices.md D-83)."""

from collections.abc import Callable
from typing import get_args

import pytest
from sqlalchemy import select

from server.store import audit, retention
from server.store.audit import Deed, Event, Notice, Told
from server.store.retention import Batch, Pace
from server.t import LANGS, catalogue
from server.tables import audit as audit_table
from tests.changes import DAY
from tests.conftest import ROOT
from tests.town import Town

FREE = Pace(10_000, lambda: False)


def events(town: Town) -> list[str]:
    """What the audit log says, in the order of its writing."""
    query = select(audit_table.c.what).order_by(audit_table.c.id)
    return town.db.write(lambda txn: list(txn.connection.execute(query).scalars()))


def drain(town: Town, task: Callable[..., Batch]) -> None:
    while not town.db.write(task, town.now, FREE).is_done:
        pass


def test_d83_the_audit_log_keeps_400_days_and_failures_90(town):
    koivu, outi = town.spaces["koivu"], town.people["outi"].number
    for event in (Event("granted", None, outi, koivu, {"role": "staff"}), Event("sign_in_failed")):
        town.db.write(audit.note, event, town.now)

    town.now += 91 * DAY
    drain(town, retention.drop_events)
    assert events(town) == ["granted"]

    town.now += 310 * DAY
    drain(town, retention.drop_events)
    assert events(town) == []


def test_d83_a_notice_is_for_its_person_alone_and_names_a_day(town):
    outi, sari = town.people["outi"].number, town.people["sari"].number
    town.db.write(audit.tell, outi, Told("signed_in", {"device": "Puhelin"}), town.now)

    (notice,) = town.db.write(audit.notices, outi)
    assert (notice.what, notice.detail, notice.seen) == ("signed_in", {"device": "Puhelin"}, False)
    assert notice.on == town.now // DAY
    assert town.db.write(audit.notices, sari) == []
    assert (town.db.write(audit.unseen, outi), town.db.write(audit.unseen, sari)) == (1, 0)
    assert events(town) == [], "whoever came in, and when, is no line of the audit log"


def test_a_notice_is_seen_once_and_leaves_after_90_days(town):
    outi = town.people["outi"].number
    for what in ("granted", "reinvited"):
        town.db.write(audit.tell, outi, Told(what), town.now)
    newest, older = town.db.write(audit.notices, outi)

    town.db.write(audit.mark_seen, outi, older.id, town.now)
    assert town.db.write(audit.unseen, outi) == 1
    town.db.write(audit.mark_seen, outi, newest.id, town.now)
    assert town.db.write(audit.unseen, outi) == 0

    town.now += 91 * DAY
    drain(town, retention.drop_notices)
    assert town.db.write(audit.notices, outi) == []


@pytest.mark.parametrize("lang", LANGS)
def test_everything_noted_and_told_has_words(lang):
    for kinds, prefix, screen in ((Deed, "audit", "audit-page"), (Notice, "notice", "me-notices")):
        shown = (ROOT / f"web/src/ui/{screen}.tsx").read_text()
        for what in get_args(kinds):
            assert f"{prefix}.{what}" in catalogue(lang)
            assert f"'{what}'" in shown
