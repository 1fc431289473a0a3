"""Runs telemelya by itself: its Redis becomes fakeredis and its file store a dict, both in this process.

usage: telegram_stand_in.py PORT        (with the Python of its own environment, never with Evenday's)
"""

from __future__ import annotations

import sys

import uvicorn
from fakeredis import FakeAsyncRedis  # type: ignore[import-not-found]  # lives in the stand-in's environment
from telemelya.server import media, state  # type: ignore[import-not-found]
from telemelya.server.app import app  # type: ignore[import-not-found]


class Files:
    """What telemelya keeps in MinIO: contents by key."""

    def __init__(self) -> None:
        self._contents: dict[str, bytes] = {}

    async def connect(self) -> None:
        """There is nothing to connect to."""

    async def close(self) -> None:
        """Nor to close."""

    async def ping(self) -> bool:
        """Always there."""
        return True

    async def upload(self, session: str, file: str, name: str, data: bytes, content_type: str = "") -> str:
        """Keep a file; its key."""
        self._contents[f"{session}/{file}/{name}"] = data
        return f"{session}/{file}/{name}"

    async def download(self, session: str, file: str, name: str) -> bytes | None:
        """A file by its parts."""
        return self._contents.get(f"{session}/{file}/{name}")

    async def download_by_key(self, key: str) -> bytes | None:
        """A file by its key."""
        return self._contents.get(key)

    async def cleanup_session(self, session: str) -> None:
        """Drop a session's files."""
        self._contents = {key: data for key, data in self._contents.items() if not key.startswith(f"{session}/")}


def main(port: int) -> None:
    """Serve until ended."""
    files = Files()
    for name in ("connect", "close", "ping", "upload", "download", "download_by_key", "cleanup_session"):
        setattr(media.media_manager, name, getattr(files, name))

    async def connect() -> None:
        state.state_manager._redis = FakeAsyncRedis(decode_responses=True)

    state.state_manager.connect = connect
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error")


if __name__ == "__main__":
    main(int(sys.argv[1]))
