"""The web application: one page, one question path, one download. For loopback only.

Requests whose Host is not a loopback name are refused, so that no other site can reach it through a name of its
own.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from layoutgen.pdk.load import shipped_pdks
from layoutgen.serve.workers import WAITING_MOST, Busy, Workers

HOSTS: Final = ["127.0.0.1", "localhost", "[::1]"]
_FIELDS: Final = ("capacity", "footprint", "height", "objective", "foil", "pdk", "set")
_TEXT_MOST: Final = 64
_SETTINGS_MOST: Final = 1000
_KEPT: Final = 256
_STATUS: Final = {"input": 422, "design": 200, "limit": 503, "defect": 500, "busy": 503}
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline';"
    " connect-src 'self'; img-src data:",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Desk:
    """Answers questions: remembers the last ones, and asks the workers once for questions that come together."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._kept: OrderedDict[tuple[tuple[str, str], ...], dict[str, Any]] = OrderedDict()
        self._pending: dict[tuple[tuple[str, str], ...], asyncio.Task[dict[str, Any]]] = {}
        self._limiter = CapacityLimiter(WAITING_MOST + 16)

    async def answer(self, question: Mapping[str, str]) -> dict[str, Any]:
        key = tuple(sorted(question.items()))
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        task = self._pending.get(key)
        if task is None:
            task = asyncio.create_task(self._ask("answer", question))
            self._pending[key] = task
            task.add_done_callback(lambda _: self._pending.pop(key, None))
        found = await asyncio.shield(task)
        if found["ok"] or found["kind"] in {"input", "design"}:
            self._kept[key] = found
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found

    async def package(self, question: Mapping[str, str]) -> dict[str, Any]:
        return await self._ask("package", question)

    async def _ask(self, kind: str, question: Mapping[str, str]) -> dict[str, Any]:
        try:
            return await to_thread.run_sync(self._workers.ask, kind, question, limiter=self._limiter)
        except Busy:
            return refused("busy", "too many questions are waiting", remedy="ask again in a moment")


def refused(kind: str, what: str, where: str = "", allowed: str = "", remedy: str = "") -> dict[str, Any]:
    """A refusal with one problem."""
    return {
        "ok": False,
        "kind": kind,
        "problems": [{"what": what, "where": where, "allowed": allowed, "remedy": remedy}],
    }


def build_app(workers: Workers) -> Starlette:
    """The application over running workers; it ends them when it shuts down."""
    desk = Desk(workers)
    page = _page()

    async def index(_: Request) -> Response:
        return HTMLResponse(page, headers=_HEADERS)

    async def design(request: Request) -> Response:
        question = question_of(request)
        return _json(question if "ok" in question else await desk.answer(question))

    async def package(request: Request) -> Response:
        question = question_of(request)
        found = question if "ok" in question else await desk.package(question)
        if not found["ok"]:
            return _json({**found}, design_status=409)
        name = f'attachment; filename="{found["name"]}.zip"'
        return Response(
            found["content"], media_type="application/zip", headers={**_HEADERS, "Content-Disposition": name}
        )

    async def unknown(_: Request, __: Exception) -> Response:
        return _json(refused("input", "there is no such page", allowed="/, /design, /package"), status=404)

    @asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            workers.close()

    return Starlette(
        routes=[Route("/", index), Route("/design", design), Route("/package", package)],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS, www_redirect=False)],
        exception_handlers={404: unknown},
        lifespan=life,
    )


def question_of(request: Request) -> dict[str, Any]:
    """The fields of a request as text, or a refusal (which has ``ok``)."""
    given = request.query_params
    for key in given:
        if key not in _FIELDS:
            return refused("input", f"there is no field {key[:_TEXT_MOST]!r}", allowed=", ".join(_FIELDS))
        most = _SETTINGS_MOST if key == "set" else _TEXT_MOST
        if len(given[key]) > most:
            return refused("input", "is too long", key, f"at most {most} characters")
    question = {key: given[key].strip() for key in _FIELDS if given.get(key, "").strip()}
    offered = shipped_pdks()
    if question.get("pdk", offered[0]) not in offered:
        return refused("input", f"there is no process {question['pdk']!r}", "pdk", ", ".join(offered))
    return question


def _json(content: Mapping[str, Any], status: int | None = None, design_status: int = 200) -> Response:
    if status is None:
        status = 200 if content["ok"] else _STATUS[content["kind"]]
        if not content["ok"] and content["kind"] == "design":
            status = design_status
    headers = {**_HEADERS, "Retry-After": "2"} if status == 503 else _HEADERS
    return JSONResponse(content, status, headers=headers)


def _page() -> str:
    from layoutgen.pdk.load import DEFAULT_PDK
    from layoutgen.report.page import environment
    from layoutgen.spec import Objective

    template = environment().get_template("serve.html")
    return template.render(
        pdks=shipped_pdks(), default_pdk=DEFAULT_PDK, objectives=[item.value for item in Objective]
    )
