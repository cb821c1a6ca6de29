"""What choosing a question reads of the past ones, and which are open, from indexes alone; room to update members in

Revision: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE members SET (fillfactor = 85)")
    op.drop_index("ix_check_ins_member_id_slot_at", table_name="check_ins")
    op.create_index(
        "ix_check_ins_past",
        "check_ins",
        ["member_id", sa.text("slot_at DESC"), sa.text("id DESC")],
        postgresql_include=["criterion_id", "prompt_id", "state", "week"],
    )
    op.create_index(
        "ix_check_ins_open", "check_ins", ["member_id"], postgresql_where=sa.text("state IN ('planned', 'asked')")
    )


def downgrade() -> None:
    op.execute("ALTER TABLE members RESET (fillfactor)")
    op.drop_index("ix_check_ins_open", table_name="check_ins")
    op.drop_index("ix_check_ins_past", table_name="check_ins")
    op.create_index("ix_check_ins_member_id_slot_at", "check_ins", ["member_id", sa.text("slot_at DESC")])
