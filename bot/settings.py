"""The settings, read from the environment (and a `.env` file) once, at the edge."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

S = TypeVar("S", bound="Home")


class SettingsError(Exception):
    """What is missing or wrong in the environment, a sentence each by the setting's name ("" where it is several)."""

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        self.faults = faults
        super().__init__("\n".join(sentence for _, sentence in faults))


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
        if url and "@" in url.get_secret_value().partition("?")[0].partition("://")[2].rpartition("@")[0]:
            raise ValueError("has an @ within its user name or password: write that one as %40")
        return url

    @field_validator("ladder_dir")
    @classmethod
    def _folder(cls, folder: Path | None) -> Path | None:
        if folder and not folder.is_dir():
            raise ValueError(f"names a folder that is not there ({folder}): leave it out to use the shipped ladder")
        return folder


class WorkerSettings(Home):
    """What a worker needs to write to a Slack workspace."""

    slack_bot_token: SecretStr = Field(default=SecretStr(""), validate_default=True)
    slack_api_url: str = "https://slack.com/api/"
    port: int = 3000
    messages_per_minute: int = Field(default=240, ge=10, le=60_000)
    delivery_paused: bool = False

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


class Settings(WorkerSettings):
    """All that `run` needs to answer a Slack workspace, too."""

    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None

    @field_validator("slack_app_token")
    @classmethod
    def _app_token(cls, token: SecretStr | None) -> SecretStr | None:
        if token and not token.get_secret_value().startswith("xapp-"):
            raise ValueError(
                "does not start with xapp-: create an app-level token with connections:write on your Slack app's"
                " page Basic Information, or leave it out and set SLACK_SIGNING_SECRET for HTTP mode"
            )
        return token

    @model_validator(mode="after")
    def _a_transport(self) -> Self:
        if self.slack_app_token is None and self.slack_signing_secret is None:
            raise ValueError(
                "Set SLACK_APP_TOKEN (xapp-…) for Socket Mode or SLACK_SIGNING_SECRET for HTTP mode:"
                " both are on your Slack app's page Basic Information"
            )
        return self


class Forgiving(Settings):
    """The settings with the default in place of what is wrong, for the doctor to look at the rest."""

    @field_validator("*", mode="wrap")
    @classmethod
    def _or_default(cls, value: object, check: ValidatorFunctionWrapHandler, about: ValidationInfo) -> object:
        try:
            return check(value)
        except ValueError:
            return cls.model_fields[str(about.field_name)].default

    @model_validator(mode="after")
    def _a_transport(self) -> Self:
        return self


def read(kind: type[S]) -> S:
    """The settings of that kind, or a SettingsError that says which are wrong, why and where to find them."""
    try:
        return kind()
    except ValidationError as error:
        raise SettingsError([_fault(fault["loc"], fault["msg"]) for fault in error.errors()]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([("", f"The file .env cannot be read ({error}).")]) from None


def _fault(loc: tuple[int | str, ...], message: str) -> tuple[str, str]:
    ours = message.startswith("Value error, ")
    words = message.removeprefix("Value error, ") if ours else f"is wrong: {message[0].lower()}{message[1:]}"
    name = str(loc[0]).upper() if loc else ""
    return name, f"{name} {words}.".lstrip()
