"""Mentors and mentees: asked, answered, taken back, ended, and looked at."""

from growth.errors import (
    AlreadyAnswered,
    NoLongerThere,
    NotAskedNow,
    NotYourOwnMentor,
    OneMentorAtATime,
    PersonError,
)
from growth.mentoring import MOST_MENTEES, MentorshipState
from handlers.mentoring import presenter
from handlers.mentoring.addressee import Addressed, addressed
from handlers.mentoring.views import mentorship as views
from handlers.mentoring.views.mentorship import DeclineMemory
from handlers.slack import action_ids, display_names, people
from handlers.slack.inputs import Memory
from handlers.slack.interaction import InPlace, Interaction, Modal
from handlers.slack.message import Message, notice
from handlers.slack.patience import UNANSWERED
from handlers.slack.people import number
from handlers.slack.router import Group, Router
from services import mentorships


def register(router: Router) -> None:
    router.command(
        "mentor",
        ask_by_command,
        Group.MENTORING,
        {"mentor @sam": "ask somebody to be your mentor; a line about why may follow"},
    )
    router.command(
        "mentors", show_mentors, Group.MENTORING, {"mentors": "your mentors, what each can read, and the way out"}
    )
    router.command(
        "mentees", show_mentees, Group.MENTORING, {"mentees": "whom you mentor, who asks you, and how many you take"}
    )
    router.action(action_ids.MENTORING_ASK, open_ask)
    router.view(action_ids.MENTORING_ASK_FORM, ask_by_form)
    router.action(action_ids.MENTORING_TAKE_BACK, take_back)
    router.action(action_ids.MENTORING_ACCEPT, accept)
    router.action(action_ids.MENTORING_DECLINE, open_decline)
    router.view(action_ids.MENTORING_DECLINE_FORM, decline)
    router.action(action_ids.MENTORING_END, end)
    router.action(action_ids.MENTORING_MENTORS, open_mentors)
    router.action(action_ids.MENTORING_MENTEES, open_mentees)
    router.action(action_ids.MENTORING_WANTED, want)
    router.action(action_ids.MENTORING_TICKED, tick)


async def ask_by_command(i: Interaction) -> Message | Modal:
    asked = addressed(i.body)
    if asked.user:
        return await _ask_typed(i, asked.user, asked)
    first, _, rest = asked.rest.partition(" ")
    unknown, why = (first, rest) if first.startswith("@") or not rest else ("", asked.rest)
    return Modal(views.ask_form(Memory(**i.origin), why, unknown=unknown))


async def open_ask(i: Interaction) -> Modal:
    return Modal(views.ask_form(Memory(**i.origin)))


async def ask_by_form(i: Interaction) -> Message:
    user, why = views.read_ask(i.view)
    return await _ask(i, user, why, f"view:{i.view['id']}")


async def take_back(i: Interaction) -> Message:
    return await presenter.my_mentors(i, await mentorships.take_back(i, number(i.value)))


async def accept(i: Interaction) -> Message:
    pair = await mentorships.accept(i, number(i.value))
    return presenter.card(pair, i.now) if _is_dm(i) else await presenter.my_mentees(i, pair)


async def open_decline(i: Interaction) -> Modal:
    pair = await mentorships.get(i, number(i.value))
    if pair is None or pair.mentor.slack_user != i.who.user:
        raise NoLongerThere("request")
    if pair.mentorship.state != MentorshipState.REQUESTED:
        raise AlreadyAnswered
    memory = DeclineMemory(mentorship=pair.mentorship.id, from_list=not _is_dm(i), **i.origin)
    return Modal(views.decline_form(presenter.for_mentor(pair), memory))


async def decline(i: Interaction) -> InPlace:
    memory = DeclineMemory.of(i.view)
    pair = await mentorships.decline(i, memory.mentorship, views.read_decline(i.view))
    if pair.mentorship.state != MentorshipState.DECLINED:
        raise AlreadyAnswered
    return InPlace(await presenter.my_mentees(i, pair) if memory.from_list else presenter.card(pair, i.now))


async def end(i: Interaction) -> Message:
    pair = await mentorships.end(i, number(i.value))
    is_mentor = pair.mentor.slack_user == i.who.user
    return await (presenter.my_mentees if is_mentor else presenter.my_mentors)(i, pair)


async def show_mentors(i: Interaction) -> Message:
    return await presenter.my_mentors(i)


async def show_mentees(i: Interaction) -> Message:
    """With a number, that is how many the person wants."""
    return await (_want(i, i.words.rest) if i.words.rest.isdigit() else presenter.my_mentees(i))


async def open_mentors(i: Interaction) -> Modal:
    return Modal(notice("Your mentors", await presenter.my_mentors(i, whole=True)))


async def open_mentees(i: Interaction) -> Modal:
    return Modal(notice("Your mentees", await presenter.my_mentees(i, whole=True)))


async def want(i: Interaction) -> Message:
    return await _want(i, i.value)


async def tick(i: Interaction) -> Message:
    ids = [number(each["value"]) for each in i.action["selected_options"]]
    await mentorships.share_by_default(i, ids)
    return await presenter.my_mentors(i)


async def _want(i: Interaction, most: str) -> Message:
    wanted = number(most)
    if wanted > MOST_MENTEES:
        raise PersonError(f"{MOST_MENTEES} mentees are the most I keep track of.")
    await mentorships.take_mentees(i, (await people.local_time(i)).zone.key, wanted)
    return await presenter.my_mentees(i)


async def _ask_typed(i: Interaction, user: str, asked: Addressed) -> Message:
    if asked.names_another:
        raise OneMentorAtATime
    why = views.short(await display_names.as_typed(i, asked.rest), views.WHY)
    try:
        return await _ask(i, user, why, f"command:{i.body['trigger_id']}")
    except UNANSWERED:
        raise NotAskedNow(why) from None


async def _ask(i: Interaction, user: str, why: str | None, key: str) -> Message:
    """Ask, and say what has become of it: a second click finds the request of the first one, or its answer."""
    if user == i.who.user:
        raise NotYourOwnMentor
    here = await people.local_time(i)
    zones = {i.who.user: here.zone.key, user: await people.zone_of_colleague(i, user)}
    pair = await mentorships.request(i, user, zones, why, key)
    bond = presenter.for_mentee(pair)
    return views.asked(bond) if bond.state == MentorshipState.REQUESTED else views.as_mentee(bond, here.today)


def _is_dm(i: Interaction) -> bool:
    """Whether a click was made in the message that brought the request; lists are for the person's eyes only."""
    place = i.body.get("container") or {}
    return place.get("type") == "message" and not place.get("is_ephemeral")
