"""Questions that come again later, quiet hours, notices, and when people and their rhythms were last looked at

Revision: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
COMES_LATER = "later_at IS NOT NULL AND state = 'planned'"


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("people_read_at", INSTANT, nullable=True))
    op.add_column("members", sa.Column("quiet_until", INSTANT, nullable=True))
    op.add_column("schedules", sa.Column("touched_at", INSTANT, server_default=sa.text("now()"), nullable=False))
    op.add_column("check_ins", sa.Column("later_at", INSTANT, nullable=True))
    op.create_index(
        "ix_check_ins_later_at",
        "check_ins",
        ["later_at"],
        unique=False,
        postgresql_where=sa.text(COMES_LATER),
    )
    op.drop_constraint(op.f("ck_deliveries_kind"), "deliveries")
    op.create_check_constraint(op.f("ck_deliveries_kind"), "deliveries", "kind IN ('check_in', 'digest', 'notice')")


def downgrade() -> None:
    op.execute("DELETE FROM deliveries WHERE kind = 'notice'")
    op.drop_constraint(op.f("ck_deliveries_kind"), "deliveries")
    op.create_check_constraint(op.f("ck_deliveries_kind"), "deliveries", "kind IN ('check_in', 'digest')")
    op.execute(f"UPDATE check_ins SET state = 'asked' WHERE {COMES_LATER}")
    op.drop_index("ix_check_ins_later_at", table_name="check_ins", postgresql_where=sa.text(COMES_LATER))
    op.drop_column("check_ins", "later_at")
    op.drop_column("schedules", "touched_at")
    op.drop_column("members", "quiet_until")
    op.drop_column("workspaces", "people_read_at")
