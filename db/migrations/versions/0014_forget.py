"""When somebody left, and what is still to be removed from Slack of those who were forgotten

Revision: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BEFORE = "'check_in', 'digest', 'notice', 'mentor_request', 'mentor_answer', 'mentor_end', 'comment', 'invitation'"


def upgrade() -> None:
    op.add_column("members", sa.Column("left_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE members SET left_at = now() WHERE NOT active")
    op.create_index("ix_members_left_at", "members", ["left_at"], postgresql_where="left_at IS NOT NULL")
    op.create_table(
        "removals",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text()),
        sa.Column("ts", sa.Text()),
        sa.Column("subject_id", sa.BigInteger()),
        sa.Column("last_word", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('conversation', 'orphans', 'message', 'digest', 'comment')", name=op.f("ck_removals_kind")
        ),
        sa.CheckConstraint(
            "(subject_id IS NULL) = (kind IN ('conversation', 'orphans', 'message'))", name=op.f("ck_removals_subject")
        ),
        sa.CheckConstraint("(channel IS NULL) = (kind IN ('digest', 'comment'))", name=op.f("ck_removals_channel")),
        sa.CheckConstraint("kind <> 'message' OR ts IS NOT NULL", name=op.f("ck_removals_ts")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_removals_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removals")),
    )
    op.create_index("ix_removals_run_at", "removals", ["run_at"])
    _may_be(f"{BEFORE}, 'mentorship_over'")


def downgrade() -> None:
    op.execute("DELETE FROM deliveries WHERE kind = 'mentorship_over'")
    _may_be(BEFORE)
    op.drop_table("removals")
    op.drop_index("ix_members_left_at", "members")
    op.drop_column("members", "left_at")


def _may_be(kinds: str) -> None:
    op.drop_constraint(op.f("ck_deliveries_kind"), "deliveries")
    op.create_check_constraint(op.f("ck_deliveries_kind"), "deliveries", f"kind IN ({kinds})")
