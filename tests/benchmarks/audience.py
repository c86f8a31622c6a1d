"""How fast all audience rules are, against hand-written SQL and the tools that people use, on lists made here.

    python tests/benchmarks/audience.py [--rows 1000000 10000000] [--suppressed 2000000] [--folder DIR]

Every contender runs in a process of its own: wall and CPU seconds and the peak of its memory. The hand-written SQL stages
one normalised column and asks for the same figures; pandas, sort, comm and awk do overlap, duplicates and blanks one after the
other, and so does a least SQL with the simplest normal form, which tells what DuckDB itself costs. Needs duckdb; pandas is left out when it is not installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve()

MANIFEST = """
name = "benchmark"
family = "benchmark"
dialect = "mailchimp"
subject = "Hello"
from = "Shop <post@shop.example>"
html = "<p>Hi *|FNAME|*, how is *|LNAME|* in *|CITY|*?</p>"
locale = "en-GB"
[audience]
source = "{list}"
rows = {rows}
markets = ["GB", "NO", "DE", "NL", "FR"]
columns = {{ last_active = "last_active", country = "country" }}
fields = {{ FNAME = "first_name", LNAME = "last_name", CITY = "city" }}
seeds = ["user1@mail1.com", "user7@mail7.com"]
[[audience.only]]
who = "people who consented"
column = "consent"
values = ["yes"]
[suppression]
source = "{suppressed}"
"""

THREE = ("audience/suppressed", "audience/duplicate", "merge_tags/coverage")

MAILCHECK = """
import json, sys
import mailcheck
report = mailcheck.check(sys.argv[1], select=sys.argv[2:], profile="campaign")
print(json.dumps({f.rule: f.data for c in report.campaigns for f in c.findings}, default=str)[:3000])
print([(o.rule, o.status, o.reason) for c in report.campaigns for o in c.outcomes if o.status in ("error", "skipped")])
"""

BY_HAND = """
import duckdb, sys
listed, suppressed = sys.argv[1:3]
con = duckdb.connect()
con.execute("SET preserve_insertion_order = false; SET memory_limit = '1500MB'")
read = lambda path: f"read_csv('{path}', all_varchar = true, header = true)" if path.endswith(".csv") else f"'{path}'"
con.execute(f'''CREATE TEMP TABLE s AS SELECT lower(trim(email)) AS address, upper(trim(country)) AS country, consent,
    last_active, first_name, last_name, city FROM {read(listed)}''')
con.execute(f"CREATE TEMP TABLE u AS SELECT lower(trim(email)) AS address, unsubscribed_at FROM {read(suppressed)}")
asked = {}
def ask(name, sql):
    asked[name] = con.execute(sql).fetchall()
ask("counts", "SELECT count(*), count(*) FILTER (address IS NULL OR address = '') FROM s")
ask("distinct", "SELECT count(*), count(*) FILTER (n > 1) FROM (SELECT address, count(*) n FROM s GROUP BY 1)")
ask("repeated", "SELECT address FROM s GROUP BY 1 HAVING count(*) > 1 ORDER BY count(*) DESC, address LIMIT 3")
ask("overlap", "SELECT count(DISTINCT address) FROM s WHERE address IN (SELECT address FROM u)")
ask("examples", "SELECT DISTINCT address FROM s WHERE address IN (SELECT address FROM u) ORDER BY 1 LIMIT 3")
ask("entries", "SELECT count(DISTINCT address), max(unsubscribed_at) FROM u")
con.execute("CREATE TEMP TABLE d AS SELECT split_part(address, '@', 2) AS domain, count(*) AS n FROM s GROUP BY 1")
ask("domains", "SELECT * FROM d ORDER BY n DESC LIMIT 50")
SYNTAX = "[^@ ]+@[a-z0-9-]+([.][a-z0-9-]+)+"
ask("syntax", f"SELECT count(*) FROM s WHERE NOT regexp_full_match(address, '{SYNTAX}')")
ask("invalid", f"SELECT address FROM s WHERE NOT regexp_full_match(address, '{SYNTAX}') ORDER BY 1 LIMIT 3")
ask("countries", "SELECT country, count(*) FROM s GROUP BY 1")
ask("dormant", "SELECT count(*) FROM s WHERE last_active < '2025-01-01'")
ask("consent", "SELECT count(*) FROM s WHERE consent IS DISTINCT FROM 'yes'")
ask("role", "SELECT count(*) FROM s WHERE split_part(address, '@', 1) IN ('info', 'sales', 'admin', 'office', 'support', 'contact')")
ask("gmail", '''SELECT sum(n - 1) FROM (SELECT count(DISTINCT address) n FROM s
    WHERE split_part(address, '@', 2) IN ('gmail.com', 'googlemail.com')
    GROUP BY replace(split_part(split_part(address, '@', 1), '+', 1), '.', '')) WHERE n > 1''')
