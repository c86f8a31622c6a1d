"""`mailcheck check` through the front door, on a small campaign and a project's own rules."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from mailcheck.cli import progress
from support import mailcheck

HERE = Path(__file__).parent

RULES = '''
import re
from pathlib import Path
from mailcheck import Campaign, Fix, Problem, Problems, bad, good, rule


@rule()
@bad(html="<p>wolf</p>", at="wolf")
@good(html="<p>sheep</p>")
def wolf(campaign: Campaign) -> Problems:
    """A wolf is in the mail."""
    print("a rule that prints")
    Path("judged").write_text("yes")
    for part in campaign.message.parts():
        for found in re.finditer("wolf|crash", part.text):
            if found[0] == "crash":
                raise RuntimeError("for jane@shop.example")
            place = part.at(*found.span())
            yield Problem(f"There is a wolf in the {part.name}.", at=place, fix=Fix.replace(place, "sheep"))


@rule(severity="warning")
@bad(html="<p>fox</p>", at="fox")
@good(html="<p>sheep</p>")
def fox(campaign: Campaign) -> Problems:
    """A fox is in the mail."""
    for part in campaign.message.parts():
        for found in re.finditer("fox", part.text):
            yield Problem("Ask klara.berg@shop.example about the fox.", at=part.at(*found.span()), evidence=part.text)
'''


def check(*args: str | Path, stdin: bytes | None = None) -> Result:
    return mailcheck("check", "--select", "mailrules", *args, stdin=stdin)


def report(*args: str | Path, stdin: bytes | None = None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(check("--format", "json", *args, stdin=stdin).stdout)
    return found


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "mailrules.py").write_text(RULES)
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "CI", "MAILCHECK_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "code"), [("<p>sheep</p>", 0), ("<p>wolf</p>", 1), ("<p>fox</p>", 0), ("<p>crash</p>", 3)]
)
def test_exit_codes(project: Path, text: str, code: int) -> None:
    (project / "mail.html").write_text(text)
    assert check("mail.html").exit_code == code


def test_the_threshold_decides(project: Path) -> None:
    (project / "mail.html").write_text("<p>fox</p>")
    assert check("mail.html", "--threshold", "warning").exit_code == 1


def test_one_missing_path_and_nothing_is_judged(project: Path) -> None:
    (project / "mail.html").write_text("<p>wolf</p>")
    result = check("mail.html", "gone.html", "mail.html")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith("mailcheck: gone.html: there is no such file")
    assert result.stdout == ""
    assert not (project / "judged").exists()


def test_several_missing_paths_are_told_together() -> None:
    result = check("a.html", "b.html")
    assert result.stderr.splitlines()[-1].startswith("mailcheck: a.html, b.html: there are no such files")


@pytest.mark.parametrize("content", [b"", b"  \n", b"\x00\x01\x02\x03binary\x00\x01\x02\x03"])
def test_a_named_file_that_is_no_mail_ends_the_run(project: Path, content: bytes) -> None:
    (project / "good.html").write_text("<p>wolf</p>")
    (project / "bad.html").write_bytes(content)
    result = check("good.html", "bad.html")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "bad.html: " in result.stderr


def test_a_file_of_a_folder_that_is_no_mail_is_a_finding(project: Path) -> None:
    folder = project / "mails"
    folder.mkdir()
    (folder / "good.html").write_text("<p>wolf</p>")
    (folder / "bad.html").write_bytes(b"")
    result = check("mails", "--format", "json")
    assert result.exit_code == 3
    found = {finding["rule"] for finding in json.loads(result.stdout)["findings"]}
    assert {"engine/unreadable", "mailrules/wolf"} <= found


def test_findings_name_the_path_as_the_user_did_and_count_from_one(project: Path) -> None:
    folder = project / "mails"
    folder.mkdir()
    (folder / "a.html").write_bytes("<p>\r\n\t😀 wolf</p>\r\n".encode())
    (finding,) = report("mails/../mails/a.html")["findings"]
    assert finding["path"] == "mails/../mails/a.html"
    place = {key: finding[key] for key in ("part", "line", "column", "end_line", "end_column", "evidence")}
    assert place == {"part": "html", "line": 2, "column": 4, "end_line": 2, "end_column": 8, "evidence": "wolf"}
    for key in ("rule", "severity", "message", "fingerprint"):
        assert finding[key]
    (finding,) = report(folder)["findings"]
    assert finding["path"] == str(folder / "a.html")


def test_each_file_is_judged_once(project: Path) -> None:
    (project / "a.html").write_text("<p>wolf</p>")
    (project / "b.html").write_text("<p>wolf</p>")
    found = report("b.html", ".", "./a.html", "b.html")
    assert [campaign["path"] for campaign in found["campaigns"]] == ["b.html", "a.html"]


def test_standard_input() -> None:
    result = check("-", "--format", "json", stdin=b"<p>a wolf</p>")
    assert result.exit_code == 1
    assert [finding["path"] for finding in json.loads(result.stdout)["findings"]] == ["-"]


def test_standard_input_with_a_name_is_read_as_such() -> None:
    mail = b"Subject: the wolf\r\nFrom: a <a@shop.example>\r\n\r\nsheep\r\n"
    found = report("-", "--stdin-name", "proofs/spring.eml", stdin=mail)
    assert found["campaigns"][0]["reader"] == "eml"
    assert [(one["path"], one["part"]) for one in found["findings"]] == [("proofs/spring.eml", "subject")]


def test_standard_input_that_is_too_large_is_not_judged_in_part(project: Path) -> None:
    (project / "mailcheck.toml").write_text("max_bytes = 2048\n")
    result = check("-", stdin=b"<p>sheep</p>" + b" " * 2048)
    assert result.exit_code == 3


def test_what_rules_print_does_not_disturb_the_report(project: Path) -> None:
    (project / "mail.html").write_text("<p>wolf</p>")
    result = check("mail.html", "--format", "json")
    assert json.loads(result.stdout)["verdict"] == "held"
    assert "a rule that prints" not in result.stdout


# outputs


def test_formats_to_files_and_the_terminal_as_well(project: Path) -> None:
    (project / "mail.html").write_text("<p>wolf</p>")
    result = check("mail.html", "--format", "json=out.json", "--format", "sarif=out.sarif")
    assert result.exit_code == 1
    assert "There is a wolf in the html." in result.stdout
    assert json.loads((project / "out.json").read_text())["verdict"] == "held"
    assert json.loads((project / "out.sarif").read_text())["version"] == "2.1.0"
    assert not list(project.glob("*.part")) + list(project.glob(".*.part"))


def test_at_most_one_format_on_standard_output(project: Path) -> None:
    (project / "mail.html").write_text("<p>wolf</p>")
    result = check("mail.html", "--format", "json", "--format", "sarif=-")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "json and sarif cannot both go to standard output" in result.stderr
    assert not (project / "judged").exists()


def test_two_formats_for_one_file(project: Path) -> None:
    (project / "mail.html").write_text("<p>wolf</p>")
    result = check("mail.html", "--format", "json=out", "--format", "sarif=./out")
    assert result.exit_code == 2
    assert not (project / "out").exists()


@pytest.mark.parametrize(
    ("file", "sentence"), [("missing/out.json", "does not exist; make it first"), ("mails", "is a folder")]
)
def test_a_place_that_cannot_be_written_is_told_before_anything_is_judged(
    project: Path, file: str, sentence: str
) -> None:
    (project / "mails").mkdir()
    (project / "mail.html").write_text("<p>wolf</p>")
    result = check("mail.html", "--format", f"json={file}")
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert not (project / "judged").exists()


def test_a_report_never_overwrites_what_it_is_about(project: Path) -> None:
    campaign(project)
    for path, file in (("spring/mail.html", "spring/mail.html"), (".", "spring/../spring/mail.html")):
        result = check(path, "--format", f"html={file}")
        assert result.exit_code == 2, path
        assert "is itself one of the files to be checked" in result.stderr
        assert "wolf" in (project / "spring" / "mail.html").read_text()


def test_a_report_that_cannot_be_written_is_not_a_pass(project: Path) -> None:
    (project / "mail.html").write_text("<p>sheep</p>")
    (project / "full").symlink_to("/dev/full")
    result = check("mail.html", "--format", "json=full", "--format", "sarif=out.sarif")
    assert result.exit_code == 3
    assert "full cannot be written (No space left on device)" in result.stderr
    assert (project / "out.sarif").exists()


def test_an_existing_report_keeps_its_mode_and_its_link(project: Path) -> None:
    (project / "mail.html").write_text("<p>sheep</p>")
    (project / "real.json").write_text("old")
    (project / "real.json").chmod(0o640)
    (project / "link.json").symlink_to("real.json")
    assert check("mail.html", "--format", "json=link.json").exit_code == 0
    assert (project / "link.json").is_symlink()
    assert (project / "real.json").stat().st_mode & 0o777 == 0o640
    assert json.loads((project / "real.json").read_text())["verdict"] == "clear"


def test_quiet_says_nothing_when_clear_and_all_when_not(project: Path) -> None:
    (project / "mail.html").write_text("<p>sheep</p>")
    assert check("mail.html", "--quiet").stdout == ""
    (project / "mail.html").write_text("<p>wolf</p>")
    assert "There is a wolf in the html." in check("mail.html", "--quiet").stdout


def test_colour(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "mail.html").write_text("<p>wolf</p>")
    assert "\x1b[" not in check("mail.html").stdout
    assert "\x1b[" in check("mail.html", "--color", "always").stdout
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in check("mail.html").stdout
    assert "\x1b[" not in check("mail.html", "--color", "never").stdout
    assert "\x1b[" not in check("mail.html", "--color", "always", "--format", "json").stdout


def campaign(project: Path) -> Path:
    folder = project / "spring"
    folder.mkdir()
    (folder / "campaign.toml").write_text(
        'name = "Spring"\ndialect = "mailchimp"\n\n[message]\nsubject = "the wolf *|FNAME|*"\n'
        'from = "Shop <news@shop.example>"\nhtml_file = "mail.html"\n'
    )
    (folder / "mail.html").write_text("<h1>\n  <b>wolf</b>, a fox\n</h1>\n")
    return folder


def test_golden(project: Path) -> None:
    campaign(project)
    result = check("spring")
    assert result.exit_code == 1
    assert result.stdout == (HERE / "test_cli_golden" / "spring.txt").read_text(encoding="utf-8")


# settings and flags


def test_ignore_adds_to_the_settings(project: Path) -> None:
    (project / "mail.html").write_text("<p>wolf fox</p>")
    (project / "mailcheck.toml").write_text('select = ["mailrules", "copy"]\nignore = ["mailrules/fox"]\n')
    result = mailcheck("check", "mail.html", "--format", "json", "--ignore", "copy, merge_tags")
    assert {finding["rule"] for finding in json.loads(result.stdout)["findings"]} == {"mailrules/wolf"}
    outcomes = json.loads(result.stdout)["campaigns"][0]["outcomes"]
    assert [outcome["rule"] for outcome in outcomes] == ["mailrules/wolf"]


def test_select_takes_lists_and_families(project: Path) -> None:
    (project / "mail.html").write_text("<p>x</p>")
    result = mailcheck("check", "mail.html", "--format", "json", "--select", "mailrules/*,copy/placeholder")
    names = [outcome["rule"] for outcome in json.loads(result.stdout)["campaigns"][0]["outcomes"]]
    assert names == ["copy/placeholder", "mailrules/fox", "mailrules/wolf"]


def test_what_is_said_by_hand_wins_over_the_manifest(project: Path) -> None:
    campaign(project)
    found = report("spring", "--stage", "rendered", "--dialect", "klaviyo", "--profile", "template")
    (judged,) = found["campaigns"]
    assert (judged["stage"], judged["dialect"], judged["profile"]) == ("rendered", "klaviyo", "template")


def test_fields_by_hand(project: Path) -> None:
    (project / "mail.html").write_text("<p>*|FNAM|* <a href='*|UNSUB|*'>x</a></p>")
    select = ("check", "mail.html", "--select", "merge_tags/unknown_field", "--dialect", "mailchimp")
    assert mailcheck(*select).exit_code == 3
    assert mailcheck(*select, "--fields", "FNAME,EMAIL").exit_code == 1
    assert mailcheck(*select, "--fields", "FNAM, EMAIL").exit_code == 0


def test_addresses_are_masked_unless_shown(project: Path) -> None:
    (project / "mail.html").write_text("<p>fox, write to jane.doe@shop.example</p>")
    for text in (check("mail.html").stdout, check("mail.html", "--format", "json").stdout):
        assert "klara.berg" not in text
        assert "jane.doe" not in text
    shown = report("mail.html", "--show-addresses")["findings"][0]
    assert "klara.berg@shop.example" in shown["message"]
    assert "jane.doe@shop.example" in shown["evidence"]


def test_no_local_does_not_run_the_code_of_the_project(project: Path) -> None:
    (project / "mail.html").write_text("<p>wolf</p>")
    result = mailcheck("check", "--no-local", "mail.html", "--format", "json")
    assert result.exit_code == 0
    assert not any(
        one["rule"].startswith("mailrules/") for one in json.loads(result.stdout)["campaigns"][0]["outcomes"]
    )
    assert not (project / "judged").exists()


def test_a_broken_rule_file_is_unsure(project: Path) -> None:
    (project / "mailrules.py").write_text("import nothing_of_that_name\n")
    (project / "mail.html").write_text("<p>sheep</p>")
    result = mailcheck("check", "mail.html")
    assert result.exit_code == 3
    assert "nothing_of_that_name" in result.stdout


# empty inputs


def test_nothing_to_check_is_no_pass_unless_allowed(project: Path) -> None:
    (project / "empty").mkdir()
    for paths in (["empty"], []):
        assert check(*paths).exit_code == 2
        result = check(*paths, "--allow-empty", "--format", "json")
        assert result.exit_code == 0
        assert json.loads(result.stdout)["campaigns"] == []


def test_allow_empty_allows_nothing_else(project: Path) -> None:
    (project / "empty").mkdir()
    (project / "mail.html").write_text("<p>wolf</p>")
    assert check("empty", "gone", "--allow-empty").exit_code == 2
    assert check("empty", "mail.html", "--allow-empty").exit_code == 1
    (project / "mail.html").write_text("")
    assert check("mail.html", "--allow-empty").exit_code == 2


def test_campaigns_of_the_named_files(project: Path) -> None:
    folder = campaign(project)
    (folder / "img").mkdir()
    (folder / "img" / "notes.txt").write_text("x")
    (project / "other.html").write_text("<p>wolf</p>")
    found = report("--campaigns", "spring/mail.html", "other.html", "spring/img/notes.txt")
    assert [one["path"] for one in found["campaigns"]] == ["spring/campaign.toml"]
    allowed = mailcheck("check", "--campaigns", "--allow-empty", "other.html")
    assert (allowed.exit_code, "--allow-empty allows" in allowed.stderr) == (0, True)
    assert check("--campaigns", "other.html").exit_code == 2


# the terminal and its pipes


def start(*args: str, **options: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "mailcheck", "check", "--select", "mailrules", *args]
    return subprocess.Popen(command, stderr=subprocess.PIPE, **options)


def test_a_reader_that_goes_away_is_no_error(project: Path) -> None:
    (project / "mail.html").write_text("<p>" + "wolf\n" * 900 + "</p>")
    reading, writing = os.pipe()
    os.close(reading)
    process = start("mail.html", "--format", "json", stdout=writing)
    os.close(writing)
    _, errors = process.communicate()
    assert process.returncode == 1
    assert b"Error" not in errors
    assert b"Exception" not in errors


def test_standard_output_that_cannot_be_written_is_no_pass(project: Path) -> None:
    (project / "mail.html").write_text("<p>sheep</p>")
    with Path("/dev/full").open("wb") as full:
        process = start("mail.html", stdout=full)
        _, errors = process.communicate()
    assert process.returncode == 3
    assert b"standard output cannot be written (No space left on device)" in errors
    assert b"Traceback" not in errors


def test_output_survives_a_terminal_without_unicode(project: Path) -> None:
    (project / "mail.html").write_text("<p>wolf 😀 “quoted”</p>", encoding="utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    for extra in ([], ["--format", "json"]):
        process = start("mail.html", *extra, stdout=subprocess.PIPE, env=environment)
        output, errors = process.communicate()
        assert (process.returncode, b"Error" in errors) == (1, False)
        assert b"wolf" in output


class Terminal:
    """A standard error that says it is a terminal."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.text = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        pass


