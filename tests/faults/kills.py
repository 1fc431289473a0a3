"""What can be killed with -9: each process of the product, and of its database where it has a server."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable

from tests.faults.product import Product
from tests.support.cluster import Cluster


def killers(product: Product, cluster: Cluster | None) -> dict[str, Callable[[], bool]]:
    """What can be killed: name -> does it, and tells whether there was anything to kill."""

    def supervisor() -> bool:
        product.kill_supervisor()
        return True

    found: dict[str, Callable[[], bool]] = {
        "gateway": lambda: product.kill_part("gateway"),
        "rasa": lambda: product.kill_part("rasa"),
        "supervisor": supervisor,
    }
    if cluster:
        found |= {"a backend": lambda: _kill_backend(cluster), "postgresql": lambda: _crash(cluster)}
    return found


def _kill_backend(cluster: Cluster) -> bool:
    with contextlib.suppress(Exception):  # the server may be starting after the kill before
        for pid in cluster.backends()[:1]:
            os.kill(pid, signal.SIGKILL)  # the postmaster then restarts all of them
            return True
    return False


def _crash(cluster: Cluster) -> bool:
    cluster.restart("immediate")
    return True
