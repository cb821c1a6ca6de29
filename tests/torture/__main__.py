"""`make torture`: run after run with a seed each, and a table."""

import asyncio
import logging
import shutil
import sys
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot import logs
from db.embedded import server
from tests.torture.plan import Outcome, Plan
from tests.torture.questions import Questions
from tests.torture.readers import Readers
from tests.torture.run import Run

WIDTH = 30
HAPPENED = ("kills", "restarts", "disconnects", "429", "500", "500 done", "lost", "lost done", "slow")


class What(StrEnum):
    """What goes on in a run."""

    QUESTIONS = "questions"
    REFRESHES = "refreshes"


PROVEN = {
    What.QUESTIONS: "Every one of {members:,} people has exactly one question, {seeds} times over.",
    What.REFRESHES: "Nobody of {members:,} people reads what they may not, or in old words, {seeds} times over.",
}
WORKS: dict[What, type[Questions | Readers]] = {What.QUESTIONS: Questions, What.REFRESHES: Readers}


def main(
    what: Annotated[What, typer.Option(help="What goes on meanwhile.")] = What.QUESTIONS,
    seeds: Annotated[int, typer.Option(min=1, help="How many runs.")] = 10,
    seed: Annotated[int, typer.Option(help="The seed of the first run; the next ones count up.")] = 1,
    members: Annotated[int, typer.Option(min=1, help="How many people there are in each run.")] = 5000,
    workspaces: Annotated[int, typer.Option(min=1, help="In how many workspaces they are.")] = 3,
) -> None:
    """Kill processes, Postgres and connections while Rung is at work, and compare what people see in the end."""
    logs.configure("console", logging.CRITICAL)
    home = Path(tempfile.mkdtemp(prefix="rung-torture-"))
    home.chmod(0o711)  # as root the server runs as nobody, who has to get in
    typer.echo("  ".join(_columns(what)))
    try:
        outcomes = [_run(what, Plan(number, members, workspaces), home) for number in range(seed, seed + seeds)]
    finally:
        server.stop(home)
    if all(outcome.ok for outcome in outcomes):
        shutil.rmtree(home)
        typer.echo(PROVEN[what].format(members=members, seeds=seeds))
        return
    for outcome in outcomes:
        if not outcome.ok:
            typer.echo(f"Seed {outcome.plan.seed} failed. Again: python -m tests.torture {_again(what, outcome.plan)}")
            typer.echo("\n".join(f"  {trouble}" for trouble in outcome.troubles))
    typer.echo(f"What the workers logged, and their Postgres, are in {home}")
    raise typer.Exit(1)


def _run(what: What, plan: Plan, home: Path) -> Outcome:
    outcome = asyncio.run(Run(plan, home, WORKS[what]).play(_progress if sys.stderr.isatty() else _silence))
    typer.echo(_line(what, outcome))
    return outcome


def _again(what: What, plan: Plan) -> str:
    return f"--what {what} --seeds 1 --seed {plan.seed} --members {plan.members} --workspaces {plan.workspaces}"


def _columns(what: What) -> tuple[str, ...]:
    return ("seed", "members", *HAPPENED, *WORKS[what].figures, "seconds")


def _line(what: What, outcome: Outcome) -> str:
    figures = {
        "seed": outcome.plan.seed,
        "members": outcome.plan.members,
        **{name: outcome.happened[name] for name in HAPPENED},
        **outcome.figures,
        "seconds": round(outcome.seconds),
    }
    return "  ".join(f"{figures[column]:>{len(column)}}" for column in _columns(what))


def _progress(done: float, outcome: Outcome) -> None:
    happened = outcome.happened
    bar = "#" * int(WIDTH * done)
    sys.stderr.write(
        f"\rseed {outcome.plan.seed} [{bar:{WIDTH}}] {done:.0%} done,"
        f" {happened['kills']} kills, {happened['restarts']} restarts of Postgres \r"
    )


def _silence(_done: float, _outcome: Outcome) -> None:
    pass


if __name__ == "__main__":
    typer.run(main)
