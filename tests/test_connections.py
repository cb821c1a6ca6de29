"""Connections to the server: none is held for ever, there are never too many, and nobody fills the log with them."""

import asyncio
import contextlib
import itertools
import logging
import resource
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.http.connections import MOST, Limits, most
from bot.http.server import serving
from bot.logs import Seldom
from db.embedded import server as embedded
from tests.support.processes import PATIENCE, Start, rung, slack

PATIENT = 3600.0  # seconds, longer than any test
SOON = 0.2
WHOLE = 50_000_000  # bytes, more than is on its way to somebody who does not read
GET = b"GET /now HTTP/1.1\r\nHost: rung\r\n\r\n"
LATER = GET.replace(b"now", b"later")
HALF = GET.replace(b"now", b"half")
UNREAD = GET.replace(b"now", b"whole") + LATER  # the second is asked while the first is not read
WITHOUT_BODY = LATER.replace(b"\r\n\r\n", b"\r\nContent-Length: 1000\r\n\r\nx")


@dataclass
class Server:
    """Answers at /now at once, at /later when it is told to, at /whole and /much with more than can be on its way.

    At /half with as much, and the end of it when it is told to.
    """

    limits: Limits
    release: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    address: tuple[str, int] = ("", 0)
    clients: list["Client"] = field(default_factory=list)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Server"]:
        answers = (self.now, self.later, self.much, self.whole, self.half)
        app = Starlette(routes=[Route(f"/{each.__name__}", each) for each in answers])
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.address = listener.getsockname()
            async with serving(app, listener, self.limits):
                try:
                    yield self
                finally:
                    self.release.set()
                    for client in self.clients:
                        client.writer.transport.abort()
                        with contextlib.suppress(ConnectionError):
                            await client.writer.wait_closed()

    async def now(self, _request: Request) -> PlainTextResponse:
        return PlainTextResponse("now")

    async def later(self, _request: Request) -> PlainTextResponse:
        self.asked.release()
        await self.release.wait()
        return PlainTextResponse("later")

    async def much(self, _request: Request) -> StreamingResponse:
        return StreamingResponse(itertools.repeat(bytes(100_000)))

    async def whole(self, _request: Request) -> Response:
        return Response(bytes(WHOLE))

    async def half(self, _request: Request) -> StreamingResponse:
        async def pieces() -> AsyncIterator[bytes]:
            yield bytes(WHOLE)
            self.asked.release()
            await self.release.wait()
            yield b"half"

        return StreamingResponse(pieces())

    async def open(self, first: bytes = b"") -> "Client":
        client = Client(*await asyncio.open_connection(*self.address))
        client.writer.write(first)
        self.clients.append(client)
        return client


