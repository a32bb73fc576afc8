"""The driver of a Spark test: a backtest over a folder of events on the cluster it is told, its report to a file."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec
from pyspark.sql import SparkSession
from tests.run.backtest.histories import playbook

from habitue.run.backtest.spark import backtest_on_spark


def main(master: str, folder: str, since: str, until: str, result: str) -> None:
    builder = SparkSession.builder.appName("habitue").master(master)
    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "512m",
        "spark.executor.memory": "512m",
        "spark.executor.cores": "2",
        "spark.driver.extraJavaOptions": os.environ["SPARK_DAEMON_JAVA_OPTS"],
        "spark.executor.extraJavaOptions": os.environ["SPARK_DAEMON_JAVA_OPTS"],
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.adaptive.enabled": "false",
        "spark.executorEnv.PYTHONPATH": ":".join(sys.path),
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    report = backtest_on_spark(spark, spark.read.parquet(folder), playbook(), since=int(since), until=int(until))
    Path(result).write_bytes(msgspec.json.encode(report))
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
