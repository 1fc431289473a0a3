"""Settings, and an ear for secrets in the logs."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog
from recorders import ADDRESSES, TOKEN
from structlog.testing import capture_logs

from bot.channels import sms, telegram
from bot.logs import silence
from bot.settings import Settings, load


@pytest.fixture(scope="session")
def settings() -> Settings:
    return load(
        public_url="https://coach.example",
        telegram_token="42:THE-BOTS-TOKEN",
        telegram_secret="THE-WEBHOOKS-SECRET",
        telegram_api_url="https://api.telegram.org",
        twilio_account_sid="AC" + "0" * 32,
        twilio_auth_tokens="FIRST-AUTH-TOKEN,SECOND-AUTH-TOKEN",
        twilio_messaging_service_sid="MG" + "0" * 32,
        twilio_call_from="+14155550100",
        twilio_api_url="https://api.twilio.com",
    )


class Ear(logging.Handler):
    """Hears every standard record of every library, as it would be printed."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(self.format(record))


@pytest.fixture(autouse=True)
def no_secret_is_logged(settings: Settings, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Every test in this folder also asserts that no secret, address or word reached a log or a stream."""
    root, ear = logging.getLogger(), Ear()
    before = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(ear)  # pytest empties its own after each phase, so it would hear nothing here
    silence()  # as the product does, whatever ran before
    structlog.reset_defaults()
    with capture_logs() as events:
        yield
    root.removeHandler(ear)
    root.setLevel(before)
    streams = capfd.readouterr()
    told = "\n".join([str(events), *ear.heard, streams.out, streams.err])
    for value in (*telegram.redact(settings), *sms.redact(settings), *ADDRESSES, TOKEN, "worst flare"):
        assert value not in told
