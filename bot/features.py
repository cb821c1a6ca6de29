"""Everything that Rung answers to, and everything that it sends."""

from collections.abc import Mapping

from handlers import (
    admin,
    answers,
    checkin,
    comments,
    digest,
    export,
    handover,
    home,
    invitation,
    ladder,
    log,
    logs,
    mentoring,
    message_check_in,
    message_comment,
    message_digest,
    message_entry,
    message_invitation,
    message_mentoring,
    message_notice,
    messages,
    next_level,
    pause,
    privacy,
    profile,
    progress,
    reading,
    schedule,
    shortcuts,
    usage,
    workspace,
)
from handlers.slack.message_kind import MessageKind
from handlers.slack.router import Router

FEATURES = (
    next_level,
    progress,
    ladder,
    log,
    logs,
    export,
    shortcuts,
    messages,
    checkin,
    answers,
    schedule,
    pause,
    mentoring,
    handover,
    invitation,
    digest,
    reading,
    comments,
    home,
    profile,
    workspace,
    privacy,
    admin,
    usage,
)
MESSAGES: tuple[type[MessageKind], ...] = (
    message_check_in.Question,
    message_notice.Stopped,
    message_entry.ShownEntry,
    message_digest.Digest,
    message_comment.Comment,
    message_mentoring.Request,
    message_mentoring.Answer,
    message_mentoring.End,
    message_mentoring.Over,
    message_invitation.Invitation,
)


def routes() -> Router:
    """The table of commands, buttons, forms, shortcuts and events."""
    router = Router()
    for feature in FEATURES:
        feature.register(router)
    return router


def message_kinds() -> Mapping[str, MessageKind]:
    """What Rung sends by itself, or keeps up to date, by the name of the kind."""
    return {kind.name: kind() for kind in MESSAGES}
