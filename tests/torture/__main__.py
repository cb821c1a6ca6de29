"""`make torture`: run after run with a seed each, and one table."""

import asyncio
import logging
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from bot import logs
from db.embedded import server
from tests.torture.run import Outcome, Plan, Run

WIDTH = 30
HAPPENED = ("kills", "restarts", "disconnects", "429", "500", "500 done", "lost", "lost done", "slow")
COLUMNS = ("seed", "members", *HAPPENED, "attempts", "reconciled", "DOUBLED", "LOST", "seconds")


def main(
    seeds: Annotated[int, typer.Option(min=1, help="How many runs.")] = 10,
    seed: Annotated[int, typer.Option(help="The seed of the first run; the next ones count up.")] = 1,
    members: Annotated[int, typer.Option(min=1, help="How many people are due one question in each run.")] = 5000,
    workspaces: Annotated[int, typer.Option(min=1, help="In how many workspaces they are.")] = 3,
) -> None:
    """Kill processes, Postgres and connections while questions go out, and count what arrives."""
    logs.configure("console", logging.CRITICAL)
    home = Path(tempfile.mkdtemp(prefix="rung-torture-"))
    home.chmod(0o711)  # as root the server runs as nobody, who has to get in
    typer.echo("  ".join(COLUMNS))
    try:
        outcomes = [_run(Plan(number, members, workspaces), home) for number in range(seed, seed + seeds)]
    finally:
        server.stop(home)
    if all(outcome.ok for outcome in outcomes):
        shutil.rmtree(home)
        typer.echo(f"Every one of {members:,} people has exactly one question, {seeds} times over.")
        return
    for outcome in outcomes:
        if not outcome.ok:
            typer.echo(f'Seed {outcome.plan.seed} failed. Again: make torture ARGS="{_again(outcome.plan)}"')
            typer.echo("\n".join(f"  {trouble}" for trouble in outcome.troubles))
    typer.echo(f"What the workers logged, and their Postgres, are in {home}")
    raise typer.Exit(1)


def _run(plan: Plan, home: Path) -> Outcome:
    outcome = asyncio.run(Run(plan, home).play(_progress if sys.stderr.isatty() else _silence))
    typer.echo(_line(outcome))
    return outcome


def _again(plan: Plan) -> str:
    return f"--seeds 1 --seed {plan.seed} --members {plan.members} --workspaces {plan.workspaces}"


def _line(outcome: Outcome) -> str:
    figures = {
        "seed": outcome.plan.seed,
        "members": outcome.plan.members,
        **{name: outcome.happened[name] for name in HAPPENED},
        "attempts": outcome.attempts,
        "reconciled": outcome.reconciled,
        "DOUBLED": outcome.doubled,
        "LOST": outcome.lost,
        "seconds": round(outcome.seconds),
    }
    return "  ".join(f"{figures[column]:>{len(column)}}" for column in COLUMNS)


def _progress(asked: int, outcome: Outcome) -> None:
    members, happened = outcome.plan.members, outcome.happened
    bar = "#" * (WIDTH * asked // members)
    sys.stderr.write(
        f"\rseed {outcome.plan.seed} [{bar:{WIDTH}}] {asked}/{members} asked,"
        f" {happened['kills']} kills, {happened['restarts']} restarts of Postgres \r"
    )


def _silence(_asked: int, _outcome: Outcome) -> None:
    pass


if __name__ == "__main__":
    typer.run(main)
