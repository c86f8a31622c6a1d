"""Ten million recipients on a Spark cluster: what is read there, what comes to the driver, and what the driver needs.

    python tests/benchmarks/audience_spark.py --rows 10000000

A standalone master and two workers run on loopback, from the jars of pyspark. The lists are made by DuckDB.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import spark
from mailcheck.audience.engines.spark import Spark
from mailcheck.audience.facts import open_audience, open_list
from mailcheck.audience.opening import Lists
from mailcheck.audience.people import field_values_of, traits_of
from mailcheck.audience.suppressing import overlap
from mailcheck.audience.tables import AudienceTable, SuppressionList

ADDRESS = """
CASE WHEN i % 997 = 0 THEN 'Jürgen' || i || '@bücher.example' WHEN i % 50 = 0 THEN ' User' || i || '@Example.com '
     WHEN i % 1009 = 0 THEN 'user' || i WHEN i % 211 = 0 THEN NULL WHEN i % 40 = 7 THEN 'user' || (i - 1) || '@web.example'
     ELSE 'user' || i || '@' || ['gmail.com', 'mail.example', 'web.example', 'gmial.com'][1 + i % 4] END"""
PEOPLE = f"""
SELECT {ADDRESS} AS email, CASE WHEN i % 33 = 0 THEN '' WHEN i % 71 = 0 THEN 'null' ELSE 'Anna' || (i % 9000) END AS first_name,
  ['DE', 'FR', 'NL'][1 + i % 3] AS country, '2026-0' || (1 + i % 9) || '-15' AS last_active, CAST(i % 5 AS VARCHAR) AS recent_mails,
  repeat('x', 40) AS never_asked FROM range({{rows}}) r(i)"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--suppressed", type=int, default=2_000_000)
    parser.add_argument("--memory", default="1800m", help="of each worker")
    parser.add_argument("--folder", type=Path, help="where the lists are made, and left")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = options.folder or Path(made)
        generate(folder, options.rows, options.suppressed)
        with spark.cluster(workers=2, memory=options.memory) as master:
            run(master, folder, options.memory)


def generate(folder: Path, rows: int, suppressed: int) -> None:
    import duckdb

    with duckdb.connect() as connection:
        for name, select in {
            "people": PEOPLE.format(rows=rows),
            "optout": f"SELECT {ADDRESS} AS email FROM range(0, {suppressed * 10}, 10) r(i)",
            "hashes": f"SELECT sha256('user' || i || '@web.example') AS hash FROM range(2, {suppressed}, 4) r(i)",
            "complaints": f"SELECT {ADDRESS} AS email FROM range(0, {suppressed}, 20) r(i)",
        }.items():
            connection.execute(f"COPY ({select}) TO '{folder / name}.parquet' (FORMAT parquet)")


def run(master: str, folder: Path, memory: str) -> None:
    settings = "spark.driver.host=127.0.0.1&spark.driver.bindAddress=127.0.0.1&spark.ui.enabled=true"
    url = f"{master}?{settings}&spark.executor.memory={memory}&spark.driver.memory=768m"
    lists = Lists(folder)
    engine = Spark(url)
    lists.engines[url, True] = engine
    there = {"source": url}
    started = time.perf_counter()

    def timed(what: str, ask: Callable[[], object]) -> None:
        began = time.perf_counter()
        answer = str(ask())
        print(f"{time.perf_counter() - began:7.1f} s  {what}: {answer[:110]}", flush=True)

    people = open_audience(
        AudienceTable.model_validate({**there, "table": "parquet:people.parquet"}), lists, ("first_name",)
    )
    print(f"{time.perf_counter() - started:7.1f} s  normalised and cached: {people.rows:,} rows", flush=True)
    timed("recipients, repeated, blank", lambda: (people.recipients, people.repeated, people.blank))
    timed("domains", lambda: sorted(people.domains.items(), key=lambda one: -one[1])[:3])
    timed("invalid", lambda: {fault: tally.count for fault, tally in people.invalid.items()})
    timed("coverage", lambda: field_values_of(people).coverage("first_name"))
    timed("same mailbox", lambda: people.same_mailbox().count)
    timed("country", lambda: traits_of(people).values("country"))
    timed("dormant", lambda: traits_of(people).before("last_active", date(2026, 6, 1)))
    timed("frequency", lambda: traits_of(people).at_least("recent_mails", 4).count)
    timed("role addresses", lambda: people.with_local(("info", "noreply")).count)
    for name, more in (("optout", {}), ("hashes", {"hash": "sha256"})):
        listed = open_list(
            SuppressionList.model_validate({**there, "table": f"parquet:{name}.parquet", **more}), lists, name
        )
        timed(
            f"on {name} ({listed.rows:,} rows, in Spark)",
            partial(overlap, people.staged, listed),
        )
    moved = open_list(SuppressionList(source="complaints.parquet"), lists, "complaints")
    timed(f"on complaints ({moved.rows:,} rows, in DuckDB)", lambda: overlap(people.staged, moved))
    print(f"{time.perf_counter() - started:7.1f} s  in all")
    report(engine, people.staged.sql)
    lists.close()


def report(engine: Spark, kept: str) -> None:
    session: Any = engine._session
    print("\nThe plan of a question, and of the normalisation under it (shortened):")
    plan = session._jvm.PythonSQLUtils.explainString(
        session.sql(f"SELECT state, count(*) FROM {kept} kept_ GROUP BY state")._jdf.queryExecution(), "simple"
    )
    for line in plan.splitlines():
        if re.search(r"Aggregate|Exchange|InMemoryRelation|FileScan|Join|Collect", line):
            scan = re.sub(r"Location:.*?ReadSchema", "… ReadSchema", line)
            print("   ", re.sub(r"CASE WHEN .*?END", "…", scan)[:150])
    with urllib.request.urlopen(f"{session.sparkContext.uiWebUrl}/api/v1/applications") as answer:
        name = json.load(answer)[0]["id"]
    with urllib.request.urlopen(f"{session.sparkContext.uiWebUrl}/api/v1/applications/{name}/stages") as answer:
        stages = json.load(answer)
    print(f"\nstages {len(stages)}, rows read by executors {sum(one['inputRecords'] for one in stages):,}")
    print(f"results of tasks that came to the driver: {sum(one['resultSize'] for one in stages) / 1e6:.1f} MB in all,")
    print(
        f"  the most of one stage {max(one['resultSize'] for one in stages) / 1e6:.1f} MB, with the accumulators of every task"
    )
    print(f"memory of the executors spilled to disk: {sum(one['diskBytesSpilled'] for one in stages) / 1e6:.0f} MB")
    runtime = session._jvm.java.lang.Runtime.getRuntime()
    runtime.gc()
    print(
        f"driver, Java: heap in use after a collection {(runtime.totalMemory() - runtime.freeMemory()) / 1e6:.0f} MB,"
    )
    pid = session._jvm.java.lang.ProcessHandle.current().pid()
    peak = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    print(f"  most memory of the process {int(peak[1]) / 1e3 if peak else 0:.0f} MB (-Xmx768m)")
    print(f"driver, Python: most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB")
    print(f"load of the machine: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