ask("seeds", "SELECT address FROM s WHERE address IN ('user1@mail1.com', 'user7@mail7.com')")
for field in ("first_name", "last_name", "city"):
    ask(field, f'''SELECT count(*) FILTER ({field} IS NULL OR trim({field}) = ''),
        count(*) FILTER (lower(trim({field})) IN ('null', 'none', 'n/a', 'nan', 'undefined', '-', 'unknown')),
        count(*) FILTER (regexp_matches({field}, '<[a-z/]|[{{]{{2}}|[*][|]|%%|[$][{{]')),
        count(*) FILTER (upper({field}) = {field} AND lower({field}) <> {field} AND length({field}) > 2) FROM s''')
    ask(field + " examples", f"SELECT address FROM s WHERE {field} IS NULL OR trim({field}) = '' ORDER BY 1 LIMIT 3")
ask("sample", "SELECT DISTINCT substr(md5('salt' || address), 1, 12) h FROM s WHERE md5('salt' || address) < '005' ORDER BY 1 LIMIT 12288")
print({name: len(rows) for name, rows in asked.items()})
"""

LEAST = """
import duckdb, sys
listed, suppressed = sys.argv[1:3]
con = duckdb.connect()
con.execute("SET preserve_insertion_order = false; SET enable_progress_bar = false; SET memory_limit = '1500MB'")
read = lambda path: f"read_csv('{path}', all_varchar = true, header = true)" if path.endswith(".csv") else f"'{path}'"
blank = ", ".join(f"COALESCE(trim({one}) = '', true) AS {one}" for one in ("first_name", "last_name", "city"))
con.execute(f"CREATE TEMP TABLE s AS SELECT lower(trim(email)) AS address, {blank} FROM {read(listed)}")
con.execute(f"CREATE TEMP TABLE u AS SELECT lower(trim(email)) AS address FROM {read(suppressed)}")
print(con.execute("SELECT count(*) FROM s WHERE address IN (SELECT address FROM u)").fetchall())
print(con.execute("SELECT sum(n - 1), count(*) FROM (SELECT count(*) AS n FROM s GROUP BY address)").fetchall())
print(con.execute("SELECT sum(first_name::INT), sum(last_name::INT), sum(city::INT) FROM s").fetchall())
"""

PANDAS = """
import sys
import pandas as pd
listed, suppressed = sys.argv[1:3]
def read(path):
    return pd.read_csv(path, dtype=str) if path.endswith(".csv") else pd.read_parquet(path)
people, out = read(listed), read(suppressed)
address = people["email"].str.strip().str.lower()
other = out["email"].str.strip().str.lower()
print(address.isin(set(other)).sum(), address.duplicated().sum(), address.nunique())
print([people[c].fillna("").str.strip().eq("").sum() for c in ("first_name", "last_name", "city")])
"""

UNIX = r"""
set -e
export LC_ALL=C
cut -d, -f1 "$1" | tail -n +2 | tr A-Z a-z | sed 's/^ *//; s/ *$//' | sort -u --parallel=2 >"$3/people"
cut -d, -f1 "$2" | tail -n +2 | tr A-Z a-z | sort -u --parallel=2 >"$3/out"
comm -12 "$3/people" "$3/out" | wc -l
cut -d, -f1 "$1" | tail -n +2 | tr A-Z a-z | sed 's/^ *//; s/ *$//' | sort --parallel=2 | uniq -d | wc -l
awk -F, 'NR > 1 { for (i = 2; i <= 4; i++) if ($i == "") n[i]++ } END { for (i in n) print i, n[i] }' "$1"
"""

PEOPLE = """
SELECT CASE WHEN i % 97 = 0 THEN ' ' ELSE '' END
    || CASE WHEN j % 2 = 0 THEN CASE WHEN i % 3 = 0 THEN 'User' ELSE 'user' END || j || '@Mail' || (j % 397) || '.com'
            ELSE 'user' || j || '@post' || (j % 37) || '.org' END
    || CASE WHEN i % 101 = 0 THEN ' ' ELSE '' END AS email,
    CASE WHEN hash(i) % 100 < 3 THEN '' ELSE 'Anna' || chr(97 + (i % 26)::INT) END AS first_name,
    'Berg' || chr(97 + (i % 26)::INT) || chr(97 + (i % 25)::INT) AS last_name,
    CASE WHEN i % 50 = 0 THEN NULL ELSE 'Town ' || chr(97 + (i % 26)::INT) END AS city,
    ['GB', 'NO', 'DE', 'NL', 'FR'][1 + (i % 5)] AS country,
    CASE WHEN i % 5000 = 0 THEN 'no' ELSE 'yes' END AS consent,
    (DATE '2020-01-01' + (hash(i) % 2000)::INT)::VARCHAR AS last_active
