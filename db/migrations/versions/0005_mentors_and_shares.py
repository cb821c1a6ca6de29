"""Mentors, and what is shared with them

Revision: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mentorships",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("mentor_id", sa.BigInteger(), nullable=False),
        sa.Column("mentee_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="requested", nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('requested', 'active', 'declined', 'cancelled', 'ended')", name=op.f("ck_mentorships_state")
        ),
        sa.CheckConstraint("mentor_id <> mentee_id", name=op.f("ck_mentorships_two_people")),
        sa.CheckConstraint(
            "(state IN ('requested', 'active')) = (ended_at IS NULL)", name=op.f("ck_mentorships_ended_at")
        ),
        sa.ForeignKeyConstraint(
            ["mentor_id"], ["members.id"], name=op.f("fk_mentorships_mentor_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["mentee_id"], ["members.id"], name=op.f("fk_mentorships_mentee_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentorships")),
        sa.UniqueConstraint("id", "mentee_id", name=op.f("uq_mentorships_id_mentee_id")),
    )
    op.create_index(
        "uq_mentorships_mentee_id_mentor_id",
        "mentorships",
        ["mentee_id", "mentor_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_mentorships_mentee_id", "mentorships", ["mentee_id"], unique=False)
    op.create_index("ix_mentorships_mentor_id", "mentorships", ["mentor_id"], unique=False)
    op.create_table(
        "shares",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("mentorship_id", sa.BigInteger(), nullable=False),
        sa.Column("mentee_id", sa.BigInteger(), nullable=False),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id", "mentee_id"],
            ["entries.id", "entries.member_id"],
            name=op.f("fk_shares_entry_id_mentee_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["mentorship_id", "mentee_id"],
            ["mentorships.id", "mentorships.mentee_id"],
            name=op.f("fk_shares_mentorship_id_mentee_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shares")),
    )
    op.create_index(
        "uq_shares_entry_id_mentorship_id",
        "shares",
        ["entry_id", "mentorship_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_index(
        "ix_shares_mentee_id", "shares", ["mentee_id", "entry_id"], unique=False, postgresql_include=["revoked_at"]
    )
    op.create_index(
        "ix_shares_mentorship_id", "shares", ["mentorship_id"], unique=False, postgresql_include=["revoked_at"]
    )


def downgrade() -> None:
    op.drop_table("shares")
    op.drop_table("mentorships")
