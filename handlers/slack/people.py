"""Who is here, their zone, and where they stand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
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
from handlers.slack.blocks import Json
from handlers.slack.patience import slacks_word, soon
from ladder_content.model import Criterion, Ladder
from ladder_content.search import Index
from services.actor import Actor

Wake = Callable[[], None]
NOT_OURS = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")
UNKNOWN_HERE = ("user_not_found", "user_not_visible")


@dataclass(frozen=True)
class SlackActor(Actor):
    """Who acts in Slack, and the client for their workspace."""

    client: AsyncWebClient


@dataclass(frozen=True)
class LocalTime:
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


async def slack_zone(actor: SlackActor) -> str:
    """The zone as the person's Slack profile names it. Raises NotForGuests for whoever is no full member here."""
    return _zone_of(actor, await person(actor.client, actor.who.user), NotForGuests)


async def profile_zone(actor: SlackActor) -> str:
    """As `slack_zone`; where Slack does not tell a member's within a second, it is the one that is known here."""
    async with actor.sessions() as session:
        member = await members.get(session, actor.who)
    if member is None:
        return await slack_zone(actor)
    found = await soon(person(actor.client, actor.who.user))
    return _zone_of(actor, found, NotForGuests) if found else member.tz


async def _zone_at_hand(actor: SlackActor, member: Member | None) -> str:
    """The person's zone, so that what they say can be saved: UTC where Slack does not tell it within a second.

    Once a day their profile is read anyway. Raises NotForGuests.
    """
    if member:
        return member.tz
    found = await soon(person(actor.client, actor.who.user))
    return _zone_of(actor, found, NotForGuests) if found else "UTC"


def _zone_of(actor: SlackActor, person: Json, otherwise: type[PersonError]) -> str:
    if not is_colleague(person, actor.who.workspace):
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


async def zone_of_colleague(actor: SlackActor, user: str) -> str:
    """The zone of a full member of this workspace. Raises NoMentorHere for anybody else."""
    return _zone_of(actor, await person(actor.client, user), NoMentorHere)


async def known(actor: SlackActor) -> Member | None:
    """The member; whoever is none yet could be one. Raises NotForGuests."""
    async with actor.sessions() as session:
        member = await members.get(session, actor.who)
    if member is None:
        await slack_zone(actor)
    return member


async def local_time(actor: SlackActor, *, saving: bool = False) -> LocalTime:
    """Where the person is: as they are known, else as their Slack profile has it. Raises NotForGuests.

    `saving`: what they wrote, which waits for nobody.
    """
    async with actor.sessions() as session:
        member = await members.get(session, actor.who)
    name = await _zone_at_hand(actor, member) if saving or member else await slack_zone(actor)
    return LocalTime(name, zone(name), local_date(actor.now, zone(name)))


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
class EntryFormContext:
    """What the form for an entry is laid out with: the person's zone and date, and whom and what to choose from."""

    zone: ZoneInfo
    today: date
    relevant: tuple[Criterion, ...]
    offered: tuple[Criterion, ...]
    mentors: Sequence[Mentor] = ()


async def entry_form_context(actor: SlackActor) -> EntryFormContext:
    """The person's desk, whether they have been here before or not. Raises NotForGuests."""
    async with actor.sessions() as session:
        member = await members.get(session, actor.who)
        mentors = await mentorships.mentors(session, actor.who) if member else ()
    tz = zone(await _zone_at_hand(actor, member))
    criteria = (relevant(member, actor.ladder), offered(member, actor.ladder))
    return EntryFormContext(tz, local_date(actor.now, tz), *criteria, mentors)


def suggested(index: Index, words: str, desk: EntryFormContext) -> tuple[str, ...]:
    """The criteria that words seem to be about, for the person to confirm."""
    return tuple(criterion.id for criterion in index.suggest(words, desk.relevant))


async def standing(actor: SlackActor, known: Mapping[str, Evidence] | None = None) -> LadderPosition | Stranger:
    """Where the person stands, in two statements; a Stranger without a level that this ladder has.

    Raises NotForGuests. `known`: their evidence by criterion id, where it was read before.
    """
    async with actor.sessions() as session:
        found = await members.get_with_due(session, actor.who)
        member = found.member if found else None
        level = actor.ladder.level(member.level) if member else None
        if member and level and known is None:
            known = (await entries.evidence(session, [member.id])).get(member.id, {})
    if member is None:
        await slack_zone(actor)
    if found is None or member is None or level is None:
        tz = zone(member.tz if member else "UTC")
        return Stranger(local_date(actor.now, tz), tz, level_gone=bool(member and member.level))
    target = aim(actor.ladder, level, member.target)
    on = today(member, actor.now)
    covered = coverage(relevant(member, actor.ladder), carried_over(known or {}, actor.ladder.replaced), on)
    upcoming = upcoming_of(found.due_at, member.tz, found.paused_until, on, held_up=found.silent)
    return LadderPosition(level, target, covered, on, upcoming, undecided=found.undecided)
