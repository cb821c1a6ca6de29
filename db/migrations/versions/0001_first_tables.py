"""First tables

Revision: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "workspaces",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uninstalled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspaces")),
        sa.UniqueConstraint("key", name=op.f("uq_workspaces_key")),
    )
    op.create_table(
        "members",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("slack_user", sa.Text(), nullable=False),
        sa.Column("tz", sa.Text(), nullable=False),
        sa.Column("tz_pinned", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("focus", sa.Text(), nullable=True),
        sa.Column("dm_channel", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_members_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sa.UniqueConstraint("workspace_id", "slack_user", name=op.f("uq_members_workspace_id_slack_user")),
    )
    op.create_table(
        "check_ins",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("week", sa.Date(), nullable=True),
        sa.Column("slot_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("criterion_id", sa.Text(), nullable=False),
        sa.Column("prompt_id", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "state IN ('planned', 'asked', 'answered', 'skipped', 'lapsed', 'missed', 'cancelled')",
            name=op.f("ck_check_ins_state"),
        ),
        sa.CheckConstraint("extract(isodow FROM week) = 1", name=op.f("ck_check_ins_week")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_check_ins_member_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_ins")),
        sa.UniqueConstraint("member_id", "week", name=op.f("uq_check_ins_member_id_week")),
    )
    op.create_index(
        "ix_check_ins_member_id_slot_at", "check_ins", ["member_id", sa.literal_column("slot_at DESC")], unique=False
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="ready", nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("ts", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(state = 'sending') = (lease_until IS NOT NULL)", name=op.f("ck_deliveries_lease")),
        sa.CheckConstraint("kind IN ('check_in', 'digest')", name=op.f("ck_deliveries_kind")),
        sa.CheckConstraint("state <> 'failed' OR error IS NOT NULL", name=op.f("ck_deliveries_failed")),
        sa.CheckConstraint(
            "state <> 'sent' OR (channel IS NOT NULL AND ts IS NOT NULL)", name=op.f("ck_deliveries_sent")
        ),
        sa.CheckConstraint(
            "state IN ('ready', 'sending', 'sent', 'unknown', 'failed', 'cancelled')", name=op.f("ck_deliveries_state")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_deliveries_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("member_id", "kind", "dedupe_key", name=op.f("uq_deliveries_member_id_kind_dedupe_key")),
    )
    op.create_index(
        "ix_deliveries_channel_ts",
        "deliveries",
        ["channel", "ts"],
        unique=False,
        postgresql_where=sa.text("ts IS NOT NULL"),
    )
    op.create_index(
        "ix_deliveries_ready", "deliveries", ["run_at"], unique=False, postgresql_where=sa.text("state = 'ready'")
    )
    op.create_index(
        "ix_deliveries_sending",
        "deliveries",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index("ix_deliveries_subject_id", "deliveries", ["subject_id", "kind"], unique=False)
    op.create_index(
        "ix_deliveries_unknown", "deliveries", ["run_at"], unique=False, postgresql_where=sa.text("state = 'unknown'")
    )
    op.create_table(
        "level_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("from_level", sa.Text(), nullable=True),
        sa.Column("to_level", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_level_changes_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_level_changes")),
    )
    op.create_index(op.f("ix_level_changes_member_id"), "level_changes", ["member_id"], unique=False)
    op.create_table(
        "schedules",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("local_time", sa.Time(), nullable=False),
        sa.Column("every_weeks", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("next_week", sa.Date(), nullable=False),
        sa.Column("last_planned_week", sa.Date(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_until", sa.Date(), nullable=True),
        sa.CheckConstraint("kind IN ('check_in', 'digest')", name=op.f("ck_schedules_kind")),
        sa.CheckConstraint("every_weeks BETWEEN 1 AND 8", name=op.f("ck_schedules_every_weeks")),
        sa.CheckConstraint("extract(isodow FROM last_planned_week) = 1", name=op.f("ck_schedules_last_planned_week")),
        sa.CheckConstraint("extract(isodow FROM next_week) = 1", name=op.f("ck_schedules_next_week")),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name=op.f("ck_schedules_weekday")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_schedules_member_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedules")),
        sa.UniqueConstraint("member_id", "kind", name=op.f("uq_schedules_member_id_kind")),
    )
    op.create_index(
        "ix_schedules_due_at", "schedules", ["due_at"], unique=False, postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.create_table(
        "entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("check_in_id", sa.BigInteger(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("impact", sa.Text(), nullable=True),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("source IN ('command', 'form', 'check_in', 'message')", name=op.f("ck_entries_source")),
        sa.ForeignKeyConstraint(
            ["check_in_id"], ["check_ins.id"], name=op.f("fk_entries_check_in_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_entries_member_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
    )
    op.create_index("ix_entries_check_in_id", "entries", ["check_in_id"], unique=False)
    op.create_index(
        "ix_entries_member_id_happened_on",
        "entries",
        ["member_id", sa.literal_column("happened_on DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "uq_entries_member_id_source_key",
        "entries",
        ["member_id", "source_key"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "entry_criteria",
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("criterion_id", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_entry_criteria_entry_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("entry_id", "criterion_id", name=op.f("pk_entry_criteria")),
    )


def downgrade() -> None:
    op.drop_table("entry_criteria")
    op.drop_index(
        "uq_entries_member_id_source_key", table_name="entries", postgresql_where=sa.text("deleted_at IS NULL")
    )
    op.drop_index("ix_entries_member_id_happened_on", table_name="entries")
    op.drop_index("ix_entries_check_in_id", table_name="entries")
    op.drop_table("entries")
    op.drop_index("ix_schedules_due_at", table_name="schedules", postgresql_where=sa.text("due_at IS NOT NULL"))
    op.drop_table("schedules")
    op.drop_index(op.f("ix_level_changes_member_id"), table_name="level_changes")
    op.drop_table("level_changes")
    op.drop_index("ix_deliveries_unknown", table_name="deliveries", postgresql_where=sa.text("state = 'unknown'"))
    op.drop_index("ix_deliveries_subject_id", table_name="deliveries")
    op.drop_index("ix_deliveries_sending", table_name="deliveries", postgresql_where=sa.text("state = 'sending'"))
    op.drop_index("ix_deliveries_ready", table_name="deliveries", postgresql_where=sa.text("state = 'ready'"))
    op.drop_index("ix_deliveries_channel_ts", table_name="deliveries", postgresql_where=sa.text("ts IS NOT NULL"))
    op.drop_table("deliveries")
    op.drop_index("ix_check_ins_member_id_slot_at", table_name="check_ins")
    op.drop_table("check_ins")
    op.drop_table("members")
    op.drop_table("workspaces")
