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
        rename(table, before, after)


def downgrade() -> None:
    for table, before, after in RENAMED:
        rename(table, after, before)


def rename(table: str, before: str, after: str) -> None:
    """With its constraint, which Postgres 18 names by the column as it was; 17 has none."""
    op.alter_column(table, before, new_column_name=after)
    op.execute(f"""
        DO $$ BEGIN
            ALTER TABLE {table} RENAME CONSTRAINT {table}_{before}_not_null TO {table}_{after}_not_null;
        EXCEPTION WHEN undefined_object THEN NULL;
        END $$
    """)
