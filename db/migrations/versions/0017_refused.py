"""Since when, and with which word, Slack refuses what Rung sends to a workspace

Revision: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("refused_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("workspaces", sa.Column("refused_for", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_workspaces_refused"), "workspaces", "(refused_since IS NULL) = (refused_for IS NULL)"
    )


def downgrade() -> None:
    op.drop_column("workspaces", "refused_for")
    op.drop_column("workspaces", "refused_since")
