"""How often somebody may try to come in."""

from __future__ import annotations

from dataclasses import dataclass, field

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

PER_ADDRESS = RateLimitItemPerMinute(20)
PER_LOGIN = RateLimitItemPerMinute(10)


@dataclass(frozen=True)
class Tries:
    """Counts tries to log in, by network address and by login, in a moving minute."""

    limiter: MovingWindowRateLimiter = field(default_factory=lambda: MovingWindowRateLimiter(MemoryStorage()))

    def may_try(self, address: str, login: str) -> bool:
        """Count one try; False where there were too many."""
        return self._hit(PER_ADDRESS, "address", address) and self._hit(PER_LOGIN, "login", login)

    def may_ask(self, address: str) -> bool:
        """Count one challenge that somebody wants to be given; False where there were too many."""
        return self._hit(PER_ADDRESS, "challenge", address)

    def may_prove(self, login: str) -> bool:
        """Count one password that is typed again by whoever is in; False where there were too many."""
        return self._hit(PER_LOGIN, "proof", login)

    def _hit(self, item: RateLimitItem, what: str, who: str) -> bool:
        return self.limiter.hit(item, "console", what, who)
