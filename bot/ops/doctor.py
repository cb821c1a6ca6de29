"""Is everything there that `run` needs? It looks at one thing after the other, and changes nothing."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import partial
from ipaddress import ip_address
from pathlib import Path

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.features import routes
from bot.install.manifest import SCOPES
from bot.roles import Role
from bot.slack import REQUEST_TIMEOUT, Slack
from bot.startup import EVERYWHERE, HERE, CannotStartError, listening
from bot.unreachable import NOT_ANSWERED, why
from ladder_content.loader import ContentErrors, load

PATIENCE = 2 * REQUEST_TIMEOUT + 2  # seconds, for any one look: Slack is called twice
NOT_TRIED = "not tried, see the settings"
SKEW = timedelta(seconds=30)
SYNCHRONISE = "let the machine follow a time server, for example with `timedatectl set-ntp true`"
SIGNING_SECRET = re.compile(r"[0-9a-f]{32}")


class Mark(StrEnum):
    """How it is: in order, to be mended, or not known."""

    FINE = "✓"
    WRONG = "✗"
    OPEN = "–"


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, and what was found or what to do."""

    mark: Mark
    what: str
    words: str

    def __str__(self) -> str:
        return f"{self.mark} {self.what:<18} {' '.join(self.words.split())}"


Findings = list[Finding]
Look = Callable[[], Coroutine[None, None, Findings]]


@dataclass(frozen=True)
class Setup:
    """What is looked at; None where its setting is wrong. `faults` are the settings' own, a sentence each.

    `history` needs both the database and Slack, and has no line where one of them has a wrong setting.
    """

    faults: Sequence[str]
    database: Look | None
    slack: Slack | None
    folder: Path | None
    port: int | None
    role: Role = Role.ALL
    host: str = HERE
    history: Look | None = None


async def examine(setup: Setup, clock: Callable[[], datetime]) -> AsyncIterator[Finding]:
    """Every finding, in order, as soon as it is there."""
    for fault in setup.faults:
        yield Finding(Mark.WRONG, "settings", fault)
    if setup.slack and not setup.faults:
        mode = "Socket Mode" if setup.slack.app_token else "HTTP mode"
        what = mode if setup.role.answers else "a worker"
        what += " and many workspaces" if setup.slack.oauth else ""
        yield Finding(Mark.FINE, "settings", f"all there, for {what}")
    looks: dict[str, Look | None] = {
        "database": setup.database,
        "content": partial(_content, setup.folder) if setup.folder else None,
        "Slack": partial(_slack, setup.slack, setup.role, clock) if setup.slack else None,
        "message metadata": setup.history,
        "port": partial(_port, setup.host, setup.port) if setup.port else None,
    }
    for what, look in looks.items():
        for finding in await _in_time(what, look) if look else [Finding(Mark.OPEN, what, NOT_TRIED)]:
            yield finding


async def _in_time(what: str, look: Look) -> Findings:
    """What a look found; what hangs or was not foreseen is a finding, too."""
    task = asyncio.create_task(look())
    done, _ = await asyncio.wait({task}, timeout=PATIENCE)
    if not done:
        return [Finding(Mark.WRONG, what, f"no answer within {PATIENCE} s: is something in between that blocks it?")]
    if error := task.exception():  # its words might quote a secret
        return [Finding(Mark.WRONG, what, f"could not be looked at ({type(error).__name__}): check its settings.")]
    return task.result()


async def _content(folder: Path) -> Findings:
    try:
        ladder = await asyncio.to_thread(load, folder, routes().reserved)
    except ContentErrors as error:
        first, *more = error.faults
        others = f" and {len(more)} more" if more else ""
        words = f"{first}{others}. See `python -m bot content check {folder}`, or leave LADDER_DIR out."
        return [Finding(Mark.WRONG, "content", words)]
    return [Finding(Mark.FINE, "content", f"{ladder.ladder.title} {ladder.ladder.version}")]


async def _slack(slack: Slack, role: Role, clock: Callable[[], datetime]) -> Findings:
    try:
        token, answer = await _token(slack)
        seen = clock()
        way = [await _way(slack)] if role.answers else []
        return [token, _scopes(slack, token, answer), *way, _slacks_clock(answer, seen)]
    except NOT_ANSWERED as error:
        way = [await _way(slack)] if role.answers and not slack.app_token else []
        return [Finding(Mark.WRONG, "Slack", why(error, slack)), *way]


