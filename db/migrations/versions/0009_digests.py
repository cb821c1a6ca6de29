"""What mentors were shown, what they said to it, and their weekly digest

Revision: 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KINDS = "'check_in', 'digest', 'notice', 'mentor_request', 'mentor_answer', 'mentor_end'"
# Due at once: the planner finds the instant of the slot in the mentor's own zone.
START = """
    INSERT INTO schedules (member_id, kind, weekday, local_time, next_week, due_at)
    SELECT DISTINCT m.mentor_id, 'digest', CASE WHEN s.weekday = 2 THEN 3 ELSE 2 END, TIME '09:00',
           CAST(date_trunc('week', now()) AS date) + 7, now()
      FROM mentorships m LEFT JOIN schedules s ON s.member_id = m.mentor_id AND s.kind = 'check_in'
     WHERE m.state = 'active'
        ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    op.create_table(
        "digests",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("mentor_id", sa.BigInteger(), nullable=False),
        sa.Column("week", sa.Date(), nullable=True),
        sa.Column("slot_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("quiet", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("composed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parts", JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.CheckConstraint("extract(isodow FROM week) = 1", name=op.f("ck_digests_week")),
        _owner("digests", "mentor_id", "members", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.UniqueConstraint("mentor_id", "week", name=op.f("uq_digests_mentor_id_week")),
    )
    op.create_table(
        "disclosures",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("viewer_id", sa.BigInteger(), nullable=True),
        sa.Column("digest_id", sa.BigInteger(), nullable=True),
        sa.Column("through", sa.Text(), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("certain", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("through IN ('digest', 'list')", name=op.f("ck_disclosures_through")),
        _owner("disclosures", "entry_id", "entries", "CASCADE"),
        _owner("disclosures", "viewer_id", "members", "SET NULL"),
        _owner("disclosures", "digest_id", "digests", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosures")),
    )
    op.create_index("ix_disclosures_entry_id", "disclosures", ["entry_id", "viewer_id"])
    op.create_index("ix_disclosures_viewer_id", "disclosures", ["viewer_id"])
    op.create_index("ix_disclosures_digest_id", "disclosures", ["digest_id"])
    op.create_table(
        "comments",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        _owner("comments", "entry_id", "entries", "CASCADE"),
        _owner("comments", "author_id", "members", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
        sa.UniqueConstraint(
            "entry_id", "author_id", "source_key", name=op.f("uq_comments_entry_id_author_id_source_key")
        ),
    )
    op.create_index("ix_comments_author_id", "comments", ["author_id"])
    _allow_kinds(f"{KINDS}, 'comment'")
    op.execute(START)


def downgrade() -> None:
    op.execute("DELETE FROM schedules WHERE kind = 'digest'")
    op.execute("DELETE FROM deliveries WHERE kind IN ('digest', 'comment')")
    _allow_kinds(KINDS)
    for table in ("comments", "disclosures", "digests"):
        op.drop_table(table)


def _owner(table: str, column: str, owner: str, leaves: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{owner}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=leaves)


def _allow_kinds(kinds: str) -> None:
    op.drop_constraint(op.f("ck_deliveries_kind"), "deliveries")
    op.create_check_constraint(op.f("ck_deliveries_kind"), "deliveries", f"kind IN ({kinds})")
