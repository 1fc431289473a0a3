"""All that an operator can set, from the environment (EVENDAY_…) or `evenday.env` in the home folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import SettingsError

ENV_FILE = "evenday.env"
ROOT = Path(__file__).resolve().parent.parent


def home() -> Path:
    """The folder of the database, keys and logs: known before the settings, since they are read from it."""
    return Path(os.environ.get("EVENDAY_HOME", ROOT / "var"))


class Settings(BaseSettings):
    """One field a setting; docs/reference/settings.md lists them all, and a test holds the two together."""

    model_config = SettingsConfigDict(env_prefix="EVENDAY_", extra="ignore", hide_input_in_errors=True)

    home: Path = Field(default_factory=home, description="Folder for the database, keys, spool and logs.")
    database_url: str = Field("", description="Database, as an SQLAlchemy URL; empty: SQLite in `home`.")
    keys: SecretStr = Field(SecretStr(""), description="Sealing keys, base64, newest first, separated by commas.")
    site_name: str = Field("Evenday", description="What patients and staff see as the sender's name.")
    default_country: str = Field("US", description="Country (ISO code) taken where a patient's is not known.")
    default_zone: str = Field("UTC", description="IANA zone taken where a patient's is not known.")
    enrolment: Literal["open", "invited"] = Field(
        "open", description="`open`: whoever writes may join; `invited`: only with a code made by staff."
    )
    cover_hours: str = Field(
        "", description="When staff are on duty, e.g. `Mon-Fri 09:00-17:00 Europe/London`; empty: nobody."
    )

    demo: bool = Field(
        True,
        description="Whether `evenday run` puts made-up people into an empty SQLite database, with no Telegram and no SMS.",
    )
    second_factor: Literal["optional", "required"] = Field(
        "optional",
        description="Whether staff must log in with more than a password: a code of an app besides it, or a passkey.",
    )

    host: str = Field("127.0.0.1", description="Address that the gateway listens on.")
    port: int = Field(8080, description="Port of the gateway; the next free one is taken if it is in use.")
    action_port: int = Field(0, description="Loopback port of the action endpoint; 0: a free one.")
    rasa_port: int = Field(0, description="Loopback port of Rasa; 0: a free one.")
    rasa_url: str = Field(
        "", description="Address of a Rasa that something else runs; empty: started by `evenday run`."
    )
    public_url: str = Field("", description="https://… address by which providers and staff reach the gateway.")
    dialogue_timeout_seconds: float = Field(8.0, description="How long one message may take in Rasa.")
    apology_after_seconds: float = Field(6.0, description="Wait after which a person is told that the answer is late.")

    telegram_token: SecretStr = Field(SecretStr(""), description="Bot token from @BotFather; empty: Telegram is off.")
    telegram_secret: SecretStr = Field(
        SecretStr(""), description="Webhook secret (1-256 of A-Z a-z 0-9 _ -); made at first start."
    )
    telegram_api_url: str = Field("https://api.telegram.org", description="Bot API server.")
    telegram_per_second: float = Field(25.0, description="Most messages a second over all chats.")

    twilio_account_sid: str = Field("", description="Account SID (AC…); empty: SMS is off.")
    twilio_auth_tokens: SecretStr = Field(
        SecretStr(""), description="Auth tokens, the first sends; separated by commas."
    )
    twilio_messaging_service_sid: str = Field("", description="Messaging Service (MG…) that sends.")
    twilio_call_from: str = Field(
        "", description="Number (E.164) that calls staff when they are paged; empty: nobody is called."
    )
    twilio_api_url: str = Field("https://api.twilio.com", description="Twilio's REST API.")
    sms_per_second: float = Field(1.0, description="Most SMS a second (MPS of the sender).")
    sms_provider_confirms_stop: bool = Field(True, description="Twilio itself confirms STOP, so we do not.")

    paging_policy: str = Field(
        "", description="The site's own paging policy, a file of the form of data/coach/safety/paging.yml."
    )
    drill: str = Field(
        "", description="When a drill is due each week, e.g. `Wed 10:00` in `default_zone`; empty: none."
    )
    test_page: str = Field(
        "", description="When the first person on call gets a test page, e.g. `Mon-Sun 09:00`; empty: none."
    )
    operator_urls: SecretStr = Field(
        SecretStr(""), description="Where the operator is told of trouble: apprise URLs, separated by spaces."
    )
    heartbeat_url: SecretStr = Field(
        SecretStr(""), description="Asked each minute while all is well: a dead man's switch that alarms when it stops."
    )
    silence_hours: float = Field(0, description="Hours without any message after which the operator is told; 0: never.")

    quiet_from: str = Field("20:00", description="Start of quiet hours, patient's local time.")
    quiet_until: str = Field("09:00", description="End of quiet hours; a check-in time that the person chose wins.")
    webhook_secret: SecretStr = Field(
        SecretStr(""), description="Secrets that sign pages by webhook, separated by commas; empty: not signed."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")

    @field_validator("default_zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        from zoneinfo import ZoneInfo

        try:
            ZoneInfo(zone)
        except (KeyError, ValueError):
            raise ValueError("is no IANA zone such as Europe/London") from None
        return zone

    @property
    def key_list(self) -> list[str]:
        """The sealing keys, newest first."""
        return [key.strip() for key in self.keys.get_secret_value().split(",") if key.strip()]

    @property
    def webhook_secret_list(self) -> list[str]:
        """The secrets that sign pages by webhook: all of them sign, so that the receiver may change at leisure."""
        return [secret.strip() for secret in self.webhook_secret.get_secret_value().split(",") if secret.strip()]

    @property
    def twilio_token_list(self) -> list[str]:
        """Twilio's auth tokens; the first signs our calls, any may have signed theirs."""
        return [token.strip() for token in self.twilio_auth_tokens.get_secret_value().split(",") if token.strip()]

    @property
    def operator_url_list(self) -> list[str]:
        """Where the operator is told of trouble."""
        return self.operator_urls.get_secret_value().split()

    @property
    def database(self) -> str:
        """The database's URL, with the embedded default filled in."""
        return self.database_url or f"sqlite:///{self.home / 'evenday.sqlite'}"

    @property
    def public(self) -> str:
        """The address that people and providers use, without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


def load(**given: object) -> Settings:
    """The settings in force.

    Raises:
        SettingsError: names the first setting that can't be used.
    """
    try:
        return Settings(_env_file=home() / ENV_FILE, **given)  # type: ignore[arg-type]  # pydantic checks what the environment and callers give
    except ValidationError as error:
        first = error.errors()[0]
        name = "EVENDAY_" + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsError(f"{name}: {first['msg']}") from None
