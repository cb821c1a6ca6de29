"""`people invite`: everybody in a file is looked up in Slack; all of them are invited, or nobody is."""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.failures import slacks_word
from bot.ops.deliveries import table
from bot.ops.invite_csv import Fault, Line, read
from db import members
from db.account import invitations, profiles
from db.account.invitations import NewInvitation
from db.engine import AsyncSession, Sessions
from growth.cadence import zone
from growth.mentoring import MENTEES
from growth.time_words import day_and_time
from handlers.slack.blocks import Json
from handlers.slack.people import NOT_OURS, is_colleague, profile
from handlers.slack.position import code
from ladder_content.model import Ladder

PROGRESS_EVERY = 25  # people
NOBODY = ("users_not_found", "user_not_found", "user_not_visible")
INVITED, BEFORE, BEGUN = "invited", "invited before: nothing is sent", "already uses Rung: nothing is sent"


class NotInvitedError(Exception):
    """Why nobody can be invited, in a sentence for whoever runs Rung."""


class RosterError(Exception):
    """Nobody was invited; `faults` says why, by line."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = sorted(faults, key=lambda fault: fault.line)
        super().__init__("\n".join(f"line {fault.line}: {fault.message}" for fault in self.faults))


@dataclass(frozen=True)
class Invitee:
    """Somebody in the file as Slack knows them, their mentor, and what becomes of them: INVITED, BEFORE or BEGUN."""

    line: Line
    person: Json
    mentor: Json | None
    outcome: str

    @property
    def new(self) -> NewInvitation:
        line, mentor = self.line, self.mentor
        return NewInvitation(self.person["id"], line.level, line.weekday, line.at, mentor["id"] if mentor else None)


@dataclass(frozen=True)
class Inviting:
    """One file, one workspace by its key, and a client that waits as long as Slack asks it to."""

    client: AsyncWebClient
    sessions: Sessions
    ladder: Ladder
    workspace: str
    tell: Callable[[str], None]  # how far it is

    async def look(self, data: bytes) -> list[Invitee]:
        """Who is in the file, and what would become of them; nothing is written. Raises RosterError."""
        lines, faults = read(data, self.ladder)
        if faults and len(lines) > PROGRESS_EVERY:  # Slack takes minutes for many, and the file comes again anyway
            raise RosterError(faults)
        people = await self._people(lines)
        for line in lines:
            faults += self._wrong_with(line, people)
        faults += _twice(lines, people)
        if not faults:
            async with self.sessions() as session:
                invitees = await self._invitees(session, lines, people)
                faults += await self._without_room(session, invitees)
        if faults:
            raise RosterError(faults)
        return invitees

    async def invite(self, invitees: Sequence[Invitee], now: datetime) -> int:
        """Write the invitations and put their messages into the outbox, in one transaction; how many."""
        new = [invitee for invitee in invitees if invitee.outcome == INVITED]
        if not new:
            return 0
        people = (person for invitee in new for person in (invitee.person, invitee.mentor) if person)
        named = [profile(person, self.workspace) for person in people]
        async with self.sessions.begin() as session:
            await members.ensure(session, self.workspace, {each.user: each.tz or "UTC" for each in named})
            await profiles.follow(session, self.workspace, list(dict.fromkeys(named)), now)  # who came back is here
            return await invitations.invite(session, self.workspace, [invitee.new for invitee in new], now)

    def table(self, invitees: Sequence[Invitee]) -> list[str]:
        """A line for each person."""
        return list(table(("line", "who", "level", "question", "mentor", "what"), [*map(self._row, invitees)]))

    def _row(self, invitee: Invitee) -> tuple[str, ...]:
        new, level = invitee.new, self.ladder.level(invitee.line.level)
        when = f"{day_and_time(new.weekday, new.at)} ({zone(invitee.person.get('tz') or 'UTC').key})"
        mentor = f"@{invitee.mentor['name']}" if invitee.mentor else "-"
        who = f"@{invitee.person['name']}"
        return (str(invitee.line.number), who, code(level) if level else "-", when, mentor, invitee.outcome)

    async def _people(self, lines: Sequence[Line]) -> dict[str, Json | None]:
        """Email or Slack id → the user as Slack describes them, none where there is nobody."""
        wanted = list(dict.fromkeys(each for line in lines for each in (line.person, line.mentor) if each))
        found: dict[str, Json | None] = {}
        for done, key in enumerate(wanted, 1):
            found[key] = await self._person(key)
            if done % PROGRESS_EVERY == 0 and done < len(wanted):
                self.tell(f"{done} of {len(wanted)} people looked up in Slack")
        return found

    async def _person(self, key: str) -> Json | None:
        try:
            by_email = "@" in key
            answer = await (
                self.client.users_lookupByEmail(email=key) if by_email else self.client.users_info(user=key)
            )
        except SlackApiError as error:
            if slacks_word(error) in NOBODY:
                return None
            raise
        person: Json = answer["user"]
        return person

    def _wrong_with(self, line: Line, people: Mapping[str, Json | None]) -> Iterator[Fault]:
        for key, role in ((line.person, ""), (line.mentor, "the mentor ")):
            if key and (why := self._refused(people[key])):
                yield Fault(line.number, f"{role}{key} {why}")

    def _refused(self, person: Json | None) -> str | None:
        """Why somebody can be no member of Rung, if so, and what to do."""
        if person is None:
            return "is nobody in this workspace: correct it, or take it out"
        if is_colleague(person, self.workspace):
            return None
        reasons = ("has left", "is an app", "is a guest", "is a guest", "is of another workspace")
        why = next((why for sign, why in zip(NOT_OURS, reasons, strict=True) if person.get(sign)), reasons[-1])
        return f"{why}, and Rung is for full members: take it out"

    async def _invitees(
        self, session: AsyncSession, lines: Sequence[Line], people: Mapping[str, Json | None]
    ) -> list[Invitee]:
        users = [str(person["id"]) for line in lines if (person := people[line.person])]
        before = await invitations.invited(session, self.workspace, users)
        begun = await invitations.begun(session, self.workspace, users)
        return [
            Invitee(
                line,
                person,
                people.get(line.mentor),
                # The answer to an invitation stays between the person and Rung: so that comes first.
                BEFORE if person["id"] in before else BEGUN if person["id"] in begun else INVITED,
            )
            for line in lines
            if (person := people[line.person])
        ]

    async def _without_room(self, session: AsyncSession, invitees: Sequence[Invitee]) -> list[Fault]:
        new = [invitee for invitee in invitees if invitee.outcome == INVITED]
        wanted = Counter(invitee.mentor["id"] for invitee in new if invitee.mentor)
        room = await invitations.room(session, self.workspace, wanted)
        faults = []
        for invitee in reversed(new):
            if invitee.mentor and wanted[mentor := invitee.mentor["id"]] > max(left := room.get(mentor, MENTEES), 0):
                wanted[mentor] -= 1
                message = f"the mentor @{invitee.mentor['name']} has room for {max(left, 0)} more: name somebody else"
                faults.append(Fault(invitee.line.number, f"{message}, or leave it empty"))
        return faults


def _twice(lines: Sequence[Line], people: Mapping[str, Json | None]) -> Iterator[Fault]:
    """Somebody in two lines, by whatever they are named; and somebody who is their own mentor under two names."""
    first: dict[str, int] = {}
    for line in lines:
        person, mentor = (people.get(key) for key in (line.person, line.mentor))
        if person is None:
            continue
        if (there := first.setdefault(person["id"], line.number)) != line.number:
            yield Fault(line.number, f"{line.person} is on line {there} already: keep one of the two")
        if mentor and mentor["id"] == person["id"]:
            yield Fault(line.number, "nobody is their own mentor: name somebody else, or leave it empty")


def contents(file: Path) -> bytes:
    """What is in the file. Raises NotInvitedError."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise NotInvitedError(f"{file} cannot be read: {error.strerror}.") from None


