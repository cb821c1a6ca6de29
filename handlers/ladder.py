"""Reading the ladder: `levels`, `L5`, `compare`, `find`, and what their buttons open."""

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from db import members
from db.entries import entries
from growth.errors import NoLongerThere, NoSuchLevel, OnlyWithLevels
from handlers import forms, people
from handlers.people import Json, Visit
from handlers.routing import COMMAND, first_word, names_a_level, typed, words
from handlers.showing import written
from handlers.views import details as views
from handlers.views.message import Message
from handlers.views.text import storable
from ladder_content.model import Ladder, Level
from ladder_content.search import Index

NOTES_SHOWN = 3
MOST_WORDS = 20  # of two names of levels
ASK_WHAT = "Tell me what to look for: `/ladder find ambiguity`."


def register(app: AsyncApp) -> None:
    app.command(COMMAND, matchers=[first_word("levels")])(show_levels)
    app.command(COMMAND, matchers=[first_word("compare")])(compare)
    app.command(COMMAND, matchers=[first_word("find")])(find)
    app.command(COMMAND, matchers=[names_a_level])(show_level)
    app.action(views.OPEN)(open_details)


async def show_levels(ack: AsyncAck, visit: Visit) -> None:
    async with visit.sessions() as session:
        member = await members.find(session, visit.who)
    here = visit.ladder.level(member.level) if member else None
    await ack(**views.levels(visit.ladder, here).payload())


async def show_level(ack: AsyncAck, command: Json, ladder: Ladder) -> None:
    level = ladder.find_level(typed(command))
    assert level is not None, "the matcher found one"
    await ack(**views.level_card(level, ladder).payload())


async def compare(ack: AsyncAck, command: Json, ladder: Ladder) -> None:
    lower, higher = two_levels(words(command).rest, ladder)
    await ack(**views.compare(lower, higher, ladder).payload())


async def find(ack: AsyncAck, command: Json, index: Index) -> None:
    wanted = words(command).rest
    hits = index.find(wanted) if wanted else []
    message = views.found(wanted, hits) if wanted else Message.of(ASK_WHAT)
    await ack(**message.payload())


async def open_details(ack: AsyncAck, action: dict[str, str], body: Json, visit: Visit) -> None:
    await ack()
    kind, _, id_ = storable(action["value"]).partition(":")
    async with visit.sessions() as session:
        notes = (
            await entries.on_criteria(session, visit.who, visit.ladder.lineage(id_), NOTES_SHOWN)
            if kind == "criterion"
            else []
        )
        member = await members.find(session, visit.who)
    today = people.today(member, visit.now) if member else visit.now.date()
    view = views.opened(visit.ladder, action["value"], [written(note) for note in notes], today)
    if view is None:
        raise NoLongerThere(kind if kind in views.KINDS else "page")
    await forms.show(visit, body, view)


def two_levels(text: str, ladder: Ladder) -> tuple[Level, Level]:
    """The two levels that the words name, lower first: `L4 L5`, `senior vs staff`, `ml engineer ii, senior`."""
    parts = text.replace(",", " ").split()
    parts = [part for part in parts if part.casefold() not in ("vs", "vs.", "and", "with", "to", "->", "→")]
    if len(parts) > MOST_WORDS:
        raise OnlyWithLevels
    for middle in range(1, len(parts)):
        pair = [ladder.find_level(" ".join(half)) for half in (parts[:middle], parts[middle:])]
        first, second = pair
        if first and second and first.id != second.id:
            lower, higher = sorted((first, second), key=lambda level: level.order)
            return lower, higher
    unknown = next((part for part in parts if ladder.find_level(part) is None), None)
    if unknown and len(parts) == 2:
        raise NoSuchLevel(unknown[:40], ", ".join(level.aliases[0] for level in ladder.levels))
    raise OnlyWithLevels
