"""What an engine needs and what is not there is said in one sentence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mailcheck.audience.engines.spark_session import Cluster, cluster_of, session_of
from mailcheck.audience.opening import Lists, without_password
from mailcheck.audience.tables import Source
from mailcheck.rule import Unusable


def test_spark_without_java(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    with pytest.raises(Unusable, match="Spark needs Java 17 or newer, and JAVA_HOME=/nowhere holds none"):
        session_of(Cluster("local[1]", {}))
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Unusable, match="there is none on the PATH"):
        session_of(Cluster("local[1]", {}))


def test_spark_without_its_master() -> None:
    if shutil.which("java") is None:
        pytest.skip("Java is not installed (apt-get install default-jre-headless)")
    with pytest.raises(Unusable, match="the master does not answer: connection refused"):
        session_of(cluster_of("spark://127.0.0.1:1?spark.executor.memory=1g"))


@pytest.mark.parametrize(
    ("url", "library"),
    [("postgresql://127.0.0.1/people", "pg8000"), ("spark:local[1]", "pyspark")],
)
def test_without_the_library(monkeypatch: pytest.MonkeyPatch, url: str, library: str) -> None:
    import builtins

    real = builtins.__import__

    def missing(name: str, *arguments: object, **more: object) -> object:
        if name.partition(".")[0] == library:
            raise ImportError(name)
        return real(name, *arguments, **more)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(Unusable, match=r"pip install 'mailcheck-lint\["):
        Lists(Path()).open(Source(source=url, table="people"))


@pytest.mark.parametrize(
    "url",
    [
        "postgres://me:geheim@host/x",
        "postgres://me:ge@geheim@host/x",
        "snowflake://me@account/db?role=R&private_key_file_pwd=geheim",
        "databricks://host/x?token=geheim&http_path=y",
    ],
)
def test_no_secret_of_a_url_is_told(url: str) -> None:
    told = without_password(f"{url}: is not known")
    assert "geheim" not in told
    assert told.endswith(": is not known")
    unknown = url.replace("postgres", "postgress").replace("flake", "flakes").replace("bricks", "brick")
    with pytest.raises(Unusable, match="no kind of database") as caught:
        Lists(Path()).open(Source(source=unknown, table="people"))
    assert "geheim" not in str(caught.value)
