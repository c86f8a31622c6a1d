"""The hooks, with the real `pre-commit` on a real git repository, installed from a clone of this checkout."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NO_INDEX = ("Could not find a version", "No matching distribution", "ConnectionError", "Max retries exceeded")

CONFIG = """\
repos:
  - repo: {clone}
    rev: {rev}
    hooks:
      - id: mailcheck
      - id: mailcheck-campaign
"""
BAD = "<p>Hi {{ first_name }, the sale is on.</p>\n"
GOOD = "<p>Hi, the sale is on.</p>\n"
MANIFEST = '[message]\nsubject = "{subject}"\nfrom = "Shop <news@shop.example>"\nhtml_file = "mail.html"\n'


def run(*command: str, cwd: Path, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "HOME": str(home),
        "PRE_COMMIT_HOME": str(home / "pre-commit"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@shop.example",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@shop.example",
        "GIT_CONFIG_NOSYSTEM": "1",
        "NO_COLOR": "1",
    }
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def git(cwd: Path, home: Path, *args: str) -> str:
    done = run("git", *args, cwd=cwd, home=home)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def files_of_checkout() -> list[str]:
    """What a commit of this checkout would hold; all of it when this is no checkout."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode == 0:
        return listed.stdout.splitlines()
    return [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file()]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory, home: Path) -> tuple[Path, str]:
    """A git repository with the files of this checkout, and its commit."""
    place = tmp_path_factory.mktemp("mailcheck")
    for name in files_of_checkout():
        if (ROOT / name).is_file() and not name.startswith(("tests/", "docs/")):
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, place / name)
    git(place, home, "init", "-q", "-b", "main")
    git(place, home, "add", "-A")
    git(place, home, "commit", "-q", "-m", "all")
    return place, git(place, home, "rev-parse", "HEAD")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, clone: tuple[Path, str], home: Path) -> Path:
    """A repository of mails with the hooks installed, once for all tests."""
    place = tmp_path_factory.mktemp("mails")
    git(place, home, "init", "-q", "-b", "main")
    (place / ".pre-commit-config.yaml").write_text(CONFIG.format(clone=clone[0], rev=clone[1]))
    git(place, home, "add", "-A")
    git(place, home, "commit", "-q", "-m", "start")
    done = run("pre-commit", "install", "--install-hooks", cwd=place, home=home)
    said = done.stdout + done.stderr
    if done.returncode and any(sign in said for sign in NO_INDEX):
        pytest.skip(f"the package index cannot be reached, so pre-commit cannot install the hooks:\n{said}")
    assert done.returncode == 0, said
    return place


@pytest.fixture
def mails(installed: Path, home: Path) -> Iterator[Path]:
    yield installed
    git(installed, home, "reset", "-q", "--hard")
    git(installed, home, "clean", "-q", "-fd")


def commit(mails: Path, home: Path, **files: str) -> subprocess.CompletedProcess[str]:
    for name, text in files.items():
        path = mails / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git(mails, home, "add", "-A")
    return run("git", "commit", "-q", "-m", "change", cwd=mails, home=home)


def test_the_manifest_is_valid(clone: tuple[Path, str], home: Path) -> None:
    done = run("pre-commit", "validate-manifest", ".pre-commit-hooks.yaml", cwd=clone[0], home=home)
    assert done.returncode == 0, done.stdout + done.stderr


def test_hooks_stay_offline_and_run_one_at_a_time() -> None:
    text = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    hooks = text.split("- id: ")[1:]
    assert [hook.split()[0] for hook in hooks] == ["mailcheck", "mailcheck-campaign"]
    for hook in hooks:
        assert re.search(r"^  entry: mailcheck check .*--offline", hook, re.MULTILINE)
        assert "\n  require_serial: true\n" in hook


def test_a_bad_template_is_refused_with_a_reason_and_the_mended_one_passes(mails: Path, home: Path) -> None:
    refused = commit(mails, home, mail_html=BAD)
    said = refused.stdout + refused.stderr
    assert refused.returncode != 0
    assert "mail.html:1:7 error merge_tags/broken" in said
    assert "{{ first_name }" in said
    assert "Traceback" not in said
    passed = commit(mails, home, mail_html=GOOD)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    git(mails, home, "reset", "-q", "--soft", "HEAD~1")


def test_a_mail_that_cannot_be_judged_is_refused(mails: Path, home: Path) -> None:
    refused = commit(mails, home, mail_html="")
    assert refused.returncode != 0
    assert "mail.html: " in refused.stdout + refused.stderr


def test_a_change_of_a_part_checks_its_whole_campaign(mails: Path, home: Path) -> None:
    manifest = MANIFEST.format(subject="Lorem ipsum dolor sit amet")
    refused = commit(mails, home, spring__campaign_toml=manifest, spring__mail_html=GOOD)
    said = refused.stdout + refused.stderr
    assert refused.returncode != 0
    assert "spring/campaign.toml:2:12 error copy/placeholder" in said
    passed = commit(mails, home, spring__campaign_toml=MANIFEST.format(subject="The sale is on"))
    assert passed.returncode == 0, passed.stdout + passed.stderr
    (mails / "spring" / "campaign.toml").write_text(manifest)
    git(mails, home, "commit", "-q", "--no-verify", "-am", "behind the back")
    refused = commit(mails, home, spring__mail_html=GOOD.replace("sale", "big sale"))
    assert refused.returncode != 0
    assert "spring/campaign.toml:2:12 error copy/placeholder" in refused.stdout + refused.stderr


def test_other_files_are_none_of_its_business(mails: Path, home: Path) -> None:
    passed = commit(mails, home, notes_txt="Lorem ipsum {{ first_name }", code_py="x = '{{ first_name }'\n")
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "Skipped" in passed.stdout + passed.stderr