async def workspace_of(client: AsyncWebClient, wanted: str | None) -> str:
    """The key of the workspace that the token is for. Raises NotInvitedError if another one was `wanted`."""
    with _slack_answers():
        answer = await client.auth_test()
    key = str(answer["enterprise_id"] if answer.get("is_enterprise_install") else answer["team_id"])
    if wanted not in (None, key):
        raise NotInvitedError(f"SLACK_BOT_TOKEN is for the workspace {key}, not for {wanted}.")
    return key


async def outcome(inviting: Inviting, data: bytes, now: datetime, *, dry: bool) -> list[str]:
    """Invite everybody in the file, unless it is a dry run: a table of what becomes of them, and the sum of it.

    Raises RosterError, NotInvitedError.
    """
    with _slack_answers():
        invitees = await inviting.look(data)
    lines = [*inviting.table(invitees), ""]
    if dry:
        new = sum(each.outcome == INVITED for each in invitees)
        return [*lines, f"{new} would be invited. This was a dry run: nothing was written or sent."]
    done = await inviting.invite(invitees, now)
    how = " The Rung that is running sends each one message; `python -m bot deliveries` shows what waits."
    return [*lines, f"{done} invited.{how if done else ''}"]


@contextlib.contextmanager
def _slack_answers() -> Iterator[None]:
    """What Slack refuses, or does not answer, is told in a sentence."""
    try:
        yield
    except SlackApiError as error:
        raise NotInvitedError(_refusal(error)) from error
    except (aiohttp.ClientError, TimeoutError) as error:
        why = type(error).__name__
        raise NotInvitedError(f"Slack cannot be reached ({why}). Nobody was invited: try again.") from error


def _refusal(error: SlackApiError) -> str:
    match word := slacks_word(error):
        case "missing_scope":
            return (
                f"SLACK_BOT_TOKEN lacks the scope {error.response.get('needed') or 'users:read.email'}: add it on your"
                " Slack app's page OAuth & Permissions and install the app again. Nobody was invited."
            )
        case "ratelimited":
            return "Slack asks for a pause. Nobody was invited: run the same command again in a minute or two."
    return f"Slack refused to say who is who ({word or 'no answer of Slack’s'}). Nobody was invited."
