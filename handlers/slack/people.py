"""Who is here, their zone, and where they stand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from db import members
from db.account.profiles import Profile
from db.entries import entries
from db.mentoring import mentorships
from db.models import Member
from growth.cadence import local_date, zone
from growth.coverage import Evidence, carried_over, coverage
from growth.errors import NoMentorHere, NotForGuests, OutOfDate, PersonError
from growth.sharing import Mentor
from growth.standing import LadderPosition, aim, upcoming_of
from handlers.slack.patience import slacks_word, soon
from ladder_content.model import Criterion, Ladder
from ladder_content.search import Index
from services.actor import Actor

Json = dict[str, Any]
Wake = Callable[[], None]
NOT_OURS = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")
UNKNOWN_HERE = ("user_not_found", "user_not_visible")


@dataclass(frozen=True)
class Visit(Actor):
    """Who acts in Slack, and the client for their workspace."""

    client: AsyncWebClient


@dataclass(frozen=True)
class Here:
    """Somebody's zone, by its name and as it is reckoned with, and the date it is there."""

    tz: str
    zone: ZoneInfo
    today: date


@dataclass(frozen=True)
class Stranger:
    """Somebody without a level. `level_gone`: they had one that is no longer on the ladder."""

    today: date
    zone: ZoneInfo
    level_gone: bool = False


async def person(client: AsyncWebClient, user: str) -> Json:
    """A user as Slack describes them; of whom it shows nobody, that they are a stranger."""
    try:
        found: Json = (await client.users_info(user=user))["user"]
    except SlackApiError as error:
        if slacks_word(error) in UNKNOWN_HERE:
            return {"id": user, "is_stranger": True}
        raise
    return found


async def slack_zone(visit: Visit) -> str:
    """The zone as the person's Slack profile names it. Raises NotForGuests for whoever is no full member here."""
    return _zone_of(visit, await person(visit.client, visit.who.user), NotForGuests)


async def profile_zone(visit: Visit) -> str:
    """As `slack_zone`; where Slack does not tell a member's within a second, it is the one that is known here."""
    async with visit.sessions() as session:
        member = await members.find(session, visit.who)
    if member is None:
        return await slack_zone(visit)
    found = await soon(person(visit.client, visit.who.user))
    return _zone_of(visit, found, NotForGuests) if found else member.tz


async def _zone_at_hand(visit: Visit, member: Member | None) -> str:
    """The person's zone, so that what they say can be saved: UTC where Slack does not tell it within a second.

    Once a day their profile is read anyway. Raises NotForGuests.
    """
    if member:
        return member.tz
    found = await soon(person(visit.client, visit.who.user))
    return _zone_of(visit, found, NotForGuests) if found else "UTC"


def _zone_of(visit: Visit, person: Json, otherwise: type[PersonError]) -> str:
    if not is_colleague(person, visit.who.workspace):
        raise otherwise
    return str(person.get("tz") or "UTC")


def profile(person: Json, workspace: str) -> Profile:
    """A user as Slack describes them; guests, bots and people of other workspaces are not active in this one."""
    elsewhere = bool(_homes(person)) and workspace not in _homes(person)
    return Profile(person["id"], person.get("tz"), not (elsewhere or any(person.get(sign) for sign in NOT_OURS)))


def is_colleague(person: Json, workspace: str) -> bool:
    """Whether a user, as Slack describes them, is a full member of the workspace."""
    return profile(person, workspace).active and workspace in _homes(person) and person["id"] != "USLACKBOT"


def _homes(person: Json) -> set[str]:
    """The workspaces that somebody belongs to, and their enterprise."""
    enterprise = person.get("enterprise_user") or {}
    homes = (person.get("team_id"), enterprise.get("enterprise_id"), *enterprise.get("teams", ()))
    return {home for home in homes if home}


