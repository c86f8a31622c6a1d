"""A Spark cluster for tests: say `pytest_plugins = ["spark"]` and ask for `spark_master`.

A standalone master and one worker run on this machine's loopback, from the jars of pyspark.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PATIENCE = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def cluster(workers: int = 1, memory: str = "1g") -> Iterator[str]:
    """The URL of a master with some workers of one core each, which end with the block."""
    import pyspark

    home = Path(pyspark.__file__).parent
    folder = Path(tempfile.mkdtemp(prefix="mailcheck-spark-"))
    port = free_port()
    local = {
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_NO_DAEMONIZE": "1",
        "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1",
    }
    run = {**os.environ, **local}
    log = (folder / "log").open("wb")
    master = f"spark://127.0.0.1:{port}"
    place = ["--host", "127.0.0.1", "--webui-port", "0"]
    commands = [["org.apache.spark.deploy.master.Master", *place, "--port", str(port)]]
    for number in range(workers):
        one = ["-c", "1", "-m", memory, "-d", str(folder / f"worker{number}"), master]
        commands.append(["org.apache.spark.deploy.worker.Worker", *place, *one])
    started: list[subprocess.Popen[bytes]] = []
    try:
        for command in commands:
            started.append(
                subprocess.Popen(
                    [str(home / "bin" / "spark-class"), *command],
                    env=run,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )
            if len(started) == 1:
                _wait_for(port)
        yield master
    finally:
        for process in reversed(started):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise TimeoutError("the master of Spark did not start")


@pytest.fixture(scope="session")
def spark_master() -> Iterator[str]:
    """The URL of a source: a master with one worker."""
    pytest.importorskip("pyspark")
    if shutil.which("java") is None:
        pytest.skip("Java is not installed (apt-get install default-jre-headless)")
    with cluster() as master:
        options = "spark.driver.host=127.0.0.1&spark.driver.bindAddress=127.0.0.1&spark.executor.memory=768m"
        # Java compiles at length what a short test runs once.
        quick = "-XX:TieredStopAtLevel=1"
        options += f"&spark.driver.extraJavaOptions={quick}&spark.executor.extraJavaOptions={quick}"
        # Two partitions: the rows are few, and a task costs more than they do.
        yield f"{master}?{options}&spark.sql.shuffle.partitions=2&spark.default.parallelism=2&spark.driver.memory=768m"
