"""On a real Spark cluster, started from pip's own package, a backtest comes to the report of a single machine."""

from __future__ import annotations

import importlib.util
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.run.backtest.histories import NAMES, playbook, records

from habitue.model.event import Record
from habitue.model.instant import DAY, HOUR, MINUTE
from habitue.run.backtest import Report, backtest
from habitue.store.archive.columns import write_rows
from habitue.store.archive.recording import ArchiveRecording

ROOT = Path(__file__).parents[3]
WAIT_SECONDS = 60

pytest.importorskip("pyspark", reason="pyspark is missing")
pytest.importorskip("pandas", reason="pandas is missing, without which pyspark's mapInArrow does nothing")
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("java") is None, reason="java is missing (apt-get install default-jre-headless)"),
]


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A master and a worker with two cores, each a process of its own."""
    folder = tmp_path_factory.mktemp("cluster")
    port = _free_port()
    master = f"spark://127.0.0.1:{port}"
    started = [
        _started(folder, "master.Master", "--port", str(port)),
        _started(folder, "worker.Worker", "--cores", "2", "--memory", "2g", "-d", str(folder), master),
    ]
    try:
        _wait_for(folder / "master.Master.log", "Registering worker")
        yield master
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()


def _started(folder: Path, name: str, *arguments: str) -> subprocess.Popen[bytes]:
    home = Path(importlib.util.find_spec("pyspark").origin).parent  # type: ignore[union-attr,arg-type]
    command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}"]
    command += ["--host", "127.0.0.1", "--webui-port", "0", *arguments]
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(command, env=_environment(home), stdout=log, stderr=log)


def _environment(home: Path) -> dict[str, str]:
    return os.environ | {
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",  # They live for seconds.
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH", ""))),
    }


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait_for(log: Path, words: str) -> None:
    ends = time.monotonic() + WAIT_SECONDS
    while words not in log.read_text(errors="replace"):
        assert time.monotonic() < ends, f"the cluster did not start:\n{log.read_text(errors='replace')[-3000:]}"
        time.sleep(0.1)


def history(chance: random.Random) -> list[Record]:
    """Sixty people and their devices, some of them shared."""

    def act(_: int) -> dict[str, Any]:
        who = chance.randrange(60)
        return {
            "name": chance.choice(NAMES),
            "user": chance.choice([None, f"u{who}"]),
            "device": chance.choice([None, f"d{who}", f"d{who // 7}"]),
            "previous": chance.choice([None, f"d{who}"]),
            "identifiers": chance.choice([{}, {}, {"email": f"{who // 2}@shop.example"}]),
            "context": chance.choice([{}, {"timezone": "Asia/Tokyo"}]),
            "pause": chance.choice([0, MINUTE, HOUR]),
            "again": chance.randint(1, 3),
            "source": chance.choice(["web", "web", "habitue"]),
        }

    return records([act(number) for number in range(1_500)])


def test_a_cluster_comes_to_the_report_of_a_single_machine(master: str, tmp_path: Path) -> None:
    lived = history(random.Random(7))
    since, until = lived[len(lived) // 2].received_at, lived[-1].received_at + DAY
    for number, start in enumerate(range(0, len(lived), 500)):
        part = tmp_path / "events" / f"date=2026-06-{number + 1:02d}" / "part.parquet"
        part.parent.mkdir(parents=True)
        write_rows(part, "events", [(record, None) for record in lived[start : start + 500]])
    result = tmp_path / "report.json"
    driver = [sys.executable, "-m", "tests.run.backtest.spark_driver", master, str(tmp_path / "events")]
    home = Path(importlib.util.find_spec("pyspark").origin).parent  # type: ignore[union-attr,arg-type]
    done = subprocess.run(
        [*driver, str(since), str(until), str(result)],
        cwd=ROOT,
        env=_environment(home),
        capture_output=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    report = msgspec.json.decode(result.read_bytes(), type=Report)
    assert report == backtest(ArchiveRecording(tmp_path), playbook(), since=since, until=until)
    assert report == backtest(lived, playbook(), since=since, until=until)
    assert report.sent > 50
