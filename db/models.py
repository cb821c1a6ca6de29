"""The tables. What must never happen, the database itself forbids."""

from datetime import date, datetime, time
from enum import StrEnum
from string import punctuation
from typing import Any, ClassVar
from uuid import UUID

from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from sqlalchemy import (
    ARRAY,
    DDL,
    BigInteger,
    CheckConstraint,
    Computed,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    MetaData,
    SmallInteger,
    Text,
    UniqueConstraint,
    event,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from db.enums import CheckInState, DeliveryKind, DeliveryState, Kind, RemovalKind, Source, Surface
from growth.inviting import InvitationState
from growth.mentoring import MentorshipState


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    names = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({names})", name=column)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        str: Text,
        int: BigInteger,
        list[str]: ARRAY(Text),
    }


class Workspace(Base):
    """A Slack workspace, or an enterprise that installed Rung as one.

    `installed_at` is when Slack last gave or took its token. `bucket_full_at` is its token bucket: when it will be full
    again if nothing more is taken out of it. While Slack refuses what Rung sends, `refused_since` says since when,
    `refused_for` for which of Slack's words, and `paused_until` when to try again.
    """

    __tablename__ = "workspaces"
    __table_args__ = (CheckConstraint("(refused_since IS NULL) = (refused_for IS NULL)", name="refused"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    paused_until: Mapped[datetime | None]
    people_read_at: Mapped[datetime | None]
    bucket_full_at: Mapped[datetime | None]
    installed_at: Mapped[datetime | None]
    uninstalled_at: Mapped[datetime | None]
    refused_since: Mapped[datetime | None]
    refused_for: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Member(Base):
    """A person in a workspace. Everything they own goes with them.

    `tz` is the zone as Slack or the member named it, which may be none that we know. Before `quiet_until` Rung starts
    nothing by itself. `left_at` is since when they are not active.
    """

    __tablename__ = "members"
    __table_args__ = (
        UniqueConstraint("workspace_id", "slack_user"),
        UniqueConstraint("id", "workspace_id"),
        CheckConstraint("mentees_wanted BETWEEN 0 AND 20", name="mentees_wanted"),
        Index("ix_members_left_at", "left_at", postgresql_where=text("left_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    slack_user: Mapped[str]
    tz: Mapped[str]
    tz_pinned: Mapped[bool] = mapped_column(server_default=text("false"))
    level: Mapped[str | None]
    target: Mapped[str | None]
    focus: Mapped[str | None]
    dm_channel: Mapped[str | None]
    quiet_until: Mapped[datetime | None]
    mentees_wanted: Mapped[int] = mapped_column(SmallInteger, server_default=text("5"))
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    left_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class LevelChange(Base):
    __tablename__ = "level_changes"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    from_level: Mapped[str | None]
    to_level: Mapped[str | None]
    changed_at: Mapped[datetime]


class Schedule(Base):
    """When Rung writes to a member by itself. `due_at` is the next slot's instant; none means switched off.

    `paused_until` is the local date from which it may come again; `configured_at` is when the member last said how they
    want it, and silence counts from there.
    """

    __tablename__ = "schedules"
    __table_args__ = (
        UniqueConstraint("member_id", "kind"),
        one_of("kind", Kind),
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
        CheckConstraint("every_weeks BETWEEN 1 AND 8", name="every_weeks"),
        CheckConstraint("extract(isodow FROM next_week) = 1", name="next_week"),
        CheckConstraint("extract(isodow FROM last_planned_week) = 1", name="last_planned_week"),
        Index("ix_schedules_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    kind: Mapped[str]
    weekday: Mapped[int] = mapped_column(SmallInteger)
    local_time: Mapped[time]
    every_weeks: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    next_week: Mapped[date]
    last_planned_week: Mapped[date | None]
    due_at: Mapped[datetime | None]
    paused_until: Mapped[date | None]
    configured_at: Mapped[datetime] = mapped_column(server_default=func.now())


class CheckIn(Base):
    """One question to one member: of a week, or an extra that they asked for (`week` is none).

    One that is to come again is planned, with the instant in `later_at`. `quoted_entry_id` is the entry that the
    question quotes.
    """

    __tablename__ = "check_ins"
    __table_args__ = (
        UniqueConstraint("member_id", "week"),
        one_of("state", CheckInState),
        CheckConstraint("extract(isodow FROM week) = 1", name="week"),
        Index(
            "ix_check_ins_later_at",
            "later_at",
            postgresql_where=text("later_at IS NOT NULL AND state = 'planned'"),
        ),
        # All that choosing the next question reads of the past ones: their rows lie scattered over the years.
        Index(
            "ix_check_ins_past",
            "member_id",
            text("slot_at DESC"),
            text("id DESC"),
            postgresql_include=["criterion_id", "prompt_id", "state", "week"],
        ),
        # What lapses when the next one is planned.
        Index(
            "ix_check_ins_open",
            "member_id",
            postgresql_where=text("state = 'asked' OR state = 'planned' AND later_at IS NOT NULL"),
        ),
        Index("ix_check_ins_quoted_entry_id", "quoted_entry_id", postgresql_where=text("quoted_entry_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    week: Mapped[date | None]
    slot_at: Mapped[datetime]
    criterion_id: Mapped[str]
    prompt_id: Mapped[str]
    quoted_entry_id: Mapped[int | None] = mapped_column(
        # Answers point at check-ins too: whoever creates the tables makes this one afterwards.
        ForeignKey("entries.id", ondelete="SET NULL", use_alter=True)
    )
    question: Mapped[str]
    why: Mapped[str]
    state: Mapped[str]
    later_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    @property
    def asks(self) -> str:
        """What it asks, by its ids: it may be exchanged."""
        return f"{self.criterion_id}/{self.prompt_id}"


# Stems, so that "mentoring" finds "mentored"; and the words as typed, because Will, Don and Can are English stop words
# and colleagues. Those are split at punctuation, so that an address is found by any part of it.
SEARCHED = "(((what || ' '::text) || COALESCE(impact, ''::text)) || ' '::text) || COALESCE(snippet, ''::text)"
# array_to_string is only stable, because of elements of other types than text.
JOINED = """
CREATE OR REPLACE FUNCTION joined(text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_to_string($1, ' ')
"""
event.listen(Base.metadata, "before_create", DDL(JOINED))  # type: ignore[no-untyped-call] # it has no types
SIGNS = punctuation.replace("'", "''")
SPLIT = (
    f"translate((({SEARCHED}) || ' '::text) || joined(links), '{SIGNS}'::text, repeat(' '::text, {len(punctuation)}))"
)
WORDS = f"to_tsvector('english'::regconfig, {SEARCHED}) || to_tsvector('simple'::regconfig, {SPLIT})"


class Entry(Base):
    """A line of the growth log, as its member typed it.

    One made from a message keeps the beginning of that, its author's handle and Slack's link, for the member alone;
    only then may the member's own words be empty.
    """

    __tablename__ = "entries"
    __table_args__ = (
        UniqueConstraint("id", "member_id"),
        one_of("source", Source),
        CheckConstraint("what <> '' OR snippet IS NOT NULL", name="words"),
        Index(
            "uq_entries_member_id_source_key",
            "member_id",
            "source_key",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index(
            "ix_entries_member_id_happened_on",
            "member_id",
            text("happened_on DESC"),
            text("id DESC"),
            postgresql_include=["deleted_at"],
        ),
        Index("ix_entries_deleted_at", "deleted_at", postgresql_where=text("deleted_at IS NOT NULL")),
        Index("ix_entries_check_in_id", "check_in_id"),
        Index("ix_entries_words", "words", postgresql_using="gin"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    check_in_id: Mapped[int | None] = mapped_column(ForeignKey("check_ins.id", ondelete="SET NULL"))
    what: Mapped[str]
    impact: Mapped[str | None]
    links: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    snippet: Mapped[str | None]
    snippet_author: Mapped[str | None]
    permalink: Mapped[str | None]
    happened_on: Mapped[date]
    source: Mapped[str]
    source_key: Mapped[str]
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    words: Mapped[str] = mapped_column(
        TSVECTOR, Computed(WORDS, persisted=True), deferred=True, deferred_raiseload=True
    )


class EntryCriterion(Base):
    """An entry is evidence of a criterion, in the words the criterion had then.

    The entry's member is here too, so that one person's evidence lies together in an index.
    """

    __tablename__ = "entry_criteria"
    __table_args__ = (
        ForeignKeyConstraint(["entry_id", "member_id"], ["entries.id", "entries.member_id"], ondelete="CASCADE"),
        Index("ix_entry_criteria_member_id", "member_id", "criterion_id", "entry_id"),
    )

    entry_id: Mapped[int] = mapped_column(primary_key=True)
    criterion_id: Mapped[str] = mapped_column(primary_key=True)
    member_id: Mapped[int]
    sentence: Mapped[str]


class Mentorship(Base):
    """One member asked another to be their mentor. `ended_at`: when it was declined, cancelled or ended.

    `why` are the mentee's words, `decline_note` those of a mentor who declined. `share_by_default`: the mentee wants
    new entries to begin with this mentor's name ticked.
    """

    __tablename__ = "mentorships"
    __table_args__ = (
        UniqueConstraint("id", "mentee_id"),
        one_of("state", MentorshipState),
        CheckConstraint("mentor_id <> mentee_id", name="two_people"),
        CheckConstraint("(state IN ('requested', 'active')) = (ended_at IS NULL)", name="ended_at"),
        Index(
            "uq_mentorships_mentee_id_mentor_id",
            "mentee_id",
            "mentor_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        UniqueConstraint("mentee_id", "source_key"),
        Index("ix_mentorships_mentee_id", "mentee_id"),
        Index("ix_mentorships_mentor_id", "mentor_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    mentor_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    mentee_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(server_default=MentorshipState.REQUESTED)
    source_key: Mapped[str | None]
    why: Mapped[str | None]
    decline_note: Mapped[str | None]
    share_by_default: Mapped[bool] = mapped_column(server_default=false())
    requested_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Share(Base):
    """A mentor may read an entry, from an hour after `shared_at` until `revoked_at`; no live share means private.

    The mentee is here too, so that nobody's entry can be shared but by a mentorship of their own.
    """

    __tablename__ = "shares"
    __table_args__ = (
        ForeignKeyConstraint(["entry_id", "mentee_id"], ["entries.id", "entries.member_id"], ondelete="CASCADE"),
        ForeignKeyConstraint(
            ["mentorship_id", "mentee_id"], ["mentorships.id", "mentorships.mentee_id"], ondelete="CASCADE"
        ),
        Index(
            "uq_shares_entry_id_mentorship_id",
            "entry_id",
            "mentorship_id",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
        Index("ix_shares_mentee_id", "mentee_id", "entry_id", postgresql_include=["revoked_at"]),
        Index("ix_shares_mentorship_id", "mentorship_id", postgresql_include=["revoked_at"]),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    entry_id: Mapped[int]
    mentorship_id: Mapped[int]
    mentee_id: Mapped[int]
    shared_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Digest(Base):
    """What a mentor is told of their mentees: in one week, or when they asked for it themselves (`week` is none).

    A `quiet` one found nothing new. What it shows and asks is chosen at `composed_at`: a list of
    `{"mentorship": id, "entries": [id, …], "question": text or null}`. `mentee_forgotten`: it may have shown somebody
    who was forgotten since, and is in no part any more.
    """

    __tablename__ = "digests"
    __table_args__ = (
        UniqueConstraint("mentor_id", "week"),
        CheckConstraint("extract(isodow FROM week) = 1", name="week"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    mentor_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    week: Mapped[date | None]
    slot_at: Mapped[datetime]
    quiet: Mapped[bool] = mapped_column(server_default=text("false"))
    composed_at: Mapped[datetime | None]
    parts: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    mentee_forgotten: Mapped[bool] = mapped_column(server_default=text("false"))


class Disclosure(Base):
    """An entry was shown to a viewer, none for one who has left Rung. Written before it is shown.

    It is confirmed once Slack has said that it has the message.
    """

    __tablename__ = "disclosures"
    __table_args__ = (
        one_of("through", Surface),
        Index("ix_disclosures_entry_id", "entry_id", "viewer_id"),
        Index("ix_disclosures_viewer_id", "viewer_id"),
        Index("ix_disclosures_digest_id", "digest_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id", ondelete="CASCADE"))
    viewer_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    digest_id: Mapped[int | None] = mapped_column(ForeignKey("digests.id", ondelete="SET NULL"))
    through: Mapped[str]
    shown_at: Mapped[datetime]
    confirmed: Mapped[bool] = mapped_column(server_default=text("false"))


class Comment(Base):
    """A mentor's words on an entry, none for kudos alone; of an author who has left Rung only the words are kept."""

    __tablename__ = "comments"
    __table_args__ = (
        UniqueConstraint("entry_id", "author_id", "source_key"),
        Index("ix_comments_author_id", "author_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    words: Mapped[str | None]
    source_key: Mapped[str]
    written_at: Mapped[datetime]


class Invitation(Base):
    """Somebody is asked to begin with what was filled in for them; nothing of it holds before they say yes."""

    __tablename__ = "invitations"
    __table_args__ = (
        one_of("state", InvitationState),
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
        CheckConstraint("mentor_id <> member_id", name="two_people"),
        CheckConstraint("(state = 'open') = (answered_at IS NULL)", name="answered_at"),
        Index("ix_invitations_mentor_id", "mentor_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), unique=True)
    level: Mapped[str]
    weekday: Mapped[int] = mapped_column(SmallInteger)
    local_time: Mapped[time]
    mentor_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    state: Mapped[str] = mapped_column(server_default=InvitationState.OPEN)
    invited_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


class Delivery(Base):
    """The outbox: one message to one member, sent at most once at a time; and the messages that stay in Slack.

    `stale_at` is when something changed that the message shows, until it was refreshed; `run_at` is when it is to be
    sent, looked for or refreshed. The member's workspace is here too, so that what waits in one lies together in an
    index.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        ForeignKeyConstraint(["member_id", "workspace_id"], ["members.id", "members.workspace_id"], ondelete="CASCADE"),
        UniqueConstraint("member_id", "kind", "dedupe_key"),
        one_of("kind", DeliveryKind),
        one_of("state", DeliveryState),
        CheckConstraint("(state = 'sending') = (lease_until IS NOT NULL)", name="lease"),
        CheckConstraint("(state = 'unknown') = (unknown_since IS NOT NULL)", name="unknown"),
        CheckConstraint("state <> 'sent' OR (channel IS NOT NULL AND ts IS NOT NULL)", name="sent"),
        CheckConstraint("state <> 'failed' OR error IS NOT NULL", name="failed"),
        Index(
            "ix_deliveries_waiting",
            "workspace_id",
            "run_at",
            postgresql_where=text("state IN ('ready', 'unknown') OR state = 'sent' AND stale_at IS NOT NULL"),
        ),
        Index("ix_deliveries_sending", "lease_until", postgresql_where=text("state = 'sending'")),
        Index("ix_deliveries_subject_id", "subject_id", "kind"),
        Index("ix_deliveries_channel_ts", "channel", "ts", postgresql_where=text("ts IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    member_id: Mapped[int]
    workspace_id: Mapped[int]
    kind: Mapped[str]
    subject_id: Mapped[int]
    dedupe_key: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=DeliveryState.READY)
    run_at: Mapped[datetime] = mapped_column(server_default=func.now())
    token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    unknown_since: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    channel: Mapped[str | None]
    ts: Mapped[str | None]
    error: Mapped[str | None]
    stale_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Removal(Base):
    """What is still to be removed from Slack: where it stands, and nothing of whose it was.

    In a conversation `ts` is how far back it is done. `last_word`: the person is told when their conversation is done.
    """

    __tablename__ = "removals"
    __table_args__ = (
        one_of("kind", RemovalKind),
        CheckConstraint("kind <> 'message' OR ts IS NOT NULL", name="ts"),
        Index("ix_removals_run_at", "run_at"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    kind: Mapped[str]
    channel: Mapped[str]
    ts: Mapped[str | None]
    last_word: Mapped[bool] = mapped_column(server_default=text("false"))
    forgotten_at: Mapped[datetime]
    run_at: Mapped[datetime] = mapped_column(server_default=func.now())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class OAuthState(Base):
    """An installation that somebody began in a browser, and that Slack has not sent back yet."""

    __tablename__ = "slack_oauth_states"

    state: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]


# As slack_sdk's installation store has them, but for the room that tokens take when they are encrypted.
SECRETS = ("bot_token", "bot_refresh_token", "user_token", "user_refresh_token", "incoming_webhook_url")
BOTS = SQLAlchemyInstallationStore.build_bots_table(Base.metadata, "slack_bots")
INSTALLATIONS = SQLAlchemyInstallationStore.build_installations_table(Base.metadata, "slack_installations")
for secret in [table.c[name] for table in (BOTS, INSTALLATIONS) for name in SECRETS if name in table.c]:
    secret.type = Text()
