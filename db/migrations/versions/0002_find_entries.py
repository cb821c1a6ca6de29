"""Links of an entry and the message it was made from, and finding entries by their words

Revision: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MESSAGE = ("snippet", "snippet_author", "permalink")
NEWEST_FIRST: list[str | sa.TextClause] = ["member_id", sa.text("happened_on DESC"), sa.text("id DESC")]
SEARCHED = "(((what || ' '::text) || COALESCE(impact, ''::text)) || ' '::text) || COALESCE(snippet, ''::text)"
WORDS = f"to_tsvector('english'::regconfig, {SEARCHED}) || to_tsvector('simple'::regconfig, {SEARCHED})"


def upgrade() -> None:
    op.add_column(
        "entries",
        sa.Column("links", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    for name in MESSAGE:
        op.add_column("entries", sa.Column(name, sa.Text(), nullable=True))
    op.create_check_constraint(op.f("ck_entries_words"), "entries", "what <> '' OR snippet IS NOT NULL")
    op.add_column(
        "entries",
        sa.Column("words", TSVECTOR(), sa.Computed(WORDS, persisted=True), nullable=False),
    )
    op.create_index("ix_entries_words", "entries", ["words"], unique=False, postgresql_using="gin")
    op.create_index(
        "ix_entries_deleted_at",
        "entries",
        ["deleted_at"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )
    op.drop_index("ix_entries_member_id_happened_on", table_name="entries")
    op.create_index(
        "ix_entries_member_id_happened_on",
        "entries",
        NEWEST_FIRST,
        unique=False,
        postgresql_include=["deleted_at"],
    )
    op.create_unique_constraint("uq_entries_id_member_id", "entries", ["id", "member_id"])
    op.add_column("entry_criteria", sa.Column("member_id", sa.BigInteger(), nullable=True))
    op.execute("UPDATE entry_criteria SET member_id = e.member_id FROM entries e WHERE e.id = entry_id")
    op.alter_column("entry_criteria", "member_id", nullable=False)
    op.drop_constraint("fk_entry_criteria_entry_id", "entry_criteria")
    op.create_foreign_key(
        "fk_entry_criteria_entry_id_member_id",
        "entry_criteria",
        "entries",
        ["entry_id", "member_id"],
        ["id", "member_id"],
        ondelete="CASCADE",
    )
    op.create_index(
        "ix_entry_criteria_member_id", "entry_criteria", ["member_id", "criterion_id", "entry_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_entry_criteria_member_id", table_name="entry_criteria")
    op.drop_constraint("fk_entry_criteria_entry_id_member_id", "entry_criteria")
    op.create_foreign_key(
        "fk_entry_criteria_entry_id", "entry_criteria", "entries", ["entry_id"], ["id"], ondelete="CASCADE"
    )
    op.drop_column("entry_criteria", "member_id")
    op.drop_constraint("uq_entries_id_member_id", "entries")
    op.drop_index("ix_entries_member_id_happened_on", table_name="entries", postgresql_include=["deleted_at"])
    op.create_index("ix_entries_member_id_happened_on", "entries", NEWEST_FIRST, unique=False)
    op.drop_index("ix_entries_deleted_at", table_name="entries", postgresql_where=sa.text("deleted_at IS NOT NULL"))
    op.drop_index("ix_entries_words", table_name="entries", postgresql_using="gin")
    op.drop_column("entries", "words")
    op.execute("UPDATE entries SET what = snippet WHERE what = ''")
    op.drop_constraint("ck_entries_words", "entries")
    for name in MESSAGE:
        op.drop_column("entries", name)
    op.drop_column("entries", "links")
