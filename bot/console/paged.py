"""/page/<token>: where the link of a page leads. Shows a code and a button, and nothing of the patient's.

Looking takes nothing: previews and virus scanners follow links. The button does, without a log-in and without a script:
the bearer of the link is whoever was paged (safety.md §5).
"""

from __future__ import annotations

import structlog
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route, Router

from bot.clock import Clock
from bot.console.guard import Guard
from bot.console.look import environment
from bot.errors import StoreError
from bot.paging.acknowledge import NOT_VALID, Acknowledgement
from bot.paging.route import Way

log = structlog.get_logger()

LONGEST_TOKEN = 64
AWAY = "The database is away, so nothing could be written. Try again in a minute, and look at the console."


def routes(acknowledgement: Acknowledgement, clock: Clock, site: str, public_url: str) -> list[Mount | Route]:
    """The public routes of pages, guarded as the console is."""
    template = environment().get_template("paged.html")

    def render(status: int, **values: object) -> Response:
        page = template.render({"site": site, "shown": None, "words": "", "now": clock.now(), **values})
        return HTMLResponse(page, status_code=status)

    async def show(request: Request) -> Response:
        token = request.path_params["token"][:LONGEST_TOKEN]
        try:
            shown = await acknowledgement.show(token)
        except StoreError as error:
            log.error("store.away", why=str(error))
            return render(503, words=AWAY)
        return render(200, shown=shown) if shown else render(404, words=NOT_VALID)

    async def take(request: Request) -> Response:
        token = request.path_params["token"][:LONGEST_TOKEN]
        try:
            words = await acknowledgement.acknowledge(token, Way.LINK)
        except StoreError as error:
            log.error("store.away", why=str(error))
            return render(503, words=AWAY)
        return render(404 if words == NOT_VALID else 200, words=words)

    inner = [Route("/{token}", show, methods=["GET"]), Route("/{token}", take, methods=["POST"])]
    guarded = Router(inner, redirect_slashes=False)  # its redirects would name whatever host a request names
    return [Mount("/page", guarded, middleware=[Middleware(Guard, public_url=public_url)])]
