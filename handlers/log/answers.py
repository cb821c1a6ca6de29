"""The question, answered in a form."""

from db.enums import Source
from growth.entry import Written
from handlers.log import entry_form
from handlers.log.views import entry_form as entry
from handlers.log.views.entry_form import LogMemory
from handlers.slack import action_ids, people, proof
from handlers.slack.interaction import Answer, Interaction, Modal
from handlers.slack.people import number
from handlers.slack.router import Router
from services import check_ins, growth_log
from services.growth_log import Answers, Origin


def register(router: Router) -> None:
    router.action(action_ids.CHECKIN_WRITE, write)
    router.view(action_ids.CHECKIN_FORM, save_answer)


async def write(i: Interaction) -> Modal:
    await proof.of_question(i, number(i.value))
    check_in = await check_ins.question(i, number(i.value))
    desk = await people.entry_form_context(i)
    memory = LogMemory(check_in=check_in.id, asked=check_in.asks, **i.origin)
    written = Written("", desk.today, (check_in.criterion_id,))
    return entry_form.entry_modal(i, desk, written, memory, question=check_in.question)


async def save_answer(i: Interaction) -> Answer:
    memory = LogMemory.of(i.view)
    here = await people.local_time(i, saving=True)
    written = entry.read(i.view, here.today)
    answers = Answers(memory.check_in, memory.asked) if memory.check_in else None
    saved = await growth_log.save(i, here.zone, written, Origin(Source.CHECK_IN, f"view:{i.view['id']}"), answers)
    return await entry_form.saved(i, memory, saved, again=not saved.is_new)
