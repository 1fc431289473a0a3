"""Finds people by the words of their first names, which are kept as keyed hashes: nobody reads a name in the database."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Select, bindparam, delete, exists, select

from bot.crypto import Vault
from bot.store.database import Store
from bot.store.prepared import Prepared, insert_new
from bot.store.tables import name_words, patients
from bot.store.types import PatientId

KIND = "name"  # no channel has this name, so no address has the hash of a word
MOST_WORDS = 12
BATCH = 500
# Marks of this class and above are accents, vowel points and the like; below it they are letters' parts, as in kana
# and Devanagari (Unicode Standard, table 4-3).
ACCENT = 10
APOSTROPHES = frozenset("'’‘ʼ`´")
TATWEEL = "ـ"
# Letters that Unicode does not take apart, as people without that keyboard write them.
PLAIN = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"})

_remove = Prepared(delete(name_words).where(name_words.c.patient_id == bindparam("of")))
_missing = Prepared(
    select(patients.c.id)
    .where(patients.c.name_sealed.isnot(None), patients.c.id > bindparam("beyond"))
    .where(~exists().where(name_words.c.patient_id == patients.c.id))
    .order_by(patients.c.id)
    .limit(bindparam("most"))
)


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name as they are compared: without case, accents, apostrophes and order; pure.

    Spaces, hyphens and other signs end a word. A name of signs alone has none.
    """
    apart = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(sign for sign in apart if not _is_left_out(sign)).translate(PLAIN)
    spaced = "".join(sign if unicodedata.category(sign)[0] in "LMN" else " " for sign in plain)
    return tuple(sorted(set(spaced.split()))[:MOST_WORDS])


def _is_left_out(sign: str) -> bool:
    is_hidden = unicodedata.category(sign) == "Cf"  # joiners and marks of direction
    return is_hidden or sign == TATWEEL or sign in APOSTROPHES or unicodedata.combining(sign) >= ACCENT


def _hashes(vault: Vault, name: str) -> list[str]:
    return [vault.fingerprint(KIND, word) for word in words_of(name)]


def keep(connection: Connection, vault: Vault, patient_id: PatientId, name: str) -> None:
    """Let a patient be found by this name, and by no earlier one; "" by none."""
    _remove(connection, of=patient_id)
    _add(connection, vault, patient_id, name)


def _add(connection: Connection, vault: Vault, patient_id: PatientId, name: str) -> None:
    for word in _hashes(vault, name):
        insert_new(connection, name_words, {"patient_id": patient_id, "word_hash": word}, ["patient_id", "word_hash"])


def having(vault: Vault, typed: str, within: Sequence[ColumnElement[bool]], most: int) -> Select[tuple[str]] | None:
    """Ids of so many patients, of no order, whose names hold every word that was typed; None where that was no word.

    Args:
        vault: hashes the words.
        typed: as a person typed it.
        within: which patients may be found at all.
        most: more than these are not looked for: half of a country has the same few names.
    """
    hashes = _hashes(vault, typed)
    if not hashes:
        return None
    first, *others = hashes
    query = select(patients.c.id).join(name_words, name_words.c.patient_id == patients.c.id)
    for word in others:
        other = name_words.alias()
        query = query.where(exists().where(other.c.patient_id == patients.c.id, other.c.word_hash == word))
    return query.where(name_words.c.word_hash == first, *within).limit(most)


def fill(store: Store) -> int:
    """Keep the words of all names that were set before there was a place for them; tells of how many patients.

    Safe to interrupt, to repeat, and to run in two processes at once: each batch is a transaction of its own.
    """
    count, beyond = 0, ""
    while True:
        with store.read() as connection:
            ids = [row.id for row in _missing(connection, beyond=beyond, most=BATCH)]
        if not ids:
            return count
        count += _fill(store, ids)
        beyond = ids[-1]


def _fill(store: Store, ids: Sequence[str]) -> int:
    """One batch. The rows are locked, so that nobody changes a name between its reading and its words."""
    lacks = ~exists().where(name_words.c.patient_id == patients.c.id)
    query = select(patients.c.id, patients.c.name_sealed).where(patients.c.id.in_(ids), lacks)
    with store.write() as connection:
        found = connection.execute(query.where(patients.c.name_sealed.isnot(None)).with_for_update()).all()
        for row in found:
            _add(connection, store.vault, PatientId(row.id), store.vault.open(row.name_sealed, place(row.id)))
    return len(found)


def place(patient_id: str) -> str:
    """Where a first name is sealed for."""
    return f"patients.name:{patient_id}"
