"""`python -m bot tokens`, and `run` for many workspaces, as whoever runs Rung uses them."""

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner

from bot.__main__ import cli
from db.engine import Sessions
from db.workspaces import installations
from db.workspaces.installations import Cipher
from ladder_content.model import Ladder
from tests.support.many_workspaces import NEW_KEY, OLD_KEY, many
from tests.support.processes import free_port, output, rung


def test_a_key_is_made() -> None:
    keys = [CliRunner().invoke(cli, ["tokens", "key"]).stdout.strip() for _ in range(2)]
    assert len(set(keys)) == 2
    Cipher(keys)


async def test_keys_are_changed_while_rung_runs_on(
    engine: AsyncEngine, ladder: Ladder, database_url: str, tmp_path: Path
) -> None:
    async with many(engine, ladder, keys=(NEW_KEY, OLD_KEY)) as app:
        await app.install(app.north)
        async with Sessions(engine).begin() as session:
            await installations.reencrypt(session, Cipher([OLD_KEY, NEW_KEY]))
        both = {"TOKEN_KEYS": f"{NEW_KEY},{OLD_KEY}", "DATABASE_URL": database_url}
        turned = await output("tokens", "rotate", folder=tmp_path, **both)
        assert turned.stderr == ""
        assert turned.stdout == "2 of 2 tokens were brought under the first key; now it opens all of them.\n"
        assert (await app.north.playground.command("maya", "/ladder next")).ok

        settings = both | {
            "SLACK_CLIENT_ID": app.slack.client_id,
            "SLACK_CLIENT_SECRET": app.slack.client_secret,
            "SLACK_SIGNING_SECRET": "playground",
            "SLACK_API_URL": app.service._slack.api_url,
            "LOG_FORMAT": "json",
        }
        ended = await output("run", folder=tmp_path, **settings | {"TOKEN_KEYS": OLD_KEY, "PORT": str(free_port())})
        assert (ended.code, ended.stdout) == (2, "")
        assert ended.stderr == (
            "No key in TOKEN_KEYS opens a token in the database: add the key that it was encrypted with, at the end.\n"
        )
        for keys, line in ((OLD_KEY, "✗ token keys         No key in TOKEN_KEYS opens"), (NEW_KEY, "✓ token keys  ")):
            seen = await output("doctor", folder=tmp_path, **settings | {"TOKEN_KEYS": keys})
            assert line in seen.stdout
        async with rung(settings | {"PORT": str(free_port())}, tmp_path) as running:
            status, page = await running.request("GET", "/slack/install")
            assert (status, "Add to Slack" in page) == (200, True)
            assert await running.end() == 0
            assert app.slack.client_secret not in running.log
