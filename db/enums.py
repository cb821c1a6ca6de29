"""What the columns of the tables can say, where that is one of a few words."""

from enum import StrEnum


class CheckInState(StrEnum):
    PLANNED = "planned"
    ASKED = "asked"
    ANSWERED = "answered"
    SKIPPED = "skipped"
    LAPSED = "lapsed"
    MISSED = "missed"
    CANCELLED = "cancelled"


class DeliveryState(StrEnum):
    READY = "ready"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Kind(StrEnum):
    """What Rung starts by itself, at a member's own time."""

    CHECK_IN = "check_in"
    DIGEST = "digest"


class DeliveryKind(StrEnum):
    """What a message is about: a check-in, a digest, a comment, a switched-off schedule (a notice), a mentorship, an
    invitation, or an entry, which it shows as the answer to what its member wrote.

    Of a mentorship there are the request to the mentor, its answer to the mentee, and the end to the other one, who is
    told without a name that it is over where that one was forgotten.
    """

    CHECK_IN = Kind.CHECK_IN
    DIGEST = Kind.DIGEST
    NOTICE = "notice"
    MENTOR_REQUEST = "mentor_request"
    MENTOR_ANSWER = "mentor_answer"
    MENTOR_END = "mentor_end"
    COMMENT = "comment"
    INVITATION = "invitation"
    MENTORSHIP_OVER = "mentorship_over"
    ENTRY = "entry"


class RemovalKind(StrEnum):
    """What is to be removed from Slack.

    Of somebody who was forgotten: all that Rung wrote in their conversation, and what was on its way to somebody and is
    in no outbox any more. And a message that nobody is to read any more.
    """

    CONVERSATION = "conversation"
    ORPHANS = "orphans"
    MESSAGE = "message"


class Surface(StrEnum):
    """Where a mentor was shown an entry."""

    DIGEST = "digest"
    LIST = "list"


class Source(StrEnum):
    """Where an entry came from."""

    COMMAND = "command"
    FORM = "form"
    CHECK_IN = "check_in"
    MESSAGE = "message"
