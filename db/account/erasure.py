"""Forgetting a member: everything of theirs in one transaction, and what is left to remove from Slack written down.

Others keep what is theirs: a digest loses its part, a comment its author. Whoever locks here yields to others: call
it by `Sessions.yielding`.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.enums import DeliveryKind
from db.members import UserRef, of_person
from db.mentoring.stale import COMPOSING
from db.models import Member, Workspace
from db.outbox import outbox
from db.outbox.outbox import NewDelivery
from db.outbox.stale import MARK

# Who dies between a post and its record leaves a message that only Slack knows: it is looked for after their lease.
IN_FLIGHT = timedelta(minutes=3)


class Owned(NamedTuple):
    """What there is of a member: entries, questions, open mentorships, and comments on the entries of others."""

    member_id: int
    entries: int
    questions: int
    mentorships: int
    comments: int


OWNED = text("""
    SELECT m.id, (SELECT count(*) FROM entries WHERE member_id = m.id AND deleted_at IS NULL),
           (SELECT count(*) FROM check_ins WHERE member_id = m.id),
           (SELECT count(*) FROM mentorships WHERE m.id IN (mentor_id, mentee_id) AND ended_at IS NULL),
           (SELECT count(*) FROM comments WHERE author_id = m.id)
      FROM members m JOIN workspaces w ON w.id = m.workspace_id
     WHERE w.key = :workspace AND m.slack_user = :user
""").columns()  # a SELECT: read sessions ask


async def owned(session: AsyncSession, who: UserRef) -> Owned | None:
    """What there is of the person, if anything."""
    row = (await session.execute(OWNED, who._asdict())).first()
    return Owned(*row) if row else None


# Where Rung wrote to them: all of it goes, first of all.
CONVERSATIONS = text("""
    INSERT INTO removals (workspace_id, kind, channel, last_word, forgotten_at)
    SELECT :workspace, 'conversation', here.channel, :last_word, :now
      FROM (SELECT dm_channel FROM members WHERE id = :member
             UNION SELECT channel FROM deliveries WHERE member_id = :member
             UNION SELECT CAST(:channel AS text)) AS here (channel)
     WHERE here.channel IS NOT NULL
""")
# Messages known by their place: those to others about them; and theirs, in case the history cannot be read.
MESSAGES = text("""
    WITH bonds AS (SELECT id FROM mentorships WHERE :member IN (mentor_id, mentee_id))
    INSERT INTO removals (workspace_id, kind, channel, ts, forgotten_at, run_at)
    SELECT :workspace, 'message', known.channel, known.ts, :now, now() + CAST(known.wait AS interval)
      FROM (SELECT channel, ts, :in_flight FROM deliveries WHERE member_id = :member
             UNION SELECT channel, ts, interval '0' FROM deliveries
                    WHERE member_id <> :member AND subject_id IN (SELECT id FROM bonds)
                      AND kind IN ('mentor_request', 'mentor_answer', 'mentor_end')
           ) AS known (channel, ts, wait)
     WHERE known.ts IS NOT NULL
""")
# What is on its way to others about them, or may have arrived.
UNSETTLED = text("""
    WITH bonds AS (SELECT id FROM mentorships WHERE :member IN (mentor_id, mentee_id)),
    gone AS (
        DELETE FROM deliveries
         WHERE member_id <> :member AND subject_id IN (SELECT id FROM bonds)
           AND kind IN ('mentor_request', 'mentor_answer', 'mentor_end')
     RETURNING channel, state
    )
    INSERT INTO removals (workspace_id, kind, channel, forgotten_at, run_at)
    SELECT DISTINCT :workspace, 'orphans', channel, CAST(:now AS timestamptz), now() + CAST(:in_flight AS interval)
      FROM gone WHERE state IN ('sending', 'unknown') AND channel IS NOT NULL
""")
# Those composed while they were mentored, as any may name them.
DIGESTS = text(f"""
    WITH bonds AS (SELECT * FROM mentorships WHERE mentee_id = :member),
    told AS (
        UPDATE digests d
           SET mentee_forgotten = true,
               parts = COALESCE((SELECT jsonb_agg(part ORDER BY place)
                                   FROM jsonb_array_elements(d.parts) WITH ORDINALITY AS each (part, place)
                                  WHERE CAST(part ->> 'mentorship' AS bigint) NOT IN (SELECT id FROM bonds)), '[]')
         WHERE EXISTS (SELECT FROM bonds b
                        WHERE b.mentor_id = d.mentor_id AND d.composed_at >= b.accepted_at
                          AND (b.ended_at IS NULL OR d.composed_at <= b.ended_at))
     RETURNING d.id
    ), shows (kind, subject_id) AS (
           SELECT 'digest', id FROM told
            UNION SELECT 'digest', d.subject_id FROM bonds b JOIN deliveries d ON d.member_id = b.mentor_id
                         AND {COMPOSING})
    {MARK}
