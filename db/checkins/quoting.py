"""Questions that quote an entry follow it: they say what it says now, and nothing of it once it is deleted."""

from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.checkins import check_ins, choosing
from db.enums import CheckInState, DeliveryKind
from db.models import CheckIn, Entry
from db.outbox import stale
from growth import selection
from growth.selection import TAKEN_OUT, Choice, Remembered
from ladder_content.model import Criterion, Ladder, Prompt

UNKNOWN = "What has come of it since?"  # instead of a prompt that has left the ladder


QUOTING = select(CheckIn).where(CheckIn.quoted_entry_id == bindparam("entry")).with_for_update(key_share=True)


async def follow(session: AsyncSession, entry: Entry, ladder: Ladder, today: date) -> None:
    """Bring the questions that quote the entry up to it. The caller locks the member."""
    quoting = (await session.scalars(QUOTING, {"entry": entry.id})).all()
    for check_in in quoting:
        await _follow(session, check_in, entry, ladder, today)
    await session.flush()
    await stale.mark(session, DeliveryKind.CHECK_IN, [check_in.id for check_in in quoting])


async def _follow(session: AsyncSession, check_in: CheckIn, entry: Entry, ladder: Ladder, today: date) -> None:
    criterion = ladder.criterion(check_in.criterion_id)
    prompt = next((each for each in criterion.prompts if each.id == check_in.prompt_id), None) if criterion else None
    words = Remembered(entry.happened_on, entry.what, entry.id)
    if prompt and not entry.deleted_at and selection.quotable(entry.what):
        check_in.question = selection.render(prompt, words, today)
    elif criterion and check_in.state != CheckInState.ANSWERED:
        await check_ins.exchange(session, check_in, await _instead(session, check_in, criterion))
    else:  # an answer stays with the question that it answers
        check_in.quoted_entry_id = None
        check_in.question = _unquoted(prompt, words, today)


async def _instead(session: AsyncSession, check_in: CheckIn, criterion: Criterion) -> Choice:
    """A question on the same criterion that quotes nothing."""
    asked = (await choosing.asked(session, [check_in.member_id])).get(check_in.member_id, choosing.NEVER)
    prompt = selection.next_prompt(criterion, asked, None, next_step=False)
    return Choice(criterion, prompt, prompt.text, check_in.why)


def _unquoted(prompt: Prompt | None, words: Remembered, today: date) -> str:
    return selection.render(prompt, words._replace(text=TAKEN_OUT), today) if prompt else UNKNOWN