async def zone_of_colleague(visit: Visit, user: str) -> str:
    """The zone of a full member of this workspace. Raises NoMentorHere for anybody else."""
    return _zone_of(visit, await person(visit.client, user), NoMentorHere)


async def known(visit: Visit) -> Member | None:
    """The member; whoever is none yet could be one. Raises NotForGuests."""
    async with visit.sessions() as session:
        member = await members.find(session, visit.who)
    if member is None:
        await slack_zone(visit)
    return member


async def here(visit: Visit, *, saving: bool = False) -> Here:
    """Where the person is: as they are known, else as their Slack profile has it. Raises NotForGuests.

    `saving`: what they wrote, which waits for nobody.
    """
    async with visit.sessions() as session:
        member = await members.find(session, visit.who)
    name = await _zone_at_hand(visit, member) if saving or member else await slack_zone(visit)
    return Here(name, zone(name), local_date(visit.now, zone(name)))


def number(value: str) -> int:
    """The id in a button's value; what is none was not sent by this version of Rung."""
    if value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    raise OutOfDate


def today(member: Member, now: datetime) -> date:
    """The member's own date."""
    return local_date(now, zone(member.tz))


def relevant(member: Member | None, ladder: Ladder) -> tuple[Criterion, ...]:
    """The criteria that lead the member to their target; none without a level."""
    return ladder.relevant(member.level, member.target) if member and member.level else ()


def offered(member: Member | None, ladder: Ladder) -> tuple[Criterion, ...]:
    """What an entry may be evidence of: the criteria that lead to the target, then those of the member's own level."""
    ahead = relevant(member, ladder)
    own = ladder.criteria_to(member.level) if member and member.level else ()
    return (*ahead, *(criterion for criterion in own if criterion not in ahead))


@dataclass(frozen=True)
class Desk:
    """What the form for an entry is laid out with: the person's zone and date, and whom and what to choose from."""

    zone: ZoneInfo
    today: date
    relevant: tuple[Criterion, ...]
    offered: tuple[Criterion, ...]
    mentors: Sequence[Mentor] = ()


async def desk(visit: Visit) -> Desk:
    """The person's desk, whether they have been here before or not. Raises NotForGuests."""
    async with visit.sessions() as session:
        member = await members.find(session, visit.who)
        mentors = await mentorships.mentors(session, visit.who) if member else ()
    tz = zone(await _zone_at_hand(visit, member))
    criteria = (relevant(member, visit.ladder), offered(member, visit.ladder))
    return Desk(tz, local_date(visit.now, tz), *criteria, mentors)


def suggested(index: Index, words: str, desk: Desk) -> tuple[str, ...]:
    """The criteria that words seem to be about, for the person to confirm."""
    return tuple(criterion.id for criterion in index.suggest(words, desk.relevant))


async def standing(visit: Visit, known: Mapping[str, Evidence] | None = None) -> LadderPosition | Stranger:
    """Where the person stands, in two statements; a Stranger without a level that this ladder has.

    Raises NotForGuests. `known`: their evidence by criterion id, where it was read before.
    """
    async with visit.sessions() as session:
        found = await members.find_with_due(session, visit.who)
        member = found.member if found else None
        level = visit.ladder.level(member.level) if member else None
        if member and level and known is None:
            known = (await entries.evidence(session, [member.id])).get(member.id, {})
    if member is None:
        await slack_zone(visit)
    if found is None or member is None or level is None:
        tz = zone(member.tz if member else "UTC")
        return Stranger(local_date(visit.now, tz), tz, level_gone=bool(member and member.level))
    target = aim(visit.ladder, level, member.target)
    on = today(member, visit.now)
    covered = coverage(relevant(member, visit.ladder), carried_over(known or {}, visit.ladder.replaced), on)
    upcoming = upcoming_of(found.due_at, member.tz, found.paused_until, on, held_up=found.silent)
    return LadderPosition(level, target, covered, on, upcoming, undecided=found.undecided)
