"""What is measured is what runs."""

from benchmarks.commands import COMMANDS, command
from bot.http.payloads import Command


def test_the_commands_that_are_measured_are_such_as_slack_sends() -> None:
    assert [Command.model_validate(command("T1", words)).text for words in COMMANDS] == list(COMMANDS)
