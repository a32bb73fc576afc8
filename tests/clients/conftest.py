"""Every client gets a server of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .live import Live, live_server
from .packages import installed


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Live]:
    with live_server(tmp_path) as live:
        yield live


@pytest.fixture(scope="session")
def clients() -> Path:
    """The folder with the clients from npm."""
    return installed()