@dataclass
class Client:
    """One connection to it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ended(self) -> bytes:
        """What came until the server closed it."""
        async with asyncio.timeout(PATIENCE):
            with contextlib.suppress(ConnectionResetError):
                return await self.reader.read()
        return b""

    def stop_reading(self) -> None:
        self.writer.transport.pause_reading()  # type: ignore[attr-defined]

    async def answered(self, words: bytes = b"now") -> None:
        async with asyncio.timeout(PATIENCE):
            await self.reader.readuntil(words)

    async def trickle(self, text: bytes) -> None:
        """Send it byte by byte, over and over, until the server has enough of it."""
        with contextlib.suppress(ConnectionError):
            while not self.reader.at_eof():
                for byte in text:
                    self.writer.write(bytes([byte]))
                    await self.writer.drain()
                    await asyncio.sleep(SOON / 20)  # as slow clients are


IMPATIENT = Limits(most=100, request=SOON, answer=PATIENT)


@pytest.mark.parametrize("first", [b"", b"GET", GET[:-2]], ids=ascii)
async def test_who_asks_for_nothing_is_let_go(first: bytes) -> None:
    async with Server(IMPATIENT).running() as server:
        assert await (await server.open(first)).ended() == b""


async def test_who_trickles_headers_is_let_go() -> None:
    async with Server(IMPATIENT).running() as server:
        client = await server.open(GET[:-2])
        trickling = asyncio.create_task(client.trickle(b"X-More: and more\r\n"))
        assert await client.ended() == b""
        await trickling


async def test_who_asks_for_nothing_more_is_let_go() -> None:
    async with Server(IMPATIENT).running() as server:
        client = await server.open(GET)
        assert (await client.ended()).endswith(b"now")


async def test_who_trickles_a_body_that_nobody_reads_is_let_go() -> None:
    async with Server(IMPATIENT).running() as server:
        client = await server.open(GET.replace(b"\r\n\r\n", b"\r\nContent-Length: 1000000\r\n\r\n"))
        await client.answered()
        trickling = asyncio.create_task(client.trickle(b"x"))
        await client.ended()
        await trickling


async def test_who_is_waiting_for_an_answer_is_not_let_go() -> None:
    async with Server(IMPATIENT).running() as server:
        slow = await server.open(LATER)
        await server.asked.acquire()
        await (await server.open()).ended()  # as long as one may ask for nothing
        server.release.set()
        await slow.answered(b"later")


async def test_what_is_never_answered_ends_too() -> None:
    async with Server(Limits(most=100, request=PATIENT, answer=SOON)).running() as server:
        assert await (await server.open(LATER)).ended() == b""


@pytest.mark.parametrize(
    ("asked", "limits"),
    [
        (GET.replace(b"now", b"much"), Limits(most=100, request=PATIENT, answer=SOON)),
        (GET.replace(b"now", b"whole"), Limits(most=100, request=SOON, answer=PATIENT)),
        (UNREAD, Limits(most=100, request=SOON, answer=PATIENT)),
    ],
    ids=["much", "whole", "another asked meanwhile"],
)
async def test_who_does_not_read_the_answer_is_let_go(asked: bytes, limits: Limits) -> None:
    """Given in pieces, or all at once, when it counts as answered."""
    async with Server(limits).running() as server:
        client = await server.open()
        client.stop_reading()
        client.writer.write(asked)
        async with asyncio.timeout(PATIENCE):
            await client.trickle(b"x")


async def test_with_too_many_the_one_that_waits_longest_makes_room(caplog: pytest.LogCaptureFixture) -> None:
    async with Server(Limits(most=3, request=PATIENT, answer=PATIENT)).running() as server:
        busy = await server.open(LATER)
        await server.asked.acquire()
        idle = await server.open(GET)
        await idle.answered()
        silent = await server.open()
        newer = await server.open(GET)
        assert await idle.ended() == b""
        await newer.answered()
        newest = await server.open(GET)
        assert await silent.ended() == b""
        await newest.answered()
        server.release.set()
        await busy.answered(b"later")
    assert [record.levelname for record in caplog.records if "connection.limit" in record.getMessage()] == [
        "WARNING"
    ] * 2


async def test_with_all_of_them_at_work_the_newest_goes() -> None:
    async with Server(Limits(most=2, request=PATIENT, answer=PATIENT)).running() as server:
        busy = [await server.open(LATER) for _ in range(2)]
        for _ in busy:
            await server.asked.acquire()
        assert await (await server.open(GET)).ended() == b""
        server.release.set()
        for each in busy:
            await each.answered(b"later")
        await (await server.open(GET)).answered()


@pytest.mark.parametrize("asked", [UNREAD, HALF, WITHOUT_BODY, LATER + GET], ids=["unread", "half", "no body", "more"])
async def test_who_asks_and_keeps_the_server_waiting_makes_room(asked: bytes) -> None:
    async with Server(Limits(most=3, request=PATIENT, answer=PATIENT)).running() as server:
        for _ in range(3):
            client = await server.open()
            client.stop_reading()
            client.writer.write(asked)
            await server.asked.acquire()
        for _ in range(3):
            await (await server.open(GET)).answered()


async def test_who_sends_the_rest_or_reads_again_is_at_work() -> None:
    async with Server(Limits(most=2, request=PATIENT, answer=PATIENT)).running() as server:
        reading = await server.open(HALF)
        sending = await server.open(WITHOUT_BODY)
        for _ in range(2):
            await server.asked.acquire()
        async with asyncio.timeout(PATIENCE):
            await reading.reader.readexactly(WHOLE)
        sending.writer.write(bytes(999))
        assert await (await server.open(GET)).ended() == b""
        server.release.set()
        await reading.answered(b"half")
        await sending.answered(b"later")


async def test_who_has_read_the_answer_and_asks_for_nothing_more_makes_room() -> None:
    async with Server(Limits(most=2, request=PATIENT, answer=PATIENT)).running() as server:
        idle = await server.open(GET.replace(b"now", b"whole"))
        async with asyncio.timeout(PATIENCE):
            await idle.reader.readexactly(WHOLE)
        silent = await server.open()
        await (await server.open(GET)).answered()
        silent.writer.write(GET)
        await silent.answered()
        await idle.ended()


@pytest.mark.parametrize(
    ("soft", "held"), [(256, 64), (1024, 256), (1_048_576, MOST), (resource.RLIM_INFINITY, MOST), (2, 1)]
)
def test_it_holds_fewer_than_it_may_have_files_open(soft: int, held: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (soft, resource.RLIM_INFINITY))
    assert most() == held


def test_equal_warnings_are_said_once_a_minute_with_their_number() -> None:
    now = 0.0
    seldom = Seldom(lambda: now)

    def said(msg: object, level: int = logging.WARNING, error: Exception | None = None) -> object:
        about = (type(error), error, None) if error else None
        record = logging.LogRecord("asyncio", level, "", 0, msg, (), about)
        return record.msg if seldom.filter(record) else None

    accept = "socket.accept() out of system resource\nsocket: <socket {}>"
    assert [said(accept.format(n)) is not None for n in range(3)] == [True, False, False]
    assert said("another") == "another"
    refused = {"event": "request.refused", "status": 401, "timestamp": "1"}
    assert [said(refused | {"timestamp": str(n)}) is not None for n in range(5)] == [True] + [False] * 4
    assert said(refused | {"status": 413}) is not None
    assert said("as it was", error=ValueError("one")) == "as it was"
    assert said("as it was", error=ValueError("two")) == "as it was"
    assert [said("serving", logging.INFO) for _ in range(2)] == ["serving"] * 2
    now = 61
    assert said(accept.format(4)) == f"{accept.format(4)} (left out since: 2 like it)"
    assert said(refused) == refused | {"left_out": 4}
    assert said("another") == "another"


async def test_more_silent_connections_than_it_may_have_files_open_leave_it_at_work(
    postgres_home: Path, tmp_path: Path
) -> None:
    """As anybody can open them who reaches the port; its log does not grow with them."""
    async with slack("socket") as (_, settings), contextlib.AsyncExitStack() as stack:
        settings |= {"DATABASE_URL": embedded.start(postgres_home, "connections")}
        running = await stack.enter_async_context(rung(settings, tmp_path, Start(files=256)))
        for _ in range(600):
            silent = stack.enter_context(socket.socket())
            silent.setblocking(False)
            await asyncio.get_running_loop().sock_connect(silent, ("127.0.0.1", int(settings["PORT"])))
        assert await running.get("/healthz") == 200
        assert await running.end() == 0
        said = [record for record in running.records if record["level"] not in ("info", "debug")]
        assert [(record["event"], record["most"]) for record in said] == [("connection.limit", 64)]
