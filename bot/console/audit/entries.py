"""Entries of the audit as people read them: who, what in plain words, and whom by code; ids only where there is no code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.console import audit_words, words
from bot.store import access, escalations
from bot.store.access import Connection
from bot.store.staff import Entry, Staff
from bot.store.types import EscalationId, PatientId

_ID = re.compile(r"\b[0-9a-f]{32}\b")
_CODE = re.compile(r"[2-9A-HJKMNP-Z]{5}(?= |$)")  # an escalation's, which leads the detail of its steps
NO_LOGIN = "Nobody logged in"


@dataclass(frozen=True)
class Shown:
    """One entry.

    Attributes:
        id: its number in the chain.
        at: when.
        who: name of the member of staff; `NO_LOGIN` for the command line, and for who failed to log in.
        what: what they did.
        about: whom it was about: a patient's code, a name of staff; "" where the words say it all.
        about_href: the page about it, "" where there is none.
        case: code of the escalation that it was about, "" for none.
        case_href: its page.
        more: codes and counts that belong to it.
        entry: the entry as it is kept.
    """

    id: int
    at: datetime
    who: str
    what: str
    about: str
    about_href: str
    case: str
    case_href: str
    more: str
    entry: Entry


def shown(connection: Connection, reader: Staff, names: Mapping[str, str], rows: Iterable[Entry]) -> list[Shown]:
    """Entries with codes in the place of ids.

    Args:
        connection: an open transaction.
        reader: who reads.
        names: everybody of the staff, by id.
        rows: the entries.

    Raises:
        Refused: the role may not see patients' codes.
    """
    every = list(rows)
    ids = {row.subject for row in every if _ID.fullmatch(row.subject)} - set(names)
    patients = access.codes(connection, reader, [PatientId(one) for one in ids])
    cases = escalations.codes(connection, [EscalationId(one) for one in ids - set(patients)])
    by_code = escalations.ids(connection, {code for row in every if (code := _leading(row))} | set(cases.values()))
    return [_shown(row, names, patients, cases, by_code) for row in every]


def _shown(
    row: Entry,
    names: Mapping[str, str],
    patients: Mapping[PatientId, str],
    cases: Mapping[EscalationId, str],
    by_code: Mapping[str, EscalationId],
) -> Shown:
    patient = patients.get(PatientId(row.subject), "")
    leading = _leading(row)
    case = cases.get(EscalationId(row.subject), "") or (leading if leading in by_code else "")
    more = row.detail.removeprefix(case).strip() if case else row.detail
    return Shown(
        id=row.id,
        at=row.at,
        who=names.get(row.staff_id, "Somebody who is not listed") if row.staff_id else NO_LOGIN,
        what=words.said(audit_words.ACTIONS, row.action),
        about=patient or names.get(row.subject, "") or _other(row.subject, case),
        about_href=f"/console/patients/{patient}" if patient else "",
        case=case,
        case_href=f"/console/escalation/{by_code[case]}" if case in by_code else "",
        more=_ID.sub(lambda found: names.get(found[0], found[0]), more),
        entry=row,
    )


def _leading(row: Entry) -> str:
    found = _CODE.match(row.detail) if row.action.startswith("escalation.") else None
    return found[0] if found else ""


def _other(subject: str, case: str) -> str:
    """A subject that is no person: said by the action's own words, but for a number in a list and an id without a code."""
    kind, colon, number = subject.partition(":")
    if colon:
        return f"number {number}" if kind == "aside" else subject
    return subject if _ID.fullmatch(subject) and not case else ""
