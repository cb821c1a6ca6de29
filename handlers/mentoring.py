"""Mentors and mentees: asked, answered, taken back, ended, and looked at."""

import re

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from db import members
from db.mentoring import mentorships, requests
from growth.errors import (
    AlreadyAnswered,
    NoLongerThere,
    NotAskedNow,
    NotYourOwnMentor,
    OneMentorAtATime,
    PersonError,
)
from growth.mentoring import MOST_MENTEES, MentorshipState
from handlers import bonds, forms, naming, people, rhythm
from handlers.patience import UNANSWERED
from handlers.people import Answer, Json, Visit, Wake, number
from handlers.routing import COMMAND, Addressed, addressed, first_word, words
from handlers.views import mentoring as views
from handlers.views import mentors as lists
from handlers.views.forms import Memory
from handlers.views.mentoring import DeclineMemory
from handlers.views.message import Message, notice


def register(app: AsyncApp) -> None:
    app.command(COMMAND, matchers=[first_word("mentor")])(ask_by_command)
    app.command(COMMAND, matchers=[first_word("mentors")])(show_mentors)
    app.command(COMMAND, matchers=[first_word("mentees")])(show_mentees)
    app.action(views.ASK)(open_ask)
    app.view(views.ASK_FORM)(ask_by_form)
    app.action(re.compile(rf"^{re.escape(views.TAKE_BACK)}(\.|$)"))(take_back)
    app.action(views.ACCEPT)(accept)
    app.action(views.DECLINE)(open_decline)
    app.view(views.DECLINE_FORM)(decline)
    app.action(re.compile(rf"^{re.escape(lists.END)}\."))(end)
    app.action(lists.MENTORS)(open_mentors)
    app.action(lists.MENTEES)(open_mentees)
    app.action(lists.WANTED)(want)
    app.action(lists.TICKED)(tick)


async def ask_by_command(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, command: Json, body: Json, visit: Visit, wake: Wake
) -> None:
    asked = addressed(command)
    if asked.user is None:
        await ack()
        first, _, rest = asked.rest.partition(" ")
        unknown, why = (first, rest) if first.startswith("@") or not rest else ("", asked.rest)
        await forms.show(visit, body, views.ask_form(Memory(**forms.origin(body)), why, unknown=unknown))
    else:
        await answer(ack, respond, _ask_typed(visit, wake, asked.user, asked, f"command:{command['trigger_id']}"))


async def open_ask(ack: AsyncAck, body: Json, visit: Visit) -> None:
    await ack()
    await forms.show(visit, body, views.ask_form(Memory(**forms.origin(body))))


async def ask_by_form(ack: AsyncAck, view: Json, visit: Visit, wake: Wake) -> None:
    user, why = views.read_ask(view)
    message = await _ask(visit, wake, user, why, f"view:{view['id']}")
    await forms.finish(visit, ack, Memory.of(view), message)


async def take_back(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: dict[str, str], body: Json, visit: Visit
) -> None:
    async def work() -> Message:
        async with visit.sessions.begin() as session:
            pair = await requests.take_back(session, visit.who, number(action["value"]), visit.now)
        await bonds.redraw(visit, pair)
        return await bonds.my_mentors(visit, pair)

    await answer.redraw(ack, respond, forms.refreshed(visit, body, work()))


async def accept(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: dict[str, str], body: Json, visit: Visit, wake: Wake
) -> None:
    async def work() -> Message:
        async with visit.sessions.begin() as session:
            pair = await requests.accept(session, visit.who, number(action["value"]), visit.now)
            await rhythm.start_digest(session, pair.mentor, visit.now)
        wake()
        await bonds.redraw(visit, pair)
        return bonds.card(pair, visit.now) if _is_dm(body) else await bonds.my_mentees(visit, pair)

    await answer.redraw(ack, respond, forms.refreshed(visit, body, work()))


async def open_decline(ack: AsyncAck, action: dict[str, str], body: Json, visit: Visit) -> None:
    await ack()
    async with visit.sessions() as session:
        pair = await mentorships.find(session, visit.who, number(action["value"]))
    if pair is None or pair.mentor.slack_user != visit.who.user:
        raise NoLongerThere("request")
    if pair.mentorship.state != MentorshipState.REQUESTED:
        await bonds.redraw(visit, pair)
        raise AlreadyAnswered
    memory = DeclineMemory(mentorship=pair.mentorship.id, **forms.origin(body))
    await forms.show(visit, body, views.decline_form(bonds.for_mentor(pair), memory))


