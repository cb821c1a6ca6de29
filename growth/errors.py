"""What a person can do wrong, with the sentence that they will read."""

from datetime import date, datetime
from textwrap import shorten
from zoneinfo import ZoneInfo

from growth.cadence import spoken, spoken_date


class PersonError(Exception):
    """Something to tell the person, in plain words they can act on. `field` names the input that it is about."""

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


class NothingWritten(PersonError):
    def __init__(self) -> None:
        super().__init__("There is nothing to save yet: write a few words about what happened.", field="what")


class NothingSaid(PersonError):
    def __init__(self, *, field: str) -> None:
        super().__init__("There is nothing to send yet: write a few words.", field=field)


class NotInTheFuture(PersonError):
    def __init__(self) -> None:
        super().__init__("That day is still to come. Choose today or an earlier day.", field="happened_on")


class SavedOtherwise(PersonError):
    def __init__(self, there: str) -> None:
        gist = shorten(there, 80, placeholder="…")
        super().__init__(
            f"This is in your log already, in other words: “{gist}”. To add to it, copy what you wrote here, close"
            " this, and use Edit in /ladder logs.",
            field="what",
        )


class NotALink(PersonError):
    def __init__(self, line: str) -> None:
        super().__init__(f"“{line}” is no link: give each its own line, beginning with https://.", field="links")


class LinkTooLong(PersonError):
    def __init__(self, most: int) -> None:
        super().__init__(f"A link may have {most} characters, and one of these has more.", field="links")


class TooManyLinks(PersonError):
    def __init__(self, most: int) -> None:
        super().__init__(f"An entry keeps {most} links at most. Leave the best ones.", field="links")


class NotYourMentor(PersonError):
    def __init__(self) -> None:
        super().__init__(
            "Somebody you ticked is no longer your mentor, so nothing was saved. Close this and open it again.",
            field="readers",
        )


class NoLevelYet(PersonError):
    def __init__(self) -> None:
        super().__init__("I don't know your level yet. Type `/ladder next` and pick it, and we can start.")


class ProposedLevelGone(PersonError):
    def __init__(self) -> None:
        super().__init__(
            "The level that was filled in for you is no longer on this ladder, so nothing has started. Press *Change"
            " something first* and pick yours."
        )


class TargetNotAbove(PersonError):
    def __init__(self, level: str, above: str | None) -> None:
        pick = f"Pick {above} or higher." if above else "You are at the top already."
        super().__init__(f"Your target has to be above {level}. {pick}", field="target")


class NoSuchLevel(PersonError):
    def __init__(self, words: str, known: str) -> None:
        super().__init__(f"I know no level called “{words}”. The levels are {known}.")


class NoLongerThere(PersonError):
    def __init__(self, what: str) -> None:
        super().__init__(f"That {what} is no longer there, so nothing was changed.")


class NotReadable(PersonError):
    def __init__(self) -> None:
        super().__init__(
            "Slack does not let me read that message at the moment. It is still there and nothing is lost: please try"
            " again in a minute."
        )


class NotAskedNow(PersonError):
    def __init__(self, why: str | None) -> None:
        words = f" Your words, to copy: “{why}”." if why else ""
        super().__init__(
            "Slack does not tell me who that is at the moment, so I have asked nobody yet. Please try again in a"
            f" minute.{words}"
        )


class AnotherSince(PersonError):
    def __init__(self) -> None:
        super().__init__("A newer question has come since, so I won't ask this one again. You can still answer it.")


class AnotherIsSooner(PersonError):
    """`at` is when that comes, none where nobody can tell."""

    def __init__(self, at: datetime | None, zone: ZoneInfo) -> None:
        comes = f"comes before that, on {spoken(at, zone)}" if at else "is due before that"
        super().__init__(f"Your next question {comes}. This one stays open until you answer it.")


class NotADay(PersonError):
    def __init__(self, words: str) -> None:
        super().__init__(
            f"I don't know which day “{words}” is. Say it like this: `/ladder pause until 2 Jan`, `until next Monday`,"
            " or `two weeks`.",
            field="until",
        )


class PauseInThePast(PersonError):
    def __init__(self, tomorrow: str) -> None:
        super().__init__(f"A pause ends on a day to come: {tomorrow} is the first you can pick.", field="until")


