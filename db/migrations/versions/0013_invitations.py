"""Invitations, and the messages that bring them

Revision: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KINDS = "'check_in', 'digest', 'notice', 'mentor_request', 'mentor_answer', 'mentor_end', 'comment'"


def upgrade() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("local_time", sa.Time(), nullable=False),
        sa.Column("mentor_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'accepted', 'declined')", name=op.f("ck_invitations_state")),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name=op.f("ck_invitations_weekday")),
        sa.CheckConstraint("mentor_id <> member_id", name=op.f("ck_invitations_two_people")),
        sa.CheckConstraint("(state = 'open') = (answered_at IS NULL)", name=op.f("ck_invitations_answered_at")),
        _member("member_id", "CASCADE"),
        _member("mentor_id", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("member_id", name=op.f("uq_invitations_member_id")),
    )
    op.create_index("ix_invitations_mentor_id", "invitations", ["mentor_id"])
    _allow_kinds(f"{KINDS}, 'invitation'")


def downgrade() -> None:
    op.execute("DELETE FROM deliveries WHERE kind = 'invitation'")
    _allow_kinds(KINDS)
    op.drop_table("invitations")


def _member(column: str, leaves: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["members.id"], name=op.f(f"fk_invitations_{column}"), ondelete=leaves)


def _allow_kinds(kinds: str) -> None:
    op.drop_constraint(op.f("ck_deliveries_kind"), "deliveries")
    op.create_check_constraint(op.f("ck_deliveries_kind"), "deliveries", f"kind IN ({kinds})")
