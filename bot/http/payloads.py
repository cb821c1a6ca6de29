"""What Slack sends, held to what the listeners take for granted: of its shape, and without what Postgres refuses."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from slack_bolt.context.async_context import AsyncBoltContext

from handlers.slack.blocks import Json
from handlers.slack.text import storable

Id = Annotated[str, Field(pattern=r"^[A-Z0-9]{1,40}$")]
Ts = Annotated[str, Field(pattern=r"^[0-9]{1,10}\.[0-9]{1,6}$")]
Url = Annotated[str, Field(pattern=r"^https?://[!-~]+$")]
DEEPEST = 60  # levels: what people paste nests some ten in Slack's rich text
LARGEST = 2**63


class Shape(BaseModel):
    """A part of a payload, in those fields that listeners read; Slack may send more."""

    model_config = ConfigDict(strict=True)


class Context(Shape):
    """What Bolt took from a payload for every listener."""

    user_id: Id | None = None
    team_id: Id | None = None
    enterprise_id: Id | None = None
    channel_id: Id | None = None
    thread_ts: Ts | None = None
    response_url: Url | None = None


class Thing(Shape):
    id: Id


class Option(Shape):
    value: str


class Filled(Shape):
    """What was put into an element."""

    value: str | None = None
    selected_date: str | None = None
    selected_time: str | None = None
    selected_user: Id | None = None
    selected_option: Option | None = None
    selected_options: list[Option] | None = None


class Action(Filled):
    action_id: str
    block_id: str
    action_ts: Ts


class State(Shape):
    values: dict[str, dict[str, Filled]]


class View(Shape):
    id: Id
    type: str
    callback_id: str | None = None
    private_metadata: str | None = None
    blocks: list[Json]


class Form(View):
    callback_id: str
    state: State


class Said(Shape):
    """A message; the one before a change may be without its time."""

    ts: Ts | None = None
    thread_ts: Ts | None = None
    user: Id | None = None
    bot_id: str | None = None
    text: str | None = None


class Message(Said):
    ts: Ts
    username: str | None = None
    bot_profile: Json | None = None


class Container(Shape):
    type: str
    message_ts: Ts | None = None


class Command(Shape):
    command: str
    user_id: Id
    trigger_id: str
    text: str | None = None


class Interaction(Shape):
    user: Thing
    team: Json | None = None


class Click(Interaction):
    trigger_id: str
    container: Container
    actions: Annotated[list[Action], Field(min_length=1)]
    channel: Thing | None = None
    message: Message | None = None
    view: View | None = None


class Submission(Interaction):
    view: Form


class Shortcut(Interaction):
    callback_id: str
    trigger_id: str


class MessageShortcut(Shortcut):
    channel: Thing
    message: Message


class Event(Shape):
    type: str


class Spoken(Event, Said):
    """A message in a conversation, or a change to one."""

    ts: Ts
    channel: Id
    subtype: str | None = None
    channel_type: str | None = None
    message: Message | None = None
    previous_message: Said | None = None


class Profile(Thing):
    tz: str | None = None


class ProfileChange(Event):
    user: Profile


class Happened(Shape):
    event: Event


KINDS: dict[str, type[Shape]] = {
    "command": Command,
    "block_actions": Click,
    "view_submission": Submission,
    "shortcut": Shortcut,
    "message_action": MessageShortcut,
    "event_callback": Happened,
}
EVENTS: dict[str, type[Event]] = {"message": Spoken, "user_change": ProfileChange}
OF_BOLT = ("url_verification",)  # Slack's question whether the address is right, which Bolt answers


class NotSlacks(ValueError):
    """A payload that is not as Slack sends it; says where, and nothing of what stands there."""


def checked(body: Json, context: AsyncBoltContext) -> Json:
    """The payload, fit for listeners. Raises NotSlacks."""
    try:
        fit = {storable(name): _fit(value) for name, value in body.items()}
        Context.model_validate({name: context.get(name) for name in Context.model_fields})
        _name_nothing(fit.get("view"))
        _check(fit)
    except ValidationError as error:
        raise NotSlacks(" ".join(map(str, error.errors(include_input=False)[0]["loc"]))) from None
    for action in fit.get("actions", ()):
        _complete(action)
    return fit


def _check(body: Json) -> None:
    kind = "command" if "command" in body else body.get("type")
    if kind in OF_BOLT:
        return
    if kind not in KINDS or (kind == "command" and "type" in body):
        raise NotSlacks("type")
    KINDS[kind].model_validate(body)
    if kind == "event_callback":
        EVENTS.get(body["event"]["type"], Event).model_validate(body["event"])


def _name_nothing(view: Any) -> None:  # noqa: ANN401 # not checked yet
    """Where nothing can be filled in, Slack may send a list without items in place of what is named."""
    state = view.get("state") if isinstance(view, dict) else None
    if isinstance(state, dict) and state.get("values") == []:
        state["values"] = {}


def _complete(action: Json) -> None:
    """Whatever element it came from, an action has a value and choices: a listener refuses what is none of its own."""
    action["value"] = action.get("value") or ""
    action["selected_option"] = action.get("selected_option") or {"value": ""}
    action["selected_options"] = action.get("selected_options") or []


def _fit(node: Any, depth: int = 0) -> Any:  # noqa: ANN401 # any part of what JSON can say
    if isinstance(node, str):
        return storable(node)
    if depth > DEEPEST:
        raise NotSlacks("too deep")
    if isinstance(node, dict):
        return {storable(key): _fit(value, depth + 1) for key, value in node.items()}
    if isinstance(node, list):
        return [_fit(value, depth + 1) for value in node]
    if isinstance(node, int | float) and not -LARGEST < node < LARGEST:  # NaN is on neither side
        raise NotSlacks("number")
    return node
