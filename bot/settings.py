"""The settings, read from the environment (and a `.env` file) once, at the edge."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

S = TypeVar("S", bound="Home")


class SettingsError(Exception):
    """What is missing or wrong in the environment, a sentence each."""


class Home(BaseSettings):
    """Where things live on this machine; enough for `demo` and for work on the database."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    database_url: SecretStr | None = None
    rung_home: Path | None = None
    xdg_data_home: Path | None = None
    ladder_dir: Path | None = None
    playground_journal: Path | None = None
    log_format: Literal["console", "json"] = "console"

    @field_validator("database_url")
    @classmethod
    def _postgres(cls, url: SecretStr | None) -> SecretStr | None:
        scheme = urlsplit(url.get_secret_value()).scheme if url else "postgresql"
        if scheme.partition("+")[0] not in {"postgres", "postgresql"}:
            raise ValueError(
                "is not a Postgres address: write it like postgresql://user:password@host/database,"
                " or leave it out and Rung starts a Postgres of its own"
            )
        return url

    @field_validator("ladder_dir")
    @classmethod
    def _folder(cls, folder: Path | None) -> Path | None:
        if folder and not folder.is_dir():
            raise ValueError(f"names a folder that is not there ({folder}): leave it out to use the shipped ladder")
        return folder


class Settings(Home):
    """All that `run` needs to serve a Slack workspace."""

    slack_bot_token: SecretStr = Field(default=SecretStr(""), validate_default=True)
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"
    port: int = 3000
    messages_per_minute: int = Field(default=240, ge=10, le=60_000)
    delivery_paused: bool = False
    keep_left_members_days: Annotated[int, Field(ge=1, le=36_500)] | Literal["forever"] = 365

    @property
    def keep_left(self) -> timedelta | None:
        """How long what belongs to those who left is kept; None for ever."""
        days = self.keep_left_members_days
        return None if days == "forever" else timedelta(days=days)

    @field_validator("keep_left_members_days", mode="before")
    @classmethod
    def _days(cls, days: object) -> object:
        if days == "forever" or (str(days).isascii() and str(days).isdigit() and 0 < int(str(days)) <= 36_500):
            return days
        raise ValueError(
            f"is {days}: write for how many days, 1 or more, what belongs to people who left is kept, or forever"
        )

    @field_validator("slack_bot_token")
    @classmethod
    def _bot_token(cls, token: SecretStr) -> SecretStr:
        if not token.get_secret_value():
            raise ValueError("is missing: copy the Bot User OAuth Token from your Slack app's page OAuth & Permissions")
        if not token.get_secret_value().startswith("xoxb-"):
            raise ValueError(
                "does not start with xoxb-: copy the Bot User OAuth Token from your Slack app's page"
                " OAuth & Permissions"
            )
        return token

    @field_validator("slack_app_token")
    @classmethod
    def _app_token(cls, token: SecretStr | None) -> SecretStr | None:
        if token and not token.get_secret_value().startswith("xapp-"):
            raise ValueError(
                "does not start with xapp-: create an app-level token with connections:write on your Slack app's"
                " page Basic Information, or leave it out and set SLACK_SIGNING_SECRET for HTTP mode"
            )
        return token

    @field_validator("slack_api_url")
    @classmethod
    def _api_url(cls, url: str) -> str:
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc:
            raise ValueError("is not an http or https address: leave it out to use Slack's own")
        return url.rstrip("/") + "/"

    @field_validator("port", mode="before")
    @classmethod
    def _port(cls, port: object) -> object:
        if not str(port).isascii() or not str(port).isdigit() or not 0 < int(str(port)) < 65536:
            raise ValueError(f"is {port}, which is no port: use a number from 1 to 65535, for example 3000")
        return port

    @model_validator(mode="after")
    def _a_transport(self) -> Self:
        if self.slack_app_token is None and self.slack_signing_secret is None:
            raise ValueError(
                "Set SLACK_APP_TOKEN (xapp-…) for Socket Mode or SLACK_SIGNING_SECRET for HTTP mode:"
                " both are on your Slack app's page Basic Information"
            )
        return self


def read(kind: type[S]) -> S:
    """The settings of that kind, or a SettingsError that says which are wrong, why and where to find them."""
    try:
        return kind()
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(fault["loc"], fault["msg"]) for fault in error.errors())) from None


def _sentence(loc: tuple[int | str, ...], message: str) -> str:
    ours = message.startswith("Value error, ")
    words = message.removeprefix("Value error, ") if ours else f"is wrong: {message[0].lower()}{message[1:]}"
    return f"{str(loc[0]).upper()} {words}." if loc else f"{words}."
