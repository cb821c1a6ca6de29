"""Which entry a question quotes, and which messages show an entry

Revision: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("check_ins", sa.Column("quoted_entry_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        "fk_check_ins_quoted_entry_id", "check_ins", "entries", ["quoted_entry_id"], ["id"], ondelete="SET NULL"
    )
    op.create_index(
        "ix_check_ins_quoted_entry_id",
        "check_ins",
        ["quoted_entry_id"],
        postgresql_where=sa.text("quoted_entry_id IS NOT NULL"),
    )
    op.create_table(
        "entry_messages",
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("ts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "channel", "ts", name="pk_entry_messages"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_entry_messages_entry_id", ondelete="CASCADE"),
    )


def downgrade() -> None:
    op.drop_table("entry_messages")
    op.drop_column("check_ins", "quoted_entry_id")
