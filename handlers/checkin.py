"""The question: asked by hand, answered, skipped, exchanged for another one."""

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from db import members
from db.checkins import asking, check_ins
from db.enums import CheckInState, Source
from db.workspaces import workspaces
from growth.errors import NoLevelYet, NoLongerThere, OutOfDate
from handlers import forms, homepage, people, rhythm, saving, showing
from handlers.people import Answer, Json, Visit, Wake, number
from handlers.routing import COMMAND, chosen_id, first_word, option_of
from handlers.saving import Answers, Origin
from handlers.views import checkin as views
from handlers.views import entry
from handlers.views.entry import LogMemory
from handlers.views.log import Written
from handlers.views.message import Message

OPEN_STATES = (CheckInState.PLANNED, CheckInState.ASKED, CheckInState.LAPSED)


def register(app: AsyncApp) -> None:
    app.command(COMMAND, matchers=[first_word("checkin", "check-in")])(ask_by_command)
    app.action(views.ASK_NOW)(ask_by_click)
    app.action(views.WRITE)(write)
    app.action(views.SKIP)(skip)
    app.action(views.LATER, matchers=[option_of(views.NEXT_WEEK)])(next_week)
    app.action(views.LATER)(later)
    app.action(views.MORE, matchers=[option_of(views.ANOTHER)])(another)
    app.view(entry.ANSWER_FORM)(save_answer)


async def ask_by_command(ack: AsyncAck, respond: AsyncRespond, answer: Answer, visit: Visit, wake: Wake) -> None:
    await answer(ack, respond, _ask(visit, wake))


async def ask_by_click(ack: AsyncAck, respond: AsyncRespond, answer: Answer, visit: Visit, wake: Wake) -> None:
    await answer.redraw(ack, respond, homepage.refreshed(visit, respond, _ask(visit, wake)), replace=False)


async def write(ack: AsyncAck, action: dict[str, str], body: Json, visit: Visit) -> None:
    await ack()
    await showing.prove(visit, number(action["value"]), body)
    async with visit.sessions() as session:
        check_in = await check_ins.get(session, visit.who, number(action["value"]))
    if check_in is None:
        raise NoLongerThere("question")
    desk = await people.desk(visit)
    memory = LogMemory(check_in=check_in.id, asked=check_in.asks, **forms.origin(body))
    written = Written("", desk.today, (check_in.criterion_id,))
    await forms.show_entry(visit, body, desk, written, memory, question=check_in.question)


async def save_answer(ack: AsyncAck, view: Json, visit: Visit) -> None:
    memory = LogMemory.of(view)
    here = await people.here(visit, saving=True)
    written = entry.read(view, here.today)
    answers = Answers(memory.check_in, memory.asked) if memory.check_in else None
    saved = await saving.save(visit, here.zone, written, Origin(Source.CHECK_IN, f"view:{view['id']}"), answers)
    await forms.finish_entry(visit, ack, memory, saved, again=not saved.is_new)


async def skip(ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: Json, body: Json, visit: Visit) -> None:
    await answer.redraw(ack, respond, _skip(visit, action["value"], body))


async def next_week(
    ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: Json, body: Json, visit: Visit
) -> None:
    await answer.redraw(ack, respond, _skip(visit, chosen_id(action), body))


async def _skip(visit: Visit, value: str, body: Json) -> Message:
    await showing.prove(visit, number(value), body)
    async with visit.sessions.begin() as session:
        member = await members.lock(session, visit.who)
        check_in = await check_ins.lock(session, visit.who, number(value))
        if member and check_in and check_in.state in OPEN_STATES:
            check_in.state = CheckInState.SKIPPED
            await session.flush()
            await rhythm.bring_forward(session, member, visit.now)
    message, _ = await showing.question(visit, number(value))
    return message


async def later(ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: Json, body: Json, visit: Visit) -> None:
    async def work() -> Message:
        when, _, value = str(action["selected_option"]["value"]).partition(" ")
        if when not in views.DAYS_OFF:
            raise OutOfDate
        await showing.prove(visit, number(value), body)
        async with visit.sessions.begin() as session:
            member = await members.lock(session, visit.who)
            check_in = await check_ins.lock(session, visit.who, number(value))
            if member and check_in:
                await asking.put_off(session, member, check_in, views.DAYS_OFF[when], visit.now)
        message, _ = await showing.question(visit, number(value))
        return message

    await answer.redraw(ack, respond, work())


async def another(ack: AsyncAck, respond: AsyncRespond, answer: Answer, action: Json, body: Json, visit: Visit) -> None:
    async def work() -> Message:
        id_ = number(chosen_id(action))
        await showing.prove(visit, id_, body)
        async with visit.sessions.begin() as session:
            member = await members.lock(session, visit.who)
            check_in = await check_ins.lock(session, visit.who, id_)
            if check_in and member and check_in.state in OPEN_STATES:
                await asking.exchange(session, member, check_in, visit.ladder, visit.now)
        message, _ = await showing.question(visit, id_)
        return message

    await answer.redraw(ack, respond, work())


async def _ask(visit: Visit, wake: Wake) -> Message:
    """This week's question if one is open, else a new one: this week's if its slot is ahead, or an extra."""
    await people.known(visit)
    async with visit.sessions.begin() as session:
        member = await members.lock(session, visit.who)
        if member is None or visit.ladder.level(member.level) is None:
            raise NoLevelYet
        waiting = await check_ins.open_one(session, visit.who)
        reopened = waiting is not None and asking.comes_later(waiting)
        if waiting and reopened:
            asking.stand_open(waiting)
        planned = waiting or await asking.ask_now(session, member, visit.ladder, visit.now)
        held_up = await workspaces.is_silent(session, member.workspace_id)
    if planned is None:
        return views.nothing_to_ask()
    if waiting and reopened:
        await showing.question(visit, waiting.id)
    if waiting and waiting.state == CheckInState.ASKED:
        return views.already_open(showing.question_of(waiting, visit.ladder))
    wake()
    return views.on_its_way(held_up=held_up)
