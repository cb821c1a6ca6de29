"""Everything that Rung answers to, and everything that it sends."""

from collections.abc import Mapping

from handlers.account import admin, invitation, privacy, profile, workspace
from handlers.account.messages import Invitation
from handlers.account.views import privacy as privacy_views
from handlers.checkins import listeners as checkins
from handlers.checkins.messages import Question
from handlers.conversation import listeners as conversation
from handlers.digest import listeners as digest
from handlers.digest.messages import Digest
from handlers.home import listeners as home
from handlers.home import presenter
from handlers.ladder import listeners as ladder
from handlers.ladder import next_level, progress
from handlers.log import answers, browsing, export, shortcuts
from handlers.log import listeners as log
from handlers.log.messages import ShownEntry
from handlers.mentoring import comments, handover, reading
from handlers.mentoring import listeners as mentoring
from handlers.mentoring.comment_messages import Comment
from handlers.mentoring.messages import Answer, End, Over, Request
from handlers.schedule import listeners as schedule
from handlers.schedule import pause
from handlers.schedule.messages import Stopped
from handlers.slack.message_kind import MessageKind
from handlers.slack.router import Router
from handlers.usage import listeners as usage

FEATURES = (
    *(next_level, progress, ladder),
    *(log, browsing, export, shortcuts, answers, conversation),
    *(checkins, schedule, pause),
    *(mentoring, handover, digest, reading, comments),
    *(home, invitation, profile, workspace, privacy, admin, usage),
)
MESSAGES: tuple[type[MessageKind], ...] = (
    *(Question, Stopped, ShownEntry),
    *(Request, Answer, End, Over, Digest, Comment),
    *(Invitation,),
)


publish_home = presenter.publish
LAST_WORD = privacy_views.last_word()  # to somebody whose conversation is gone


def routes() -> Router:
    """The table of commands, buttons, forms, shortcuts and events."""
    router = Router()
    for feature in FEATURES:
        feature.register(router)
    return router


def message_kinds() -> Mapping[str, MessageKind]:
    """What Rung sends by itself, or keeps up to date, by the name of the kind."""
    return {kind.name: kind() for kind in MESSAGES}
