"""The web application: one page, one question path, one download. For loopback only.

Requests whose Host is not a loopback name are refused, so that no other site can reach it through a name of its
own; requests that a browser sends for another site are too. A package is asked for by POST with a token that stands
in the page only, so that no other page can order one. A connection that is closed takes its work with it.
"""

import asyncio
import secrets
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qsl

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from layoutgen.pdk.load import shipped_pdks
from layoutgen.serve.workers import WAITING_MOST, Busy, Cancelled, Workers

HOSTS: Final = ["127.0.0.1", "localhost", "[::1]"]
_FIELDS: Final = (
    "capacity", "footprint", "height", "size_limits", "cycles", "confidence", "current", "pulse", "lowest_voltage",
    "charge_time", "temperature", "objective", "foil", "pdk", "set",
)  # fmt: skip
_PROOF: Final = "token"
"""Field of a form by which the page shows that it is the one that was served."""
_TEXT_MOST: Final = 64
_SETTINGS_MOST: Final = 1000
_KEPT: Final = 256
_BODY_MOST: Final = 16_384
_STATUS: Final = {"input": 422, "design": 200, "limit": 503, "defect": 500, "busy": 503, "foreign": 403}
_CLOSED: Final = 499
"""Nobody reads it: the connection is closed."""
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline';"
    " connect-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_Key = tuple[tuple[str, str], ...]
Asked = Callable[[Mapping[str, str]], str]
"""A question as it is asked elsewhere, such as a command line."""


class Desk:
    """Answers questions: remembers the last ones, and asks the workers once for questions that come together."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._kept: OrderedDict[_Key, dict[str, Any]] = OrderedDict()
        self._pending: dict[_Key, _Work] = {}
        self._limiter = CapacityLimiter(WAITING_MOST + 16)

    async def answer(self, question: Mapping[str, str], request: Request) -> dict[str, Any]:
        key = tuple(sorted(question.items()))
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        work = self._pending.get(key)
        if work is None or work.unwanted.is_set():
            work = self._start("answer", question)
            self._pending[key] = work
            work.task.add_done_callback(partial(self._forget, key, work))
        found = await _wanted(work, request)
        # a kit of one's own may have changed when the same question comes again
        shipped = question.get("pdk", "") in {"", *shipped_pdks()}
        if shipped and (found["ok"] or found["kind"] in {"input", "design"}):
            self._kept[key] = found
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found

    async def package(self, question: Mapping[str, str], request: Request) -> dict[str, Any]:
        return await _wanted(self._start("package", question), request)

    def _forget(self, key: _Key, work: "_Work", _: object) -> None:
        if self._pending.get(key) is work:
            del self._pending[key]

    def _start(self, kind: str, question: Mapping[str, str]) -> "_Work":
        unwanted = threading.Event()
        return _Work(asyncio.create_task(self._ask(kind, question, unwanted)), unwanted)

    async def _ask(self, kind: str, question: Mapping[str, str], unwanted: threading.Event) -> dict[str, Any]:
        try:
            return await to_thread.run_sync(self._workers.ask, kind, question, unwanted, limiter=self._limiter)
        except Busy:
            return refused("busy", "too many questions are waiting", remedy="ask again in a moment")
        except Cancelled:
            return refused("busy", "nobody waited for the answer", remedy="ask again")


class _Work:
    """An answer that is being made, and how many wait for it."""

    def __init__(self, task: "asyncio.Task[dict[str, Any]]", unwanted: threading.Event) -> None:
        self.task, self.unwanted, self.waiting = task, unwanted, 0


async def _wanted(work: _Work, request: Request) -> dict[str, Any]:
    """The answer, unless the connection is closed before; the last one that goes tells the worker.

    Raises:
        ClientDisconnect: nobody reads the answer.
    """
    work.waiting += 1
    gone = asyncio.create_task(_closed(request))
    try:
        await asyncio.wait({work.task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if work.task.done():
            return work.task.result()
        raise ClientDisconnect
    finally:
        gone.cancel()
        work.waiting -= 1
        if not work.waiting and not work.task.done():
            work.unwanted.set()


async def _closed(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def refused(kind: str, what: str, where: str = "", allowed: str = "", remedy: str = "") -> dict[str, Any]:
    """A refusal with one problem."""
    return {
        "ok": False,
        "kind": kind,
        "problems": [{"path": where, "what": what, "where": where, "allowed": allowed, "remedy": remedy}],
    }


def build_app(workers: Workers, kits: Mapping[str, str] | None = None, asked: Asked | None = None) -> Starlette:
    """The application over running workers; it ends them when it shuts down.

    Args:
        workers: that answer.
        kits: kits of one's own beside the shipped ones: name on the page -> folder.
        asked: gives a question as a command line, which stands in every answer as ``command``.
    """
    desk = Desk(workers)
    token = secrets.token_urlsafe(32)
    offered = {**{name: name for name in shipped_pdks()}, **(kits or {})}
    page = _page(token, list(offered))

    async def index(_: Request) -> Response:
        return HTMLResponse(page, headers=_HEADERS)

    async def design(request: Request) -> Response:
        if not _of_this_site(request):
            return _json(refused("foreign", "another site asks", allowed="the page that layoutgen serve shows"))
        question = question_of(request.query_params.multi_items(), offered)
        if "ok" in question:
            return _json(question)
        found = await desk.answer(question, request)
        return _json({**found, "command": asked(question)} if asked else found)

    async def package(request: Request) -> Response:
        fields = await _form(request)
        sent = [text for name, text in fields if name == _PROOF]
        if (
            not _of_this_site(request)
            or len(sent) != 1
            or not secrets.compare_digest(sent[0].encode(), token.encode())
        ):
            return _json(refused("foreign", "was not asked for by the page", allowed="the page of layoutgen serve"))
        question = question_of([(name, text) for name, text in fields if name != _PROOF], offered)
        found = question if "ok" in question else await desk.package(question, request)
        if not found["ok"]:
            return _json({**found}, design_status=409)
        name = f'attachment; filename="{found["name"]}.zip"'
        return Response(
            found["content"], media_type="application/zip", headers={**_HEADERS, "Content-Disposition": name}
        )

    async def unknown(_: Request, __: Exception) -> Response:
        return _json(refused("input", "there is no such page", allowed="/, /design, /package"), status=404)

    async def method(_: Request, __: Exception) -> Response:
        allowed = "GET of / and /design, POST of /package with the token of the page"
        return _json(refused("input", "is not asked for like this", allowed=allowed), status=405)

    async def closed(_: Request, __: Exception) -> Response:
        return Response(status_code=_CLOSED)

    @asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            workers.close()

    return Starlette(
        routes=[Route("/", index), Route("/design", design), Route("/package", package, methods=["POST"])],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS, www_redirect=False)],
        exception_handlers={404: unknown, 405: method, ClientDisconnect: closed},
        lifespan=life,
    )


def _of_this_site(request: Request) -> bool:
    """Whether a browser sends this for the page itself, or for nobody, or it is no browser.

    A browser says which site a request is for (Sec-Fetch-Site); an older one says it at least where a page of
    another site sends a form or a script asks (Origin). Another port of this machine is another site.
    """
    site = request.headers.get("sec-fetch-site", "none")
    origin = request.headers.get("origin")
    own = origin is None or origin == f"http://{request.headers.get('host', '')}"
    return site in {"none", "same-origin"} and own


async def _form(request: Request) -> list[tuple[str, str]]:
    """The fields of a form; none where it is longer than the page's can be."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _BODY_MOST:
            return []
    try:
        return parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=32)
    except ValueError:
        return []


