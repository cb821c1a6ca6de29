"""The form for an entry, and what comes of it."""

from dataclasses import replace

from slack_sdk.errors import SlackApiError

from growth.entry import Written
from handlers.checkins import presenter as showing_question
from handlers.entries import presenter
from handlers.log import log_list
from handlers.log.views import entry_form
from handlers.log.views.entry_form import LogMemory
from handlers.slack.interaction import Answer, InPlace, Interaction, Modal
from handlers.slack.patience import slacks_word
from handlers.slack.people import EntryFormContext, SlackActor
from services.growth_log import Changed


def entry_modal(
    actor: SlackActor,
    desk: EntryFormContext,
    written: Written,
    memory: LogMemory | None = None,
    *,
    question: str | None = None,
    suggested: bool = False,
) -> Modal:
    """The form for an entry; the rest as `handlers.log.views.entry_form.form` has it."""
    return Modal(
        entry_form.form(
            actor.ladder, desk.offered, written, memory, mentors=desk.mentors, question=question, suggested=suggested
        )
    )


def is_open_already(refusal: Exception) -> bool:
    """Whether Slack refused a form because its trigger has opened one before."""
    return isinstance(refusal, SlackApiError) and slacks_word(refusal) == "exchanged_trigger_id"


async def saved(i: Interaction, memory: LogMemory, changed: Changed, *, again: bool = False) -> Answer:
    """What a form for an entry is answered with, where it was opened. `again`: it was there before.

    A list is shown again as it is now; a question with what answers it.
    """
    if memory.listing:
        return InPlace(await log_list.current(i, log_list.decode(memory.listing)))
    stands = changed.entry
    if stands.check_in_id and not stands.deleted_at:
        return InPlace(replace(await showing_question.question_now(i, stands.check_in_id), shows=stands.id))
    message = replace(await presenter.entry_now(i, stands.id, again=again), shows=stands.id)
    return InPlace(message) if stands.edited_at and not changed.is_new else message
