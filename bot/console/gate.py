"""The way in to each page: one transaction that knows who asks, checks the form's token, and commits page and audit."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import anyio.to_thread
import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from bot.console import tour as tours
from bot.console.alarms import Alarm, found_alarms
from bot.console.desk import Console
from bot.console.forms import HOME, csrf_token, is_token, read_form
from bot.console.tour import Shown
from bot.console.unkept import unkept
from bot.console.visit import Answer, Download, Go, Handler, Json, Later, Missing, Outcome, Page, Visit
from bot.errors import StoreError
from bot.store import factors, sessions
from bot.store.access import Connection, OtherTeam, Refused, may_audit, may_read
from bot.store.glass import HOURS
from bot.store.lifecycle import Action, may
from bot.store.types import token_hash

log = structlog.get_logger()

Peek = Callable[[Visit], bool]
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class _Asked:
    """What a request says, read before the transaction begins."""

    token: str
    method: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str] | None
    address: str
    host: str


def endpoint(
    console: Console,
    handler: Handler,
    *,
    only_reads: bool = False,
    unless: Peek | None = None,
    needs_role: bool = True,
    needs_factor: bool = True,
) -> Endpoint:
    """An endpoint that lets staff in.

    Args:
        console: the console.
        handler: makes the answer, inside the transaction.
        only_reads: for pages without patient data, which leave no audit entry, or by `Page.entry` or `Later`.
        unless: asked first in a transaction that only reads; if it says yes, the answer is 204 and nothing is written.
        needs_role: whether the role must be one that may see patient data.
        needs_factor: whether a member without a second factor is sent to set one up first, where the site requires it.
    """

    async def serve(request: Request) -> Response:
        form = await read_form(request) if request.method == "POST" else {}
        asked = _Asked(
            token=request.cookies.get(console.session_cookie, ""),
            method=request.method,
            path={name: str(value) for name, value in request.path_params.items()},
            query=dict(request.query_params),
            form=form,
            address=request.url.path,
            host=request.headers.get("host", ""),
        )
        if not asked.token and request.headers.get("sec-fetch-site") == "cross-site" and request.method == "GET":
            # A strict cookie stays at home when a link in a web mail is followed: ask again, from here.
            return render(console, None, Page("bounce.html", {"to": asked.address}))
        work = _Work(console, handler, only_reads, unless, needs_role, needs_factor and console.needs_factor)
        response, wakes = await anyio.to_thread.run_sync(work.answer, asked)
        if wakes:
            console.woken()  # here, in the event loop: who is woken waits in it
        return response

    return serve


@dataclass(frozen=True)
class _Work:
    console: Console
    handler: Handler
    only_reads: bool
    unless: Peek | None
    needs_role: bool
    needs_factor: bool

    def answer(self, asked: _Asked) -> tuple[Response, bool]:
        """The whole of one request, and whether others are to be woken for it; errors with a page of their own end here."""
        visit: Visit | None = None
        alarms: tuple[Alarm, ...] = ()
        tour: Shown | None = None
        try:
            if self.unless is not None and self._is_unchanged(asked):
                return Response(status_code=204), False
            with self._transaction(self.only_reads) as connection:
                visit = self._visit(connection, asked)
                if visit is None:
                    return _to_log_in(asked), False
                alarms = visit.shared.of("alarms", lambda: self._alarms(connection))
                visit = replace(visit, alarms=alarms)
                answer = self._checked(visit, asked)
                tour = self._tour(visit, asked, answer)
            outcome, tour = self._gone_on(visit, asked, answer, tour)
            return render(self.console, visit, outcome, alarms, tour), isinstance(outcome, Go) and outcome.wakes
        except OtherTeam as other:
            self._write_down_refusal(asked, "refused.other_team", other.patient_id)
            return self._to_the_glass(visit, asked, other, alarms), False
        except Refused as refused:
            self._write_down_refusal(asked, "refused", "console")
            return render(self.console, visit, Page("refused.html", {"why": str(refused)}, 403), alarms), False
        except Missing:
            return render(self.console, visit, Page("missing.html", status=404), alarms), False
        except StoreError as error:
            log.error("console.store_away", why=str(error))
            return render(self.console, None, Page("away.html", {"again": _again(asked)}, 503)), False
        except Exception as error:  # told by class and place only: a message may quote what a person wrote
            log.error("console.failed", page=_name(self.handler), error=type(error).__name__, place=_place(error))
            return render(self.console, None, Page("failed.html", status=500)), False

    def _gone_on(self, visit: Visit, asked: _Asked, answer: Answer, tour: Shown | None) -> tuple[Outcome, Shown | None]:
        """What follows the handler's own transaction, each in one of its own: no request ever holds two."""
        while isinstance(answer, Later):
            with self._transaction(answer.only_reads) as connection:
                going_on = replace(visit, connection=connection, shared=self.console.shared.at(connection))
                answer = answer.go_on(going_on)
                tour = self._tour(going_on, asked, answer)
        if isinstance(answer, Page) and answer.entry is not None:
            with self.console.store.write() as connection:
                answer.entry(connection)
        if isinstance(answer, Go) and answer.then is not None:
            answer.then()
        return answer, tour

    def _alarms(self, connection: Connection) -> tuple[Alarm, ...]:
        return found_alarms(connection, self.console, self.console.clock.now())

    def _transaction(self, only_reads: bool) -> AbstractContextManager[Connection]:
        return self.console.store.read() if only_reads else self.console.store.write()

    def _is_unchanged(self, asked: _Asked) -> bool:
        with self.console.store.read() as connection:
            visit = self._visit(connection, asked)
            return visit is not None and may_read(visit.staff) and self.unless is not None and self.unless(visit)

    def _visit(self, connection: Connection, asked: _Asked) -> Visit | None:
        now = self.console.clock.now()
        vault = self.console.store.vault
        who = sessions.whose(connection, vault, asked.token, now) if asked.token else None
        if who is None:
            return None
        if not self.only_reads and self.unless is None:  # a page that refreshes itself must not keep a session alive
            sessions.touch(connection, asked.token, now)
        csrf = csrf_token(vault, asked.token)
        handle = token_hash(asked.token)[: sessions.HANDLE]
        form = asked.form or {}
        shared = self.console.shared.at(connection)
        return Visit(
            self.console, connection, who, now, csrf, handle, asked.path, asked.query, form, asked.host, shared
        )

    def _checked(self, visit: Visit, asked: _Asked) -> Answer:
        if asked.form is None:
            return Page("unreadable.html", status=400)
        if asked.method == "POST" and not is_token(asked.form.get("csrf", ""), visit.csrf):
            return Page("stale.html", status=403)
        if self.needs_factor and not factors.has_second(visit.connection, visit.staff.id):
            return Go("/console/account")
        if self.needs_role and not may_read(visit.staff):
            raise Refused("your role may not see patient data")
        return self.handler(visit)

    def _tour(self, visit: Visit, asked: _Asked, answer: Answer) -> Shown | None:
        """Where they stand on the tour, for whole pages, and once they may go where it leads."""
        if visit.staff.tour_step is None or not isinstance(answer, Page) or self.unless is not None:
            return None
        if self.console.needs_factor and not factors.has_second(visit.connection, visit.staff.id):
            return None
        return tours.shown(visit.connection, visit.vault, visit.staff, asked.address)

    def _to_the_glass(
        self, visit: Visit | None, asked: _Asked, other: OtherTeam, alarms: tuple[Alarm, ...]
    ) -> Response:
        """Where one can open the patient, with a reason; a part that a script fetches is only refused."""
        if asked.address.endswith("/live"):
            return Response(status_code=403)
        wanted = asked.address if asked.method == "GET" else _page_of(asked.address)
        glass = f"{HOME}patients/{other.code}/glass?next={quote(wanted)}"
        if asked.method == "GET":
            return RedirectResponse(glass, status_code=303)
        values = {"code": other.code, "hours": HOURS, "glass": glass, "unkept": unkept(asked.form or {}, {})}
        return render(self.console, visit, Page("closed.html", values, 403), alarms)

    def _write_down_refusal(self, asked: _Asked, action: str, subject: str) -> None:
        with self.console.store.write() as connection:
            visit = self._visit(connection, asked)
            if visit is not None:
                visit.record(action, subject, _name(self.handler))


