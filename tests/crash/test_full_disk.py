"""A full disk ends nothing: clients come back later, nothing accepted is lost, and all goes on when there is room."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from .system import Shoppers, Sink, System, eventually, running

pytestmark = [pytest.mark.crash, pytest.mark.long]

SIZE = "40m"


def may_mount() -> bool:
    """Whether this account may mount a small file system of its own, as root mostly may."""
    probe = (
        "import subprocess, tempfile; d = tempfile.mkdtemp(); "
        "subprocess.run(['mount', '-t', 'tmpfs', 'tmpfs', d], check=True); subprocess.run(['umount', d], check=True)"
    )
    return subprocess.run([sys.executable, "-c", probe], capture_output=True, check=False).returncode == 0


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Not a byte is left."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def forbidden(system: System) -> Iterator[None]:
    """Every process of the system, those started meanwhile too, is refused each byte, as by a quota."""
    assert system._serve is not None
    _limit(system, 0)
    try:
        yield
    finally:
        _limit(system, resource.RLIM_INFINITY)


def _limit(system: System, size: int) -> None:
    assert system._serve is not None
    for pid in [system._serve.pid, *(one.pid for one in system.statuses() if one.pid)]:
        with suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@pytest.mark.parametrize("way", ["quota", "disk"] if may_mount() else ["quota"])
def test_a_full_disk_ends_nothing_and_loses_nothing(tmp_path: Path, way: str) -> None:
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk(tmp_path / "disk")) if way == "disk" else tmp_path
        sink = stack.enter_context(Sink())
        system = stack.enter_context(running(disk / "data", sink))
        client = stack.enter_context(httpx.Client())
        base = f"http://127.0.0.1:{system.port}"
        shoppers = stack.enter_context(Shoppers(system, threads=2, pause_seconds=0.3))

        def ready() -> int:
            with suppress(httpx.HTTPError):
                return client.get(f"{base}/readyz").status_code
            return 0

        eventually(lambda: len(shoppers.orders) > 5, "the shop is at work")
        with filled(disk) if way == "disk" else forbidden(system):
            event = {"userId": "ana", "event": "Order Completed", "messageId": "refused"}
            refused = client.post(f"{base}/v1/track", json=event, auth=(system.key, ""))
            assert refused.status_code == 503
            assert int(refused.headers["retry-after"]) > 0
            eventually(lambda: ready() == 503, "readiness says that the disk is full")
            assert "disk_full" in client.get(f"{base}/readyz").json()["alarms"]
            assert system._serve is not None
            assert system._serve.poll() is None, "the supervisor lives"
            # A database that puts its journal away makes a little room: what is taken in then must not be lost either.
            said = shoppers.sent_again
            eventually(lambda: shoppers.sent_again > said + 5, "shoppers are told to come back")
        kept = len(shoppers.kept)
        eventually(lambda: len(shoppers.kept) > kept, "events are taken in again")
        eventually(lambda: ready() == 200, "the system is whole again, by itself")
        assert not [one for one in system.parts.alarms.standing() if one.kind == "disk_full"]
        shoppers.__exit__()
        eventually(system.is_settled, "everything is decided and sent")
        known = {record.event.id for record in system.parts.log.scan()}
        assert set(shoppers.kept) <= known
        assert "refused" not in known
        assert set(sink.letters.values()) == {1}
        assert len(sink.letters) == 2 * len(shoppers.orders)
        assert system.stop() == 0
