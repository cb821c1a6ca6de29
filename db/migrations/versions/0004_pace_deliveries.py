"""A token bucket for each workspace, and since when a delivery is unknown

Revision: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("bucket_full_at", WHEN, nullable=True))
    op.add_column("deliveries", sa.Column("unknown_since", WHEN, nullable=True))
    op.execute("UPDATE deliveries SET unknown_since = now() WHERE state = 'unknown'")
    op.create_check_constraint(
        op.f("ck_deliveries_unknown"), "deliveries", "(state = 'unknown') = (unknown_since IS NOT NULL)"
    )
    op.add_column("deliveries", sa.Column("workspace_id", sa.BigInteger(), nullable=True))
    op.execute("UPDATE deliveries SET workspace_id = m.workspace_id FROM members m WHERE m.id = member_id")
    op.alter_column("deliveries", "workspace_id", nullable=False)
    op.create_foreign_key(
        "fk_deliveries_workspace_id", "deliveries", "workspaces", ["workspace_id"], ["id"], ondelete="CASCADE"
    )
    op.drop_index("ix_deliveries_ready", table_name="deliveries")
    op.drop_index("ix_deliveries_unknown", table_name="deliveries")
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["workspace_id", "run_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('ready', 'unknown')"),
    )


def downgrade() -> None:
    op.drop_index("ix_deliveries_waiting", table_name="deliveries")
    for state in ("unknown", "ready"):
        op.create_index(
            f"ix_deliveries_{state}",
            "deliveries",
            ["run_at"],
            unique=False,
            postgresql_where=sa.text(f"state = '{state}'"),
        )
    op.drop_column("deliveries", "workspace_id")
    op.drop_column("deliveries", "unknown_since")
    op.drop_column("workspaces", "bucket_full_at")