def _again(asked: _Asked) -> str:
    """Where to try again what could not be shown; what was sent is not sent once more by a link."""
    return asked.address if asked.method == "GET" and not asked.address.endswith("/live") else HOME


def _name(handler: Handler) -> str:
    return f"{handler.__module__.rpartition('.')[2]}.{getattr(handler, '__name__', 'page')}"


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


def render(
    console: Console,
    visit: Visit | None,
    answer: Outcome,
    alarms: tuple[Alarm, ...] = (),
    tour: Shown | None = None,
) -> Response:
    """The response for an answer; `visit` is over, only what it knew is used."""
    if answer is None:
        return Response(status_code=204)
    if isinstance(answer, Go):
        return RedirectResponse(answer.to, status_code=303)
    if isinstance(answer, Json):
        return Response(answer.text, answer.status, media_type="application/json")
    if isinstance(answer, Download):
        headers = {"Content-Disposition": f'attachment; filename="{answer.name}"'}
        return StreamingResponse(answer.begin(), media_type=answer.kind, headers=headers)
    shared = {
        "site": console.settings.site_name,
        "zone": console.zone,
        "me": visit.staff if visit else None,
        "csrf": visit.csrf if visit else "",
        "now": visit.now if visit else console.clock.now(),
        "cover": console.cover,
        "reads_patients": visit is not None and may_read(visit.staff),
        "writes_chats": visit is not None and may(visit.staff.role, Action.TAKE_OVER),
        "audits": visit is not None and may_audit(visit.staff),
        "alarms": alarms,
        "tour": tour,
    }
    template = console.templates.get_template(answer.template)
    return HTMLResponse(template.render({**shared, **answer.values}), status_code=answer.status)


def _page_of(step: str) -> str:
    """The page that a step is taken from: not the step itself, which nobody is to take before they have read what it is about."""
    before, _, _ = step.rpartition("/")
    if before.endswith("/missed"):  # the form of this one has the step's own address
        return step
    return before.removesuffix("/request")


def _to_log_in(asked: _Asked) -> Response:
    if asked.address.endswith("/live"):
        return Response(status_code=401)
    wanted = asked.address if asked.method == "GET" and asked.address != HOME else ""
    return RedirectResponse(f"/console/login?next={quote(wanted)}" if wanted else "/console/login", status_code=303)
