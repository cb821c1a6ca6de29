"""What is measured is what runs."""

from benchmarks.commands import next_
from bot.http.payloads import Command


def test_the_command_that_is_measured_is_one_that_slack_could_send() -> None:
    assert Command.model_validate(next_("T1")).text == "next"