async def decline(ack: AsyncAck, view: Json, visit: Visit, wake: Wake) -> None:
    memory = DeclineMemory.of(view)
    async with visit.sessions.begin() as session:
        pair = await requests.decline(session, visit.who, memory.mentorship, views.read_decline(view), visit.now)
    if pair.mentorship.state != MentorshipState.DECLINED:
        raise AlreadyAnswered
    wake()
    shown_at = await bonds.redraw(visit, pair)
    if memory.message_ts in shown_at:
        await ack()
    else:
        await forms.finish(visit, ack, memory, await bonds.my_mentees(visit, pair), replace=True)


async def end(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: dict[str, str], body: Json, visit: Visit, wake: Wake
) -> None:
    async def work() -> Message:
        async with visit.sessions.begin() as session:
            pair = await requests.end(session, visit.who, number(action["value"]), visit.now)
        wake()
        await bonds.redraw(visit, pair)
        mentors = pair.mentor.slack_user == visit.who.user
        return await (bonds.my_mentees if mentors else bonds.my_mentors)(visit, pair)

    await answer.redraw(ack, respond, forms.refreshed(visit, body, work()))


async def show_mentors(ack: AsyncAck, respond: AsyncRespond, answer: Answer, visit: Visit) -> None:
    await answer(ack, respond, bonds.my_mentors(visit))


async def show_mentees(ack: AsyncAck, respond: AsyncRespond, answer: Answer, command: Json, visit: Visit) -> None:
    """With a number, that is how many the person wants."""
    rest = words(command).rest
    await answer(ack, respond, _want(visit, rest) if rest.isdigit() else bonds.my_mentees(visit))


async def open_mentors(ack: AsyncAck, body: Json, visit: Visit) -> None:
    await ack()
    await forms.show(visit, body, notice("Your mentors", await bonds.my_mentors(visit, whole=True)))


async def open_mentees(ack: AsyncAck, body: Json, visit: Visit) -> None:
    await ack()
    await forms.show(visit, body, notice("Your mentees", await bonds.my_mentees(visit, whole=True)))


async def want(ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: Json, body: Json, visit: Visit) -> None:
    wanted = _want(visit, action["selected_option"]["value"])
    await answer.redraw(ack, respond, forms.refreshed(visit, body, wanted))


async def tick(ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: Json, body: Json, visit: Visit) -> None:
    ids = [number(each["value"]) for each in action["selected_options"]]

    async def work() -> Message:
        async with visit.sessions.begin() as session:
            await mentorships.tick(session, visit.who, ids)
        return await bonds.my_mentors(visit)

    await answer.redraw(ack, respond, forms.refreshed(visit, body, work()))


async def _want(visit: Visit, most: str) -> Message:
    wanted = number(most)
    if wanted > MOST_MENTEES:
        raise PersonError(f"{MOST_MENTEES} mentees are the most I keep track of.")
    here = await people.here(visit)
    async with visit.sessions.begin() as session:
        await requests.want_mentees(session, await members.add(session, visit.who, here.zone.key), wanted)
    return await bonds.my_mentees(visit)


async def _ask_typed(visit: Visit, wake: Wake, user: str, asked: Addressed, key: str) -> Message:
    if asked.names_another:
        raise OneMentorAtATime
    why = views.short(await naming.as_typed(visit, asked.rest), views.WHY)
    try:
        return await _ask(visit, wake, user, why, key)
    except UNANSWERED:
        raise NotAskedNow(why) from None


async def _ask(visit: Visit, wake: Wake, user: str, why: str | None, key: str) -> Message:
    """Ask, and say what has become of it: a second click finds the request of the first one, or its answer."""
    if user == visit.who.user:
        raise NotYourOwnMentor
    here = await people.here(visit)
    zones = {visit.who.user: here.zone.key, user: await people.zone_of_colleague(visit, user)}
    async with visit.sessions.begin() as session:
        pair = await requests.request(session, visit.who, user, zones, why, key, visit.now)
    wake()
    bond = bonds.for_mentee(pair)
    return views.asked(bond) if bond.state == MentorshipState.REQUESTED else views.as_mentee(bond, here.today)


def _is_dm(body: Json) -> bool:
    """Whether a click was made in the message that brought the request; lists are for the person's eyes only."""
    place = body.get("container") or {}
    return place.get("type") == "message" and not place.get("is_ephemeral")
