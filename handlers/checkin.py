"""The question: asked by hand, answered, skipped, exchanged for another one."""

from dataclasses import replace

from db import members
from db.checkins import asking, check_ins
from db.enums import CheckInState, Source
from db.workspaces import workspaces
from growth.errors import NoLevelYet, NoLongerThere, OutOfDate
from handlers import people, rhythm, saving, showing
from handlers.people import number
from handlers.saving import Answers, Changed, Origin
from handlers.slack.interaction import Beside, InPlace, Interaction, Modal
from handlers.slack.router import Group, Router
from handlers.views import checkin as views
from handlers.views import entry
from handlers.views.entry import LogMemory
from handlers.views.log import Written
from handlers.views.message import Message

OPEN_STATES = (CheckInState.PLANNED, CheckInState.ASKED, CheckInState.LAPSED)


def register(router: Router) -> None:
    router.command("checkin", ask, Group.CHECK_INS, {"checkin": "get a question now"}, aliases=("check-in",))
    router.action(views.ASK_NOW, ask_by_click)
    router.action(views.WRITE, write)
    router.action(views.SKIP, skip)
    router.action(views.LATER, skip, verb=views.NEXT_WEEK)
    router.action(views.LATER, later)
    router.action(views.MORE, another, verb=views.ANOTHER)
    router.view(entry.ANSWER_FORM, save_answer)


async def ask(i: Interaction) -> Message:
    """This week's question if one is open, else a new one: this week's if its slot is ahead, or an extra."""
    await people.known(i)
    async with i.sessions.begin() as session:
        member = await members.lock(session, i.who)
        if member is None or i.ladder.level(member.level) is None:
            raise NoLevelYet
        waiting = await check_ins.open_one(session, i.who)
        reopened = waiting is not None and asking.comes_later(waiting)
        if waiting and reopened:
            asking.stand_open(waiting)
        planned = waiting or await asking.ask_now(session, member, i.ladder, i.now)
        held_up = await workspaces.is_silent(session, member.workspace_id)
    if planned is None:
        return views.nothing_to_ask()
    if waiting and reopened:
        await showing.question(i, waiting.id)
    if waiting and waiting.state == CheckInState.ASKED:
        return views.already_open(showing.question_of(waiting, i.ladder))
    return views.on_its_way(held_up=held_up)


async def ask_by_click(i: Interaction) -> Beside:
    return Beside(await ask(i))


async def write(i: Interaction) -> Modal:
    id_ = number(i.value)
    await showing.prove(i, id_, i.body)
    async with i.sessions() as session:
        check_in = await check_ins.get(session, i.who, id_)
    if check_in is None:
        raise NoLongerThere("question")
    desk = await people.desk(i)
    memory = LogMemory(check_in=check_in.id, asked=check_in.asks, **i.origin)
    written = Written("", desk.today, (check_in.criterion_id,))
    return Modal(entry.form(i.ladder, desk.offered, written, memory, mentors=desk.mentors, question=check_in.question))


async def save_answer(i: Interaction) -> Message | InPlace | None:
    memory = LogMemory.of(i.view)
    here = await people.here(i, saving=True)
    written = entry.read(i.view, here.today)
    answers = Answers(memory.check_in, memory.asked) if memory.check_in else None
    saved = await saving.save(i, here.zone, written, Origin(Source.CHECK_IN, f"view:{i.view['id']}"), answers)
    shown = await showing.everywhere(i, saved)
    return None if memory.message_ts in shown else await _saved(i, saved)


async def skip(i: Interaction) -> Message:
    """Nothing this week, by the button or by *Later*."""
    id_ = number(i.choice or i.value)
    await showing.prove(i, id_, i.body)
    async with i.sessions.begin() as session:
        member = await members.lock(session, i.who)
        check_in = await check_ins.lock(session, i.who, id_)
        if member and check_in and check_in.state in OPEN_STATES:
            check_in.state = CheckInState.SKIPPED
            await session.flush()
            await rhythm.bring_forward(session, member, i.now)
    message, _ = await showing.question(i, id_)
    return message


async def later(i: Interaction) -> Message:
    days, id_ = views.DAYS_OFF.get(i.value.partition(" ")[0]), number(i.choice)
    if days is None:
        raise OutOfDate
    await showing.prove(i, id_, i.body)
    async with i.sessions.begin() as session:
        member = await members.lock(session, i.who)
        check_in = await check_ins.lock(session, i.who, id_)
        if member and check_in:
            await asking.put_off(session, member, check_in, days, i.now)
    message, _ = await showing.question(i, id_)
    return message


async def another(i: Interaction) -> Message:
    id_ = number(i.choice)
    await showing.prove(i, id_, i.body)
    async with i.sessions.begin() as session:
        member = await members.lock(session, i.who)
        check_in = await check_ins.lock(session, i.who, id_)
        if check_in and member and check_in.state in OPEN_STATES:
            await asking.exchange(session, member, check_in, i.ladder, i.now)
    message, _ = await showing.question(i, id_)
    return message


async def _saved(i: Interaction, saved: Changed) -> Message | InPlace:
    """What was saved: in the place of its question, if it answers one."""
    entry_id, check_in_id = saved.entry.id, saved.entry.check_in_id
    if check_in_id and not saved.entry.deleted_at:
        return InPlace(replace(await showing.question_now(i, check_in_id), shows=entry_id))
    return replace(await showing.entry_now(i, entry_id, again=not saved.is_new), shows=entry_id)
