"""Reading forms: the state of a view, and what a form remembers between opening and submitting."""

from datetime import date
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from growth.errors import PersonError
from handlers.slack.blocks import Json
from handlers.slack.text import storable

M = TypeVar("M", bound="Memory")
INPUT = "value"  # the action id of every input: the block says which one it is


RowId = Annotated[int, Field(gt=0, lt=2**63)]


class Memory(BaseModel):
    """What a form remembers, as JSON in `private_metadata`: first of all, where it was opened.

    `message_ts` is the message whose button opened it, `below` the modal; `listing` the list that either shows.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    response_url: str | None = None
    from_home: bool = False
    message_ts: str | None = None
    below: str | None = None
    listing: str | None = None

    @classmethod
    def of(cls: type[M], view: Json) -> M:
        """What the view remembers; a view of another version of Rung is refused with a sentence."""
        try:
            return cls.model_validate_json(view.get("private_metadata") or "{}")
        except ValidationError:
            raise PersonError("This form is from an older version of Rung. Close it and open it again.") from None


def value(view: Json, name: str) -> str:
    """What was filled in: text, a date, a time, or the value of the chosen option; empty for nothing."""
    return as_filled(view, name).strip()


def as_filled(view: Json, name: str) -> str:
    """As `value`, with the spaces and empty lines around it."""
    state = view["state"]["values"].get(name, {}).get(INPUT, {})
    chosen = state.get("selected_option")
    filled = chosen["value"] if chosen else _first(state, "value", "selected_date", "selected_time")
    return storable(str(filled or ""))


def values(view: Json, name: str) -> tuple[str, ...]:
    """The values of the options chosen in a menu where one can choose several, in their order."""
    state = view["state"]["values"].get(name, {}).get(INPUT, {})
    return tuple(option["value"] for option in state.get("selected_options") or ())


def _first(state: Json, *keys: str) -> object:
    return next((state[key] for key in keys if state.get(key)), None)


def day(view: Json, name: str) -> date | None:
    """The date that was picked, none for none."""
    picked = value(view, name)
    try:
        return date.fromisoformat(picked) if picked else None
    except ValueError:
        raise PersonError("Pick a day from the calendar.", field=name) from None
