"""Who is made up, so that nothing is sent to them, nobody is called for them, and no figure counts them.

Whatever writes a message, a page, or what is due asks here first. Drills are of a made-up patient, too (`paging.drill`);
their pages do go out, as they are marked by `escalations.drill`.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, bindparam, select

from bot.store.prepared import Prepared
from bot.store.tables import patients
from bot.store.types import PatientId

WHY = "made up"  # why a message to one of them was dropped
ROLE = "made_up"  # of a colleague who is: it may do nothing
_demo = Prepared(select(patients.c.demo).where(patients.c.id == bindparam("row")))


def is_made_up(connection: Connection, patient_id: PatientId) -> bool:
    """Whether somebody is; a patient whom nobody knows is not."""
    return bool(_demo(connection, row=patient_id).scalar_one_or_none())


def of_real(patient_id: ColumnElement[str]) -> ColumnElement[bool]:
    """That the patient whom a column names is not made up: for a query's `where`."""
    return patient_id.not_in(select(patients.c.id).where(patients.c.demo))
