"""What is said when a mentor is asked, how many mentees one wants, and messages about mentorships

Revision: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ABOUT_MENTORSHIPS = "'mentor_request', 'mentor_answer', 'mentor_end'"


def upgrade() -> None:
    op.add_column(
        "members", sa.Column("mentees_wanted", sa.SmallInteger(), server_default=sa.text("5"), nullable=False)
    )
    op.create_check_constraint(op.f("ck_members_mentees_wanted"), "members", "mentees_wanted BETWEEN 0 AND 20")
    for name in ("source_key", "why", "kind_word"):
        op.add_column("mentorships", sa.Column(name, sa.Text(), nullable=True))
    op.create_unique_constraint(op.f("uq_mentorships_mentee_id_source_key"), "mentorships", ["mentee_id", "source_key"])
    _allow_kinds(f"'check_in', 'digest', 'notice', {ABOUT_MENTORSHIPS}")


def downgrade() -> None:
    op.execute(f"DELETE FROM deliveries WHERE kind IN ({ABOUT_MENTORSHIPS})")
    _allow_kinds("'check_in', 'digest', 'notice'")
    op.drop_constraint(op.f("uq_mentorships_mentee_id_source_key"), "mentorships")
    for name in ("kind_word", "why", "source_key"):
        op.drop_column("mentorships", name)
    op.drop_constraint(op.f("ck_members_mentees_wanted"), "members")
    op.drop_column("members", "mentees_wanted")


def _allow_kinds(kinds: str) -> None:
    op.drop_constraint(op.f("ck_deliveries_kind"), "deliveries")
    op.create_check_constraint(op.f("ck_deliveries_kind"), "deliveries", f"kind IN ({kinds})")