def question_of(fields: Iterable[tuple[str, str]], offered: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a request as text, or a refusal (which has ``ok``).

    Args:
        fields: name and text each.
        offered: kits by the name that the page shows; no other can be asked for.
    """
    given: dict[str, str] = {}
    for key, text in fields:
        if key in given:
            return refused("input", "is given twice", key[:_TEXT_MOST], "one value of each field")
        given[key] = text
    for key, text in given.items():
        if key not in _FIELDS:
            return refused("input", f"there is no field {key[:_TEXT_MOST]!r}", allowed=", ".join(_FIELDS))
        most = _SETTINGS_MOST if key == "set" else _TEXT_MOST
        if len(text) > most:
            return refused("input", "is too long", key, f"at most {most} characters")
    question = {key: given[key].strip() for key in _FIELDS if given.get(key, "").strip()}
    if "pdk" in question:
        if question["pdk"] not in offered:
            return refused("input", f"there is no process {question['pdk']!r}", "pdk", ", ".join(offered))
        question["pdk"] = offered[question["pdk"]]
    return question


def _json(content: Mapping[str, Any], status: int | None = None, design_status: int = 200) -> Response:
    if status is None:
        status = 200 if content["ok"] else _STATUS[content["kind"]]
        if not content["ok"] and content["kind"] == "design":
            status = design_status
    headers = {**_HEADERS, "Retry-After": "2"} if status == 503 else _HEADERS
    return JSONResponse(content, status, headers=headers)


def _page(token: str, kits: list[str]) -> str:
    from layoutgen.pdk.load import DEFAULT_PDK
    from layoutgen.report.page import environment
    from layoutgen.spec import Objective, SizeLimits

    template = environment().get_template("serve.html")
    return template.render(
        pdks=kits,
        default_pdk=DEFAULT_PDK,
        objectives=[item.value for item in Objective],
        size_limits=[item.value for item in SizeLimits],
        token=token,
    )
