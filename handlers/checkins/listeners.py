"""The question: asked by hand, answered, skipped, exchanged for another one."""

from growth.errors import OutOfDate
from handlers.checkins import presenter, views
from handlers.slack import action_ids, people, proof
from handlers.slack.interaction import Beside, Interaction
from handlers.slack.message import Message
from handlers.slack.people import number
from handlers.slack.router import Group, Router
from services import check_ins


def register(router: Router) -> None:
    router.command("checkin", ask, Group.CHECK_INS, {"checkin": "get a question now"}, aliases=("check-in",))
    router.action(action_ids.CHECKIN_NOW, ask_by_click)
    router.action(action_ids.CHECKIN_SKIP, skip)
    router.action(action_ids.CHECKIN_LATER, skip, verb=action_ids.VERB_NEXT_WEEK)
    router.action(action_ids.CHECKIN_LATER, later)
    router.action(action_ids.CHECKIN_MORE, another, verb=action_ids.VERB_ANOTHER)


async def ask(i: Interaction) -> Message:
    """This week's question if one is open, else a new one: this week's if its slot is ahead, or an extra."""
    await people.known(i)
    asked = await check_ins.ask(i)
    if asked.waiting:
        return views.already_open(presenter.question_of(asked.waiting, i.ladder))
    return views.on_its_way(held_up=asked.held_up) if asked.on_its_way else views.nothing_to_ask()


async def ask_by_click(i: Interaction) -> Beside:
    return Beside(await ask(i))


async def skip(i: Interaction) -> Message:
    """Nothing this week, by the button or by *Later*."""
    id_ = number(i.choice or i.value)
    await proof.of_question(i, id_)
    await check_ins.skip(i, id_)
    return await presenter.question_now(i, id_)


async def later(i: Interaction) -> Message:
    days, id_ = views.DAYS_OFF.get(i.value.partition(" ")[0]), number(i.choice)
    if days is None:
        raise OutOfDate
    await proof.of_question(i, id_)
    await check_ins.snooze(i, id_, days)
    return await presenter.question_now(i, id_)


async def another(i: Interaction) -> Message:
    id_ = number(i.choice)
    await proof.of_question(i, id_)
    await check_ins.exchange(i, id_)
    return await presenter.question_now(i, id_)