async def _token(slack: Slack) -> tuple[Finding, AsyncSlackResponse | None]:
    """Whether Slack takes the bot token, and its answer, be it a no."""
    if not slack.bot_token and not slack.oauth:
        return Finding(Mark.OPEN, "bot token", NOT_TRIED), None
    client = slack.client(retries=False)
    try:
        answer = await (client.api_test() if slack.oauth else client.auth_test())
    except SlackApiError as error:
        no = error.response if isinstance(error.response, AsyncSlackResponse) else None
        return Finding(Mark.WRONG, "bot token", why(error, slack)), no
    if slack.oauth:
        return Finding(Mark.OPEN, "bot token", "none here: each workspace that installs Rung has its own"), answer
    return Finding(Mark.FINE, "bot token", f"{answer['user']} in {answer['team']}"), answer


def _header(answer: AsyncSlackResponse | None, name: str) -> str | None:
    headers = answer.headers if answer else {}
    return next((value for key, value in headers.items() if key.lower() == name), None)


def _scopes(slack: Slack, token: Finding, answer: AsyncSlackResponse | None) -> Finding:
    if slack.oauth:
        return Finding(Mark.OPEN, "scopes", "asked for where a workspace installs Rung")
    header = _header(answer, "x-oauth-scopes")
    if token.mark != Mark.FINE or header is None:
        return Finding(Mark.OPEN, "scopes", "not known: Slack tells them for a token that it takes")
    granted = {scope.strip() for scope in header.split(",")}
    if missing := [f"{scope} ({reason})" for scope, reason in SCOPES.items() if scope not in granted]:
        command = "python -m bot manifest" + ("" if slack.app_token else " --url https://your.host")
        words = (
            f"missing: {'; '.join(missing)}. Paste the output of `{command}` into your Slack app's page App Manifest,"
            " then reinstall the app on its page Install App."
        )
        return Finding(Mark.WRONG, "scopes", words)
    more = sorted(granted - set(SCOPES))
    return Finding(Mark.FINE, "scopes", "all granted" + (f"; not needed: {', '.join(more)}" if more else ""))


async def _way(slack: Slack) -> Finding:
    """How Slack and Rung find each other: the app token, else the signing secret."""
    if slack.app_token:
        try:
            await slack.client(retries=False).apps_connections_open(app_token=slack.app_token)
        except SlackApiError as error:
            return Finding(Mark.WRONG, "app token", why(error, slack))
        return Finding(Mark.FINE, "app token", "Slack opens Socket Mode for it")
    if not slack.signing_secret:
        words = (
            "no usable SLACK_APP_TOKEN or SLACK_SIGNING_SECRET: one is needed, your app's Basic Information has both."
        )
        return Finding(Mark.WRONG, "Slack's way in", words)
    if SIGNING_SECRET.fullmatch(slack.signing_secret):
        words = "looks like one; only a request from Slack proves it"
        return Finding(Mark.FINE, "signing secret", words)
    words = (
        "SLACK_SIGNING_SECRET is not what Slack hands out, 32 characters of 0-9 and a-f: copy the Signing Secret (not"
        " the Client Secret) from your Slack app's page Basic Information, App Credentials."
    )
    return Finding(Mark.WRONG, "signing secret", words)


def _slacks_clock(answer: AsyncSlackResponse | None, now: datetime) -> Finding:
    try:
        theirs = parsedate_to_datetime(_header(answer, "date") or "")
        return clocks("Slack", now - theirs)
    except (ValueError, TypeError):  # no date, or one without a zone
        return Finding(Mark.OPEN, "clock and Slack", "not known: Slack did not tell the time")


def clocks(whose: str, ahead: timedelta) -> Finding:
    """Whether our clock and theirs agree well enough."""
    what = f"clock and {whose}"
    if abs(ahead) <= SKEW:
        return Finding(Mark.FINE, what, "agree")
    direction = "ahead of" if ahead > timedelta(0) else "behind"
    words = f"this machine is {abs(ahead).total_seconds():.0f} s {direction} {whose}: {SYNCHRONISE}."
    return Finding(Mark.WRONG, what, words)


async def _port(host: str, port: int) -> Findings:
    try:
        with await asyncio.to_thread(listening, host, port, "PORT") as listener:  # a name is looked up
            where = ip_address(listener.getsockname()[0])
    except CannotStartError as error:
        if await _is_rung(host, port):
            return [Finding(Mark.OPEN, "port", f"{port} is taken, by Rung as it seems: /healthz answers there")]
        return [Finding(Mark.WRONG, "port", str(error))]
    reach = "this machine alone reaches it" if where.is_loopback else "others reach it there"
    at = "every address of this machine" if where.is_unspecified else f"{where}"
    return [Finding(Mark.FINE, "port", f"{port} is free at {at}: {reach}")]


async def _is_rung(host: str, port: int) -> bool:
    at = HERE if host in (EVERYWHERE, "0.0.0.0") else f"[{host}]" if ":" in host else host
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as http,
            http.get(f"http://{at}:{port}/healthz") as answer,
        ):
            return answer.status == 200
    except (*NOT_ANSWERED, ValueError):  # a host may be anything
        return False