""")
# The words stay with the entry they were said to. Their key goes, as it may name the conversation they were typed in.
COMMENTS = text(f"""
    WITH said AS (
        UPDATE comments c SET author_id = NULL, source_key = 'forgotten:' || c.id WHERE c.author_id = :member
     RETURNING c.id
    ), shows (kind, subject_id) AS (SELECT 'comment', id FROM said)
    {MARK}
""")
# Their own messages say to others who can read an entry, or who saw it, and whom an invitation proposed.
NAMED = text(f"""
    WITH bonds AS (SELECT * FROM mentorships WHERE mentor_id = :member),
         read AS (
           SELECT entry_id FROM shares WHERE mentorship_id IN (SELECT id FROM bonds)
            UNION SELECT entry_id FROM disclosures WHERE viewer_id = :member),
         shows (kind, subject_id) AS (
           SELECT 'entry', entry_id FROM read
            UNION SELECT 'check_in', e.check_in_id FROM entries e JOIN read ON read.entry_id = e.id
                   WHERE e.check_in_id IS NOT NULL
            UNION SELECT 'invitation', i.id FROM invitations i
                   WHERE i.mentor_id = :member OR 'invitation:' || i.id IN (SELECT source_key FROM bonds))
    {MARK}
""")
# So that a message about one of them is on record before this, or composed after.
TELLING = text("""
    SELECT id FROM deliveries
     WHERE kind = 'comment' AND subject_id IN (SELECT id FROM comments WHERE author_id = :member)
       FOR UPDATE
""")
OTHERS = text("""
    SELECT b.id, o.id AS other
      FROM mentorships b JOIN members o ON o.id IN (b.mentor_id, b.mentee_id) AND o.id <> :member
     WHERE :member IN (b.mentor_id, b.mentee_id) AND b.state = 'active' AND o.active
""")


HELD = of_person(select(Member)).where(Member.id == bindparam("id")).with_for_update(of=Member)


async def lock(session: AsyncSession, who: UserRef, member_id: int) -> Member | None:
    """The person, if they are that member still, to be forgotten; somebody who came back is another one."""
    found: Member | None = await session.scalar(HELD, {**who._asdict(), "id": member_id})
    return found


async def lock_one_who_left(session: AsyncSession, before: datetime, read_since: datetime) -> Member | None:
    """One of those who left by then, whom nobody else holds, to be forgotten.

    Who came back while Rung was away is known once their workspace's people were read; it must have been since then,
    unless Rung is not installed there any more.
    """
    found: Member | None = await session.scalar(
        select(Member)
        .join(Workspace, Workspace.id == Member.workspace_id)
        .where(~Member.active, Member.left_at <= before)
        .where(Workspace.uninstalled_at.is_not(None) | (Workspace.people_read_at > read_since))
        .order_by(Member.left_at)
        .limit(1)
        .with_for_update(of=Member, skip_locked=True)
    )
    return found


async def forget(session: AsyncSession, member: Member, now: datetime, channel: str | None = None) -> None:
    """Everything of the member, who is held, is gone; `channel` is their conversation with Rung, where that is known.

    Whom they mentored, or were mentored by, is told that it is over, without a name.
    """
    about = {"member": member.id, "workspace": member.workspace_id, "now": now, "in_flight": IN_FLIGHT}
    bonds = (await session.execute(OTHERS, {"member": member.id})).all()
    await session.execute(CONVERSATIONS, {**about, "channel": channel, "last_word": member.active})
    await session.execute(TELLING, {"member": member.id})
    for statement in (MESSAGES, UNSETTLED, DIGESTS, COMMENTS, NAMED):
        await session.execute(statement, about)
    over = [NewDelivery(other, DeliveryKind.MENTORSHIP_OVER, other, str(bond)) for bond, other in bonds]
    await outbox.enqueue(session, over)
    await session.execute(delete(Member).where(Member.id == member.id).execution_options(synchronize_session=False))
