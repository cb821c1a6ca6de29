"""The table of listeners: what a command needs to be one, and how a listener is found."""

from pathlib import Path

import pytest

from bot.http.metrics import labels
from growth.errors import OutOfDate
from handlers.slack.interaction import Interaction
from handlers.slack.message import Message
from handlers.slack.router import Group, Router
from handlers.usage import listeners as help_
from ladder_content.loader import check, default_folder
from ladder_content.model import Ladder
from tests.support.world import MAYA, World, text_of


async def knock(_: Interaction) -> Message:
    return Message.of("Who is there?")


async def nothing(_: Interaction) -> None: ...


def with_knock() -> Router:
    """A table with help and one command, which took a function and this line."""
    router = Router()
    help_.register(router)
    router.command("knock", knock, Group.LOG, {"knock {higher}": "a joke"}, aliases=("rap",), also=("tap",))
    return router


async def test_a_function_and_a_line_make_a_command(world: World) -> None:
    """It is answered, in the help, among what may have been meant, and counted."""
    vars(world.service.app.router).update(vars(with_knock()))
    for words in ("knock", "KNOCK twice", "rap", "tap"):
        assert text_of(await world.ladder_command(MAYA, words)) == "Who is there?", words
    shown = text_of(await world.ladder_command(MAYA, "help"))
    assert "*Your growth log*\n`/ladder knock L6`  a joke" in shown
    assert (await world.ladder_command(MAYA, "knokc")).text == "Did you mean `/ladder knock`?"
    assert (await world.ladder_command(MAYA, "rapp")).text == "Did you mean `/ladder rap`?"


def test_it_is_counted_by_its_name() -> None:
    router = with_knock()
    for word in ("knock", "Rap", "tap"):
        assert labels({"command": "/ladder", "text": f"{word} a secret"}, router) == ("command", "knock")
    assert labels({"command": "/ladder", "text": "knocks"}, router) == ("command", "other")


def test_no_level_may_be_called_like_it(tmp_path: Path) -> None:
    router = with_knock()
    assert {"knock", "rap", "tap"} <= router.reserved
    for path in default_folder().rglob("*"):
        if path.is_file():
            copy = tmp_path / path.relative_to(default_folder())
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(path.read_text().replace("[L5,", "[L5, Rap,"))
    assert check(tmp_path) == []
    assert ["Rap" in str(fault) for fault in check(tmp_path, router.reserved)] == [True]


def test_the_help_and_the_readme_list_it(ladder: Ladder) -> None:
    assert next(iter(with_knock().usage(ladder))) == ("Your growth log", "knock L6", "a joke")


def test_the_longest_registered_id_is_meant() -> None:
    router = Router()
    router.action("log.open", knock)
    router.action("log.open.list", nothing)
    assert router.for_action({"action_id": "log.open"}) is knock
    assert router.for_action({"action_id": "log.open.17"}) is knock
    assert router.for_action({"action_id": "log.open.list"}) is nothing
    assert router.for_action({"action_id": "log.open.list.17.3"}) is nothing
    for other in ("log", "log.opened", "open", ""):
        with pytest.raises(OutOfDate):
            router.for_action({"action_id": other})


def test_a_verb_is_looked_for_before_the_id_alone() -> None:
    router = Router()
    router.action("menu", knock)
    router.action("menu", nothing, "skip")
    meant = {"skip": nothing, "skip 17": nothing, "skipped": knock, "17 skip": knock, "": knock}
    for chosen, listener in meant.items():
        assert router.for_action({"action_id": "menu", "selected_option": {"value": chosen}}) is listener, chosen
        assert router.for_action({"action_id": "menu.9", "value": chosen}) is listener, chosen


def test_only_what_has_the_verb_is_found_without_one_for_the_id() -> None:
    router = Router()
    router.action("menu", knock, "skip")
    assert router.for_action({"action_id": "menu", "value": "skip 3"}) is knock
    with pytest.raises(OutOfDate):
        router.for_action({"action_id": "menu", "value": "later 3"})


def test_what_is_registered_twice_is_refused() -> None:
    router = with_knock()
    for register in (router.view, router.shortcut, router.event, router.action):
        register("same", knock)
        with pytest.raises(ValueError, match="same"):
            register("same", nothing)
    router.action("same", nothing, "verb")
    with pytest.raises(ValueError, match="same verb"):
        router.action("same", knock, "verb")
    for name, aliases in {"knock": (), "other": ("rap",), "tap": (), "another": ("help",)}.items():
        with pytest.raises(ValueError, match="two commands"):
            router.command(name, nothing, Group.LOG, {}, aliases=aliases)


def test_what_nobody_knows_is_out_of_date_and_an_event_is_nobodys(ladder: Ladder) -> None:
    router = Router()
    for find in (router.for_view, router.for_shortcut):
        with pytest.raises(OutOfDate):
            find("gone")
    assert router.for_event("team_join") is None
    with pytest.raises(OutOfDate):
        router.for_command("/ladder", "knock", "knock", ladder)
    router.otherwise(nothing)
    assert router.for_command("/ladder", "knock", "knock", ladder) is nothing
    with pytest.raises(OutOfDate):
        router.for_command("/remind", "knock", "knock", ladder)


def test_a_command_comes_before_a_level_and_a_level_before_anything_else(ladder: Ladder) -> None:
    async def level(_: Interaction) -> None: ...

    async def otherwise(_: Interaction) -> None: ...

    router = Router()
    router.level(level, Group.LADDER, {})
    router.otherwise(otherwise)
    assert router.for_command("/ladder", "senior", "Senior ML Engineer", ladder) is level
    assert router.for_command("/ladder", "senior", "senior words", ladder) is otherwise
    router.command("senior", knock, Group.LADDER, {})
    assert router.for_command("/ladder", "senior", "Senior ML Engineer", ladder) is knock
