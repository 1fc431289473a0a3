"""Fills an empty database with a clinic of a given size."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable

from bench.console.crowd import Post, at, chat, moments, people
from bench.console.danger import Danger, cries
from bench.console.diary import diaries
from bench.console.entries import entries
from bench.console.house import last_things, lying_about, open_house, rota_of_a_year
from bench.console.loading import loading
from bench.console.plan import NOW, SEED, YEAR, Plan, Site
from bot.store.database import Store
from bot.store.migrate import migrate

Say = Callable[[str], None]


def fill(store: Store, plan: Plan, say: Say) -> None:
    """Write all of it; the same size gives the same clinic, but for what is sealed."""
    migrate(store)
    with loading(store) as loader:
        site = Site(loader, store.vault, plan, random.Random(SEED))
        contacts = open_house(site)
        rota_of_a_year(site)
        everybody = people(site)
        say(f"{len(everybody):,} patients")
        post = Post(site, everybody)
        danger = Danger(site, post, contacts)
        begin = (NOW - YEAR).timestamp()
        talk = [(when, 0, n) for when, n in moments(site, everybody)]
        found = cries(site, everybody)
        alarms = [(cry.when.timestamp() - begin, 1, n) for n, cry in enumerate(found)]
        for count, (when, is_cry, n) in enumerate(heapq.merge(talk, alarms), start=1):
            if is_cry:
                danger.open(found[n])
            else:
                chat(post, n, at(when))
            if count % 100_000 == 0:
                say(f"{post.said:,} messages and {post.sent:,} replies, {len(danger.cases):,} escalations")
        del talk
        cases = danger.cases[: plan.escalations]
        list(danger.drills())
        for count in diaries(site, everybody):
            say(f"{count:,} check-ins")
        lying_about(site, everybody, cases)
        for count in entries(site, everybody, cases):
            say(f"{count:,} entries of the audit")
        loader.flush()
        say("making the indexes …")
    last_things(store, site)
