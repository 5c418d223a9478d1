"""The only reader of the environment: one variable a field, every error one line with its cure."""

import base64
import binascii
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsError(Exception):
    """One or more settings are missing or malformed; `lines` holds one readable line for each."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def _starts_with(prefix: str) -> AfterValidator:
    def check(value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not value.get_secret_value().startswith(prefix):
            raise ValueError(f"must start with {prefix} (api.slack.com/apps shows it)")
        return value

    return AfterValidator(check)


class Settings(BaseSettings):
    """What the environment (or the .env file) says. Secrets never show in a repr, a log or an error."""

    model_config = SettingsConfigDict(env_file_encoding="utf-8", extra="ignore", hide_input_in_errors=True)

    slack_bot_token: Annotated[SecretStr, _starts_with("xoxb-")] = Field(
        description="Bot token of the Slack app (OAuth & Permissions)."
    )
    slack_mode: Literal["socket", "http"] = Field(
        default="socket", description="How Slack reaches the app: `socket` (no public address) or `http`."
    )
    slack_app_token: Annotated[SecretStr, _starts_with("xapp-")] = Field(
        default=SecretStr(""), description="App-level token with connections:write; needed in socket mode."
    )
    slack_signing_secret: SecretStr = Field(
        default=SecretStr(""), description="Signing secret of the Slack app; needed in http mode."
    )
    slack_api_url: str = Field(
        default="https://slack.com/api/",
        description="Where the Slack Web API is; another one only for tests and demo.",
    )
    http_host: str = Field(default="127.0.0.1", description="Address that the web server listens on.")
    http_port: int = Field(default=8080, ge=0, le=65535, description="Port of the web server.")
    database_url: str = Field(
        default="sqlite:///deletion-desk.db",
        description="Deletion Desk's own store: a SQLite file or postgresql://…",
    )
    engine_url: str = Field(
        default="",
        description="The durable engine's store; empty: beside the own store (SQLite) or the same database (PostgreSQL).",
    )
    master_key: SecretStr = Field(
        description="32 random bytes, base64: `deletion-desk keygen` makes one. Losing it loses every open case."
    )
    systems_file: Path = Field(
        default=Path("systems.yaml"), description="The file that says what is connected."
    )
    openai_api_key: SecretStr = Field(
        default=SecretStr(""),
        description="Key of an OpenAI-compatible model; empty: the embedded rules read alone.",
    )
    openai_base_url: str = Field(
        default="", description="Another OpenAI-compatible server, e.g. http://127.0.0.1:8000/v1"
    )
    openai_model: str = Field(default="gpt-4.1-mini", description="Name of the model that reads messages.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="How much is logged."
    )

    public_url: str = Field(
        default="",
        description="Where customers reach the confirmation page, e.g. https://privacy.example.com; needed for e-mail.",
    )
    smtp_host: str = Field(default="", description="Mail server for messages to customers; empty: no e-mail.")
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Port of the mail server.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="How the connection is encrypted; `none` only for a server on this machine.",
    )
    smtp_user: str = Field(default="", description="User name at the mail server; empty: without signing in.")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="Password at the mail server.")
    smtp_from: str = Field(default="", description="Address that customers are written from, and answer to.")
    smtp_from_name: str = Field(default="", description="Name beside that address, e.g. Example Support.")
    smtp_ca_file: str = Field(
        default="", description="A certificate authority of your own for the mail server (PEM file)."
    )

    @field_validator("slack_bot_token", "master_key")
    @classmethod
    def _is_given(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value():
            raise ValueError("is empty")
        return value

    @field_validator("master_key")
    @classmethod
    def _is_a_key(cls, value: SecretStr) -> SecretStr:
        try:
            raw = base64.urlsafe_b64decode(value.get_secret_value())
        except (binascii.Error, ValueError):
            raw = b""
        if len(raw) != 32:
            raise ValueError("is not 32 bytes in url-safe base64; make one with `deletion-desk keygen`")
        return value

    @field_validator("database_url", "engine_url")
    @classmethod
    def _is_supported(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            raise ValueError("must start with sqlite:/// or postgresql://")
        return value

    @model_validator(mode="after")
    def _mode_has_its_secret(self) -> "Settings":
        if self.slack_mode == "socket" and not self.slack_app_token.get_secret_value():
            raise ValueError("SLACK_APP_TOKEN is missing: socket mode needs an app-level token (xapp-…)")
        if self.slack_mode == "http" and not self.slack_signing_secret.get_secret_value():
            raise ValueError(
                "SLACK_SIGNING_SECRET is missing: http mode needs it to tell Slack from anybody else"
            )
        return self

    @model_validator(mode="after")
    def _mail_is_complete(self) -> "Settings":
        here = {"127.0.0.1", "localhost", "::1"}
        url = urlsplit(self.public_url)
        if self.public_url and url.scheme != "https" and url.hostname not in here:
            raise ValueError(
                "PUBLIC_URL has to begin with https://: the page takes decisions about personal data"
            )
        if self.public_url and (not url.hostname or url.query or url.fragment):
            raise ValueError("PUBLIC_URL is not an address like https://privacy.example.com")
        if not self.smtp_host:
            return self
        for name in ("smtp_from", "public_url"):
            if not getattr(self, name):
                raise ValueError(f"{name.upper()} is missing: e-mail to customers needs it")
        if self.smtp_security == "none" and self.smtp_host not in here:
            raise ValueError("SMTP_SECURITY=none is for a mail server on this machine; use starttls or tls")
        return self

    @property
    def engine_database_url(self) -> str:
        """Return where the durable engine keeps its tables; on SQLite never our own file (design section 10)."""
        if self.engine_url:
            return self.engine_url
        if self.database_url.startswith("sqlite:///"):
            path = Path(self.database_url.removeprefix("sqlite:///"))
            return f"sqlite:///{path.with_name(path.stem + '-engine.db')}"
        return self.database_url


@dataclass(frozen=True, slots=True)
class EnvironmentSecrets:
    """The secrets that systems.yaml mentions by name: from the environment, then from the .env file."""

    env_file: Path | None = None

    def get(self, name: str) -> str:
        """Return the value of the variable. Raises KeyError with its name when it is not set."""
        value = os.environ.get(name) or _read_env_file(self.env_file).get(name) or ""
        if not value:
            raise KeyError(name)
        return value


def load(env_file: Path | None = None) -> Settings:
    """Return the settings. Raises SettingsError with one line for each thing that is missing or wrong."""
    if env_file is not None and not env_file.is_file():
        raise SettingsError((f"{env_file}: there is no such file; copy .env.example and fill it in",))
    try:
        return Settings(_env_file=env_file)  # type: ignore[call-arg]  # pydantic-settings' own keyword
    except ValidationError as error:
        raise SettingsError(
            tuple(_line(item["loc"], item["type"], item["msg"]) for item in error.errors())
        ) from None


def _line(loc: tuple[int | str, ...], kind: str, message: str) -> str:
    text = message.removeprefix("Value error, ")
    if not loc:
        return text
    name = str(loc[0]).upper()
    if kind == "missing" or text == "is empty":
        field = Settings.model_fields[str(loc[0])]
        return f"{name} is missing: set it in the environment or in .env. {field.description}"
    return f"{name}: {text}"


def _read_env_file(path: Path | None) -> dict[str, str | None]:
    return dotenv_values(path) if path else {}