FROM (SELECT i, i - i // 150 AS j FROM range({rows}) t(i))
"""
OUT = """
SELECT 'user' || (i * 45) || '@post' || ((i * 45) % 37) || '.org' AS email,
    (DATE '2025-01-01' + (i % 600)::INT)::VARCHAR AS unsubscribed_at FROM range({rows}) t(i)
"""


def made(folder: Path, rows: int, suppressed: int) -> dict[str, tuple[Path, Path]]:
    """The lists, each as CSV and as Parquet; made once in a folder."""
    import duckdb

    found = {}
    for ending, options in (("csv", "FORMAT csv, HEADER"), ("parquet", "FORMAT parquet")):
        people, out = folder / f"people_{rows}.{ending}", folder / f"out_{suppressed}.{ending}"
        for path, select, count in ((people, PEOPLE, rows), (out, OUT, suppressed)):
            if not path.exists():
                con = duckdb.connect()
                con.execute("SET preserve_insertion_order = false")
                con.execute(f"COPY ({select.format(rows=count)}) TO '{path}' ({options})")
        found[ending] = (people, out)
    return found


def measured(command: list[str]) -> tuple[float, float, int, str]:
    """Wall seconds, CPU seconds, peak MB and the output of a command."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        output.seek(0)
        text = output.read().decode(errors="replace")
    if status:
        raise SystemExit(f"{command[:3]} failed:\n{text[-3000:]}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024, text


def contenders(people: Path, out: Path, folder: Path, rows: int) -> dict[str, list[str]]:
    manifest = folder / f"campaign_{rows}_{people.suffix[1:]}.toml"
    manifest.write_text(MANIFEST.format(list=people.name, suppressed=out.name, rows=rows), encoding="utf-8")
    python = [sys.executable, "-c"]
    found = {
        "DuckDB by hand, staged": [*python, BY_HAND, str(people), str(out)],
        "DuckDB, the least: three questions": [*python, LEAST, str(people), str(out)],
        "mailcheck, all audience rules": [*python, MAILCHECK, str(manifest), "audience", "merge_tags/coverage"],
        "mailcheck: overlap, duplicates, blanks": [*python, MAILCHECK, str(manifest), *THREE],
    }
    if importlib.util.find_spec("pandas") is None:
        print("pandas is not installed and left out")
    else:
        found["pandas: overlap, duplicates, blanks"] = [*python, PANDAS, str(people), str(out)]
    if people.suffix == ".csv":
        found["sort, comm, awk: the same"] = ["bash", "-c", UNIX, "bash", str(people), str(out), str(folder)]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--suppressed", type=int, default=2_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="contenders whose name holds this")
    parser.add_argument("--show", action="store_true", help="print what each contender found")
    arguments = parser.parse_args()
    folder = arguments.folder or Path(tempfile.mkdtemp(prefix="mailcheck-benchmark-"))
    figures = []
    for rows in arguments.rows:
        for ending, (people, out) in made(folder, rows, arguments.suppressed).items():
            for name, command in contenders(people, out, folder, rows).items():
                if arguments.only not in name:
                    continue
                best = min((measured(command) for _ in range(arguments.rounds)), key=lambda one: one[0])
                print(
                    f"{rows:>11,} {ending:8}{name:38}{best[0]:8.1f} s {best[1]:8.1f} s CPU {best[2]:7,} MB", flush=True
                )
                if arguments.show:
                    print(best[3])
                figures.append(
                    {"rows": rows, "format": ending, "what": name, "wall": best[0], "cpu": best[1], "peak": best[2]}
                )
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
