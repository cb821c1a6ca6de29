"""Planning writes less: one key of a delivery to its member and their workspace, not two; no index of what is not asked

Revision: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_unique_constraint(op.f("uq_members_id_workspace_id"), "members", ["id", "workspace_id"])
    op.drop_constraint(op.f("fk_deliveries_workspace_id"), "deliveries")
    op.drop_constraint(op.f("fk_deliveries_member_id"), "deliveries")
    op.create_foreign_key(
        op.f("fk_deliveries_member_id_workspace_id"),
        "deliveries",
        "members",
        ["member_id", "workspace_id"],
        ["id", "workspace_id"],
        ondelete="CASCADE",
    )
    _open("state = 'asked' OR state = 'planned' AND later_at IS NOT NULL")


def downgrade() -> None:
    _open("state IN ('planned', 'asked')")
    op.drop_constraint(op.f("fk_deliveries_member_id_workspace_id"), "deliveries")
    for column, table in (("member_id", "members"), ("workspace_id", "workspaces")):
        op.create_foreign_key(
            op.f(f"fk_deliveries_{column}"), "deliveries", table, [column], ["id"], ondelete="CASCADE"
        )
    op.drop_constraint(op.f("uq_members_id_workspace_id"), "members")


def _open(condition: str) -> None:
    op.drop_index("ix_check_ins_open", table_name="check_ins")
    op.create_index("ix_check_ins_open", "check_ins", ["member_id"], postgresql_where=sa.text(condition))
