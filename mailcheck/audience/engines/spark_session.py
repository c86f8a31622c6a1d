"""A Spark session by URL: the one that is running in this process, or a new one, started quietly."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from msgspec import Struct

from mailcheck.rule import Unusable

if TYPE_CHECKING:
    from py4j.java_gateway import JavaGateway
    from pyspark import SparkConf, SparkContext
    from pyspark.sql import SparkSession

PATIENCE = 10
"""Seconds that the master may take to answer."""
EXECUTOR_PATIENCE = 60
"""Seconds that the cluster may take to give an executor."""

_QUIET = {
    "spark.app.name": "mailcheck",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.session.timeZone": "UTC",
}

_TALKATIVE = ("SQLQueryContextLogger", "DataFrameQueryContextLogger")


class Cluster(Struct, frozen=True):
    """What a URL says.

    Args:
        master: such as `spark://host:7077`, `local[2]` or `yarn`; empty for the session that is running.
        options: of Spark, as they stand behind the question mark.
    """

    master: str
    options: Mapping[str, str]

    @property
    def shown(self) -> str:
        """How it is called in sentences."""
        return f"Spark {self.master}".strip()


def cluster_of(url: str) -> Cluster:
    """The cluster of a URL: `spark://host:7077`, `spark:local[2]`, `spark:yarn`, or `spark:` for the running session.

    Raises:
        Unusable: what stands behind the question mark is no option of Spark.
    """
    address, _, query = url.partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    unknown = next((name for name in options if not name.startswith("spark.")), None)
    if unknown is not None:
        raise Unusable(f"{unknown} in the URL of Spark is no option of it; they are written ?spark.executor.memory=2g")
    rest = address.removeprefix("spark:")
    return Cluster(address if rest.startswith("//") else rest, options)


def session_of(cluster: Cluster) -> tuple[SparkSession, bool]:
    """A session, and whether it was started for this run.

    Raises:
        Unusable: pyspark or Java is missing, the master does not answer, or Spark does not start.
    """
    with warnings.catch_warnings():
        # Of the versions of libraries that are not used here.
        warnings.simplefilter("ignore", FutureWarning)
        return _session_of(cluster)


def _session_of(cluster: Cluster) -> tuple[SparkSession, bool]:
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise Unusable("Spark is not installed here: pip install 'mailcheck-lint[spark]'") from None
    try:
        running = SparkSession.active()
    except (PySparkException, AssertionError):
        running = None
    if running is not None:
        return _usable(running, cluster), False
    if not cluster.master:
        raise Unusable("spark: stands for the session that is running in this process, and none is; name the master")
    return SparkSession(_started(cluster)), True


@contextmanager
def silent() -> Iterator[None]:
    """Without what pyspark itself logs of a refusal: the whole statement, with the addresses in it."""
    from pyspark.logger import PySparkLogger

    loggers = [PySparkLogger.getLogger(name) for name in _TALKATIVE]
    before = [logger.disabled for logger in loggers]
    for logger in loggers:
        logger.disabled = True
    try:
        yield
    finally:
        for logger, disabled in zip(loggers, before, strict=True):
            logger.disabled = disabled


def _usable(running: SparkSession, cluster: Cluster) -> SparkSession:
    if running.conf.get("spark.sql.parser.escapedStringLiterals", "false") == "true":
        raise Unusable(
            f"{cluster.shown}: turn spark.sql.parser.escapedStringLiterals off; texts are read otherwise with it"
        )
    if cluster.master and running.conf.get("spark.master", "") != cluster.master:
        raise Unusable(f"{cluster.shown}: another Spark is running in this process, and there can only be one")
    return running


def _started(cluster: Cluster) -> SparkContext:
    import py4j.protocol
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkException

    _refuse_missing_java(cluster)
    _refuse_silent_master(cluster)
    conf = SparkConf(loadDefaults=False).setMaster(cluster.master)
    for name, value in {**_QUIET, **cluster.options}.items():
        conf.set(name, value)
    with tempfile.TemporaryFile() as said:
        try:
            context = SparkContext(conf=conf, gateway=_gateway(conf, said))
        except (PySparkException, py4j.protocol.Py4JError, OSError, RuntimeError):
            raise Unusable(f"{cluster.shown}: Spark does not start: {_why(said)}") from None
    try:
        _wait_for_executor(cluster, context)
    except BaseException:
        context.stop()
        raise
    return context


def _gateway(conf: SparkConf, said: IO[bytes]) -> JavaGateway | None:
    """Java, with what it says in a file instead of among the findings."""
    from pyspark import SparkContext
    from pyspark.java_gateway import launch_gateway

    if getattr(SparkContext, "_gateway", None) is not None:
        return None
    started: JavaGateway = launch_gateway(conf, {"stdout": said, "stderr": said})  # type: ignore[no-untyped-call]  # of pyspark
    return started


def _refuse_missing_java(cluster: Cluster) -> None:
    home = os.environ.get("JAVA_HOME")
    found = (Path(home) / "bin" / "java").exists() if home else shutil.which("java") is not None
    if not found:
        place = f"JAVA_HOME={home} holds none" if home else "there is none on the PATH"
        raise Unusable(f"{cluster.shown}: Spark needs Java 17 or newer, and {place}")


def _refuse_silent_master(cluster: Cluster) -> None:
    """Spark itself would try for a minute. A master that is named with others is left to it."""
    if not cluster.master.startswith("spark://") or "," in cluster.master:
        return
    try:
        parts = urlsplit(cluster.master)
        socket.create_connection((parts.hostname or "", parts.port or 7077), PATIENCE).close()
    except ValueError:
        raise Unusable(f"{cluster.shown}: write the master as spark://host:7077") from None
    except OSError as error:
        said = (error.strerror or str(error) or "no answer").lower()
        raise Unusable(f"{cluster.shown}: the master does not answer: {said}") from None


def _wait_for_executor(cluster: Cluster, context: SparkContext) -> None:
    """Without an executor Spark would wait for ever."""
    if not cluster.master.startswith("spark://"):
        return
    until = time.monotonic() + EXECUTOR_PATIENCE
    java: Any = context._jsc  # noqa: SLF001 - the Python side does not know its executors
    while java.sc().getExecutorMemoryStatus().size() < 2:
        if time.monotonic() > until:
            raise Unusable(
                f"{cluster.shown}: no worker took the job within {EXECUTOR_PATIENCE} seconds; free some memory or "
                "cores there, or ask for less (?spark.executor.memory=1g&spark.cores.max=2)"
            )
        time.sleep(0.1)


def _why(said: IO[bytes]) -> str:
    said.seek(0)
    text = said.read(1 << 20).decode("utf-8", "replace")
    if "UnsupportedClassVersionError" in text:
        return "Java 17 or newer is needed"
    lines = [line.strip() for line in text.splitlines() if "Error" in line or "Exception" in line]
    return lines[-1][:160] if lines else "it gave no reason"