class PauseTooLong(PersonError):
    def __init__(self, last: str) -> None:
        super().__init__(
            f"A pause can last a year, so until {last} at most. `/ladder set off` stops the questions for good.",
            field="until",
        )


class NothingToPause(PersonError):
    def __init__(self) -> None:
        super().__init__("There is nothing to pause: I start nothing by myself for you. `/ladder set on` changes that.")


class NothingToResume(PersonError):
    def __init__(self) -> None:
        super().__init__(
            "There is nothing to resume: I start nothing by myself for you. `/ladder set on` changes that."
        )


class GoneForGood(PersonError):
    def __init__(self) -> None:
        super().__init__("That was deleted more than ten minutes ago, so it is gone for good.")


class NotConfirmed(PersonError):
    def __init__(self, phrase: str, *, field: str) -> None:
        super().__init__(f"Nothing was removed. If you mean it, type: {phrase}", field=field)


class StillBusy(PersonError):
    def __init__(self) -> None:
        super().__init__(
            "Something of yours is being written at this moment, so nothing was removed. Please press once more."
        )


class BegunAnew(PersonError):
    def __init__(self) -> None:
        super().__init__(
            "What this form was about is gone already, and you have begun anew since. To remove that too:"
            " `/ladder forget me`."
        )


class OutOfDate(PersonError):
    def __init__(self) -> None:
        super().__init__(
            "That is from an older version of Rung, so nothing was changed. `/ladder help` shows what there is."
        )


class NotForGuests(PersonError):
    def __init__(self) -> None:
        super().__init__("Rung is for the full members of this workspace, so I keep no log for guests and visitors.")


class AdminsOnly(PersonError):
    def __init__(self) -> None:
        super().__init__(
            "That page is for the admins and owners of this Slack workspace. It shows how many people take part, in"
            " broad bands, and never who. `/ladder help` shows what is there for you."
        )


class OnlyWithLevels(PersonError):
    def __init__(self) -> None:
        super().__init__("Name two different levels, for example `/ladder compare L4 L5`.")


class NotYourOwnMentor(PersonError):
    def __init__(self) -> None:
        super().__init__("That is you. Pick somebody whose work you would like to learn from.", field="person")


class NoMentorHere(PersonError):
    def __init__(self) -> None:
        super().__init__(
            "I can only ask full members of this workspace: no guests, apps, or people who left. Pick another one.",
            field="person",
        )


class OneMentorAtATime(PersonError):
    def __init__(self) -> None:
        super().__init__("Ask one person at a time, for example `/ladder mentor @sam`.")


class TooManyRequests(PersonError):
    def __init__(self, most: int) -> None:
        super().__init__(
            f"{most} people have not answered you yet, and more at once would be much. Take one request back in"
            " `/ladder mentors`, or wait for an answer.",
            field="person",
        )


class TakesNoMentees(PersonError):
    def __init__(self) -> None:
        super().__init__("They have no room for another mentee at the moment. Ask somebody else.", field="person")


class AskAgainLater(PersonError):
    def __init__(self, day: date, today: date) -> None:
        super().__init__(
            "They could not say yes lately, and you have asked once more since. You can ask them again from"
            f" {spoken_date(day, today)}.",
            field="person",
        )


class NoRoomForMore(PersonError):
    def __init__(self, most: int) -> None:
        people = "1 mentee" if most == 1 else f"{most} mentees"
        room = f"You have room for {people}, and it is taken" if most else "You chose to take no mentees"
        super().__init__(f"{room}. `/ladder mentees` changes that; the request waits for you.")


class NoLongerShared(PersonError):
    def __init__(self) -> None:
        super().__init__("That is no longer shared with you, so nothing was changed.")


class NoMentees(PersonError):
    def __init__(self) -> None:
        super().__init__("You mentor nobody yet, so there is nothing to bring you. Whoever asks you, I'll tell you.")


class AlreadyAnswered(PersonError):
    def __init__(self) -> None:
        super().__init__("That request is no longer open, so nothing was changed. `/ladder mentees` shows how it is.")


class TooLong(PersonError):
    def __init__(self, most: int, *, field: str) -> None:
        super().__init__(f"That is a little long: say it in {most} characters.", field=field)
