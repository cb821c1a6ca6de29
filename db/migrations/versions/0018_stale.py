"""Messages that are to be refreshed: when they became stale; answers that show an entry are deliveries as well

Revision: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

KINDS = (
    "'check_in', 'digest', 'notice', 'mentor_request', 'mentor_answer', 'mentor_end', 'comment', 'invitation',"
    " 'mentorship_over'"
)
REDRAWN = "('digest', 'comment', 'entry', 'invitation')"  # removals that were none: what is to be shown anew
OPEN = "state IN ('ready', 'unknown')"


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("stale_at", sa.DateTime(timezone=True)))
    _kinds(f"{KINDS}, 'entry'")
    op.execute("""
        INSERT INTO deliveries (member_id, workspace_id, kind, subject_id, dedupe_key, state, channel, ts)
        SELECT m.id, m.workspace_id, 'entry', e.id, shown.channel || ':' || shown.ts, 'sent', shown.channel, shown.ts
          FROM entry_messages shown JOIN entries e ON e.id = shown.entry_id JOIN members m ON m.id = e.member_id
         ORDER BY e.id DESC
            ON CONFLICT DO NOTHING
    """)
    op.drop_table("entry_messages")
    op.execute(f"""
        UPDATE deliveries d
           SET stale_at = clock_timestamp(), run_at = CASE d.state WHEN 'sent' THEN now() ELSE d.run_at END
          FROM removals r
         WHERE r.kind IN {REDRAWN} AND d.workspace_id = r.workspace_id AND d.state IN ('sending', 'unknown', 'sent')
           AND (d.kind = r.kind AND d.subject_id = r.subject_id
                OR r.kind = 'entry' AND d.kind = 'check_in'
                   AND d.subject_id = (SELECT check_in_id FROM entries WHERE id = r.subject_id))
    """)
    op.execute(f"DELETE FROM removals WHERE kind IN {REDRAWN}")
    _removals("'conversation', 'orphans', 'message'")
    for name in ("subject", "channel"):
        op.drop_constraint(op.f(f"ck_removals_{name}"), "removals")
    op.drop_column("removals", "subject_id")
    op.alter_column("removals", "channel", nullable=False)
    _waiting(f"{OPEN} OR state = 'sent' AND stale_at IS NOT NULL")


def downgrade() -> None:
    op.alter_column("removals", "channel", nullable=True)
    op.add_column("removals", sa.Column("subject_id", sa.BigInteger()))
    _removals("'conversation', 'orphans', 'message', 'digest', 'comment', 'entry', 'invitation'")
    op.create_check_constraint(
        op.f("ck_removals_subject"),
        "removals",
        "(subject_id IS NULL) = (kind IN ('conversation', 'orphans', 'message'))",
    )
    op.create_check_constraint(op.f("ck_removals_channel"), "removals", "(channel IS NULL) = (subject_id IS NOT NULL)")
    op.execute(f"""
        INSERT INTO removals (workspace_id, kind, subject_id, forgotten_at)
        SELECT workspace_id, kind, subject_id, now() FROM deliveries
         WHERE stale_at IS NOT NULL AND state = 'sent' AND kind IN {REDRAWN}
         UNION
        SELECT d.workspace_id, 'entry', e.id, now() FROM deliveries d JOIN entries e ON e.check_in_id = d.subject_id
         WHERE d.stale_at IS NOT NULL AND d.state = 'sent' AND d.kind = 'check_in'
    """)
    op.create_table(
        "entry_messages",
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("ts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_entry_messages_entry_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("entry_id", "channel", "ts", name=op.f("pk_entry_messages")),
    )
    op.execute("""
        INSERT INTO entry_messages (entry_id, channel, ts)
        SELECT DISTINCT d.subject_id, d.channel, d.ts FROM deliveries d JOIN entries e ON e.id = d.subject_id
         WHERE d.kind = 'entry' AND d.state = 'sent'
    """)
    op.execute("DELETE FROM deliveries WHERE kind = 'entry'")
    _kinds(KINDS)
    _waiting(OPEN)
    op.drop_column("deliveries", "stale_at")


def _kinds(kinds: str) -> None:
    op.drop_constraint(op.f("ck_deliveries_kind"), "deliveries")
    op.create_check_constraint(op.f("ck_deliveries_kind"), "deliveries", f"kind IN ({kinds})")


def _removals(kinds: str) -> None:
    op.drop_constraint(op.f("ck_removals_kind"), "removals")
    op.create_check_constraint(op.f("ck_removals_kind"), "removals", f"kind IN ({kinds})")


def _waiting(condition: str) -> None:
    op.drop_index("ix_deliveries_waiting", "deliveries")
    op.create_index("ix_deliveries_waiting", "deliveries", ["workspace_id", "run_at"], postgresql_where=condition)