def test_progress_is_shown_to_people_who_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    monkeypatch.setattr(progress, "PAUSE", 0.0)
    shown, quiet = Terminal(), Terminal()
    for terminal, wanted in ((shown, True), (quiet, False)):
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setenv("TERM", "xterm")
        with progress.Ticker(12, wanted=wanted) as tick:
            for done in range(1, 13):
                tick(done)
    assert re.search(r"7/12", shown.text)
    assert quiet.text == ""


def test_no_progress_where_nobody_looks(project: Path) -> None:
    for number in range(30):
        (project / f"{number}.html").write_text("<p>sheep</p>")
    process = start(".", stdout=subprocess.PIPE)
    _, errors = process.communicate()
    assert process.returncode == 0
    assert b"30" not in errors


@pytest.mark.parametrize("option", ["--select", "--ignore", "--locale", "--fields", "--settings"])
@pytest.mark.parametrize("value", ["", " , "])
def test_an_option_with_nothing_in_it_is_refused(project: Path, option: str, value: str) -> None:
    result = mailcheck("check", option, "" if option == "--settings" else value, "good.html")
    assert result.exit_code == 2
    assert f"{option} is given, but names nothing" in result.stderr


def test_an_empty_path_is_refused(project: Path) -> None:
    result = mailcheck("check", "")
    assert (result.exit_code, "one of the paths is empty" in result.stderr) == (2, True)


def in_shell(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["/bin/sh", "-c", script, sys.executable], capture_output=True, text=True, check=False)


@pytest.mark.skipif(os.name != "posix", reason="needs a shell of Unix")
def test_standard_input_that_is_closed_is_told() -> None:
    done = in_shell('"$0" -m mailcheck check - <&-')
    assert (done.returncode, "standard input is closed" in done.stderr) == (2, True)


@pytest.mark.skipif(os.name != "posix", reason="needs a shell of Unix")
def test_a_working_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    done = in_shell(f'mkdir {tmp_path}/x && cd {tmp_path}/x && rmdir {tmp_path}/x && "$0" -m mailcheck rules')
    assert done.returncode == 2, done.stderr
    assert "the working folder does not exist" in done.stderr


def test_what_could_not_be_read_is_told_once(project: Path) -> None:
    (project / "fine.html").write_text("<p>sheep</p>")
    (project / "gone.html").symlink_to(project.parent)
    result = mailcheck("check", ".", "--format", "json", "--select", "copy")
    report = json.loads(result.stdout)
    told = [one["rule"] for one in report["findings"] if one["path"].endswith("gone.html")]
    assert (result.exit_code, told) == (3, ["engine/unreadable"])
