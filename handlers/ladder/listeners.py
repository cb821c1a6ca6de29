"""Reading the ladder: `levels`, `L5`, `compare`, `find`, and what their buttons open."""

from db import members
from db.entries import entries
from growth.errors import NoLongerThere, NoSuchLevel, OnlyWithLevels
from handlers.entries.presenter import written
from handlers.ladder.views import details as views
from handlers.slack import action_ids, people
from handlers.slack.interaction import Interaction, Modal
from handlers.slack.message import Message
from handlers.slack.router import Group, Router
from handlers.slack.text import storable
from ladder_content.model import Ladder, Level

NOTES_SHOWN = 3
MOST_WORDS = 20  # of two names of levels
ASK_WHAT = "Tell me what to look for: `/ladder find ambiguity`."


def register(router: Router) -> None:
    router.command("levels", show_levels, Group.LADDER, {"levels": "the whole ladder"})
    router.level(show_level, Group.LADDER, {"{higher}": "one level, by any of its names"})
    router.command("compare", compare, Group.LADDER, {"compare {lower} {higher}": "two levels side by side"})
    router.command("find", find, Group.LADDER, {"find ambiguity": "search criteria, levels and answers"})
    router.action(action_ids.DETAILS_OPEN, open_details)


async def show_levels(i: Interaction) -> Message:
    async with i.sessions() as session:
        member = await members.get(session, i.who)
    return views.levels(i.ladder, i.ladder.level(member.level) if member else None)


async def show_level(i: Interaction) -> Message:
    level = i.ladder.find_level(i.typed)
    assert level is not None, "the router found one"
    return views.level_card(level, i.ladder)


async def compare(i: Interaction) -> Message:
    lower, higher = two_levels(i.words.rest, i.ladder)
    return views.compare(lower, higher, i.ladder)


async def find(i: Interaction) -> Message:
    wanted = i.words.rest
    return views.found(wanted, i.index.find(wanted)) if wanted else Message.of(ASK_WHAT)


async def open_details(i: Interaction) -> Modal:
    kind, _, id_ = storable(i.value).partition(":")
    about = i.ladder.lineage(id_) if kind == "criterion" else ()
    async with i.sessions() as session:
        notes = await entries.on_criteria(session, i.who, about, NOTES_SHOWN) if about else []
        member = await members.get(session, i.who)
    today = people.today(member, i.now) if member else i.now.date()
    view = views.opened(i.ladder, i.value, [written(note) for note in notes], today)
    if view is None:
        raise NoLongerThere(kind if kind in views.KINDS else "page")
    return Modal(view)


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
