"""Columns by the names that others would give them

Revision: 0019
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

RENAMED = (
    ("schedules", "touched_at", "configured_at"),
    ("mentorships", "kind_word", "decline_note"),
    ("mentorships", "ticked", "share_by_default"),
    ("disclosures", "certain", "confirmed"),
)


def upgrade() -> None:
    for table, before, after in RENAMED:
        op.alter_column(table, before, new_column_name=after)


def downgrade() -> None:
    for table, before, after in RENAMED:
        op.alter_column(table, after, new_column_name=before)
