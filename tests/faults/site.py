"""A site of its own: the product, its database and its provider, made afresh and gone afterwards."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.crypto import Vault, new_key
from bot.store.database import Store
from bot.store.migrate import migrate
from tests.faults.product import Product
from tests.faults.provider import Provider
from tests.support import cluster as postgresql
from tests.support.cluster import Cluster


@dataclass
class Site:
    """A product with its database and provider."""

    product: Product
    provider: Provider
    store: Store
    cluster: Cluster | None
    home: Path


@contextlib.contextmanager
def site(on: str, seed: int) -> Iterator[Site]:
    """A site on `sqlite` or `postgresql`, with nobody in it yet; not started yet."""
    with contextlib.ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=f"evenday-faults-{on}-")))
        cluster = stack.enter_context(postgresql.running()) if on == "postgresql" else None
        url = cluster.create("evenday") if cluster else ""
        key = new_key()
        store = Store(url or f"sqlite:///{home / 'evenday.sqlite'}", Vault([key]))
        stack.callback(store.close)
        migrate(store)
        provider = stack.enter_context(Provider(seed))
        product = Product(home, url, key, provider.url)
        stack.callback(product.stop)
        yield Site(product, provider, store, cluster, home)


def keep_logs(home: Path, name: str) -> Path:
    """Copy a site's logs to a folder of that name that outlives it."""
    folder = Path(tempfile.gettempdir()) / name
    folder.mkdir(exist_ok=True)
    for log in [*home.glob("*.log"), *home.glob("log/*.log")]:
        (folder / log.name).write_bytes(log.read_bytes())
    return folder
