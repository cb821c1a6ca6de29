"""Entries and invitations that name somebody who was forgotten are redrawn

Revision: 0015
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BEFORE = "'conversation', 'orphans', 'message', 'digest', 'comment'"


def upgrade() -> None:
    _check("kind", f"kind IN ({BEFORE}, 'entry', 'invitation')")
    _check("channel", "(channel IS NULL) = (subject_id IS NOT NULL)")


def downgrade() -> None:
    op.execute("DELETE FROM removals WHERE kind IN ('entry', 'invitation')")
    _check("channel", "(channel IS NULL) = (kind IN ('digest', 'comment'))")
    _check("kind", f"kind IN ({BEFORE})")


def _check(name: str, condition: str) -> None:
    op.drop_constraint(op.f(f"ck_removals_{name}"), "removals")
    op.create_check_constraint(op.f(f"ck_removals_{name}"), "removals", condition)
