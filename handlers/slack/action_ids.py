"""The ids of buttons, menus, forms and shortcuts, as Slack sends them back: what was drawn once stays valid."""

CHECKIN_FORM = "checkin.form"
CHECKIN_LATER = "checkin.later"
CHECKIN_MORE = "checkin.more"
CHECKIN_NOW = "checkin.now"
CHECKIN_SKIP = "checkin.skip"
CHECKIN_WRITE = "checkin.write"

COMMENTS_FORM = "comments.form"
COMMENTS_KUDOS = "comments.kudos"
COMMENTS_PICK = "comments.pick"
COMMENTS_WRITE = "comments.write"

DETAILS_OPEN = "details.open"

DIGEST_CHANGE = "digest.change"
DIGEST_FORM = "digest.form"
DIGEST_PAUSE = "digest.pause"
DIGEST_STOP = "digest.stop"

EXPORT_OPEN = "export.open"
EXPORT_SEND = "export.send"

HANDOVER_FORM = "handover.form"
HANDOVER_OPEN = "handover.open"
HANDOVER_TAKE_BACK = "handover.take_back"

INVITATION_ACCEPT = "invitation.accept"
INVITATION_CHANGE = "invitation.change"
INVITATION_DECLINE = "invitation.decline"
INVITATION_FORM = "invitation.form"

LOG_DETAILS = "log.details"
LOG_EDIT = "log.edit"
LOG_EDIT_FORM = "log.edit_form"
LOG_FORM = "log.form"
LOG_OPEN = "log.open"
LOG_RESTORE = "log.restore"
LOG_SAVE_ANSWER = "log.save_answer"
LOG_SAVE_MESSAGE = "log.save_message"
LOG_TAG = "log.tag"
LOG_UNDO = "log.undo"

LOG_GROWTH = "log_growth"
SAVE_MESSAGE = "save_message"

LOGS_CLEAR = "logs.clear"
LOGS_DELETE = "logs.delete"
LOGS_FILTER = "logs.filter"
LOGS_FILTER_FORM = "logs.filter_form"
LOGS_NEWER = "logs.newer"
LOGS_OLDER = "logs.older"
LOGS_OPEN = "logs.open"
LOGS_RESTORE = "logs.restore"

MENTORING_ACCEPT = "mentoring.accept"
MENTORING_ASK = "mentoring.ask"
MENTORING_ASK_FORM = "mentoring.ask_form"
MENTORING_DECLINE = "mentoring.decline"
MENTORING_DECLINE_FORM = "mentoring.decline_form"
MENTORING_END = "mentoring.end"
MENTORING_MENTEES = "mentoring.mentees"
MENTORING_MENTORS = "mentoring.mentors"
MENTORING_TAKE_BACK = "mentoring.take_back"
MENTORING_TICKED = "mentoring.ticked"
MENTORING_WANTED = "mentoring.wanted"

PAUSE_FORM = "pause.form"
PAUSE_OPEN = "pause.open"
PAUSE_RESUME = "pause.resume"

PRIVACY_FORGET = "privacy.forget"
PRIVACY_FORGET_FORM = "privacy.forget_form"

READING_LIST = "reading.list"
READING_SEEN = "reading.seen"

SCHEDULE_FORM = "schedule.form"
SCHEDULE_OPEN = "schedule.open"

SHARE_PRIVATE = "share.private"

WELCOME_LEVEL = "welcome.level"
WELCOME_NO_QUESTIONS = "welcome.no_questions"
WELCOME_TIME = "welcome.time"

# The first words of the values of the menus of a question.
VERB_ANOTHER = "another"
VERB_CHANGE = "change"
VERB_NEXT_WEEK = "next_week"
VERB_PAUSE = "pause"
