"""Fixing: only safe edits, only where they are better, and files that stay what they were otherwise."""

from __future__ import annotations

import codecs
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from mailcheck.campaign import Campaign, Message, Part
from mailcheck.cli.fix import difference
from mailcheck.fixing import MAX_ROUNDS, edited, repair
from mailcheck.report import CampaignReport, Edit, Finding, Outcome, Suggestion, fingerprints
from mailcheck.rewriting import CannotRewrite, TextFile
from support import mailcheck

RULES = '''
import re
from mailcheck import Campaign, Fix, Problem, Problems, bad, good, rule


@rule()
@bad(html="<p>wolf</p>", at="wolf")
@good(html="<p>sheep</p>")
def animals(campaign: Campaign) -> Problems:
    """An animal that does not belong here."""
    for part in campaign.message.parts():
        for found in re.finditer(r"wolf|trap|bear|loop|newline|euro", part.text):
            place = part.at(*found.span())
            to = {"wolf": "sheep", "trap": "crash", "bear": "cub", "loop": "loop loop", "newline": "a\\nb", "euro": "€"}
            yield Problem(found[0], at=place, fix=Fix.replace(place, to[found[0]], safe=found[0] != "bear"))


@rule()
@bad(html="<p>crash</p>", at="crash")
@good(html="<p>sheep</p>")
def crash(campaign: Campaign) -> Problems:
    """A crash."""
    for part in campaign.message.parts():
        for found in re.finditer("crash", part.text):
            yield Problem("A crash.", at=part.at(*found.span()))
        if "explode" in part.text:
            raise RuntimeError("boom")
'''


def fix(*args: str | Path, stdin: bytes | None = None) -> Result:
    return mailcheck("fix", "--select", "mailrules", *args, stdin=stdin)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "mailrules.py").write_text(RULES)
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "MAILCHECK_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


# the loop, with a judge made of a few lines

Edits = Sequence[tuple[int, int, str]]
Rule = Callable[[str], Sequence[tuple[str, str, Edits]]]


def judge_by(rule: Rule, *, severity: str = "error") -> Callable[[Campaign], CampaignReport]:
    """A judge of HTML parts; the rule yields `(rule, evidence, edits)`."""

    def judge(campaign: Campaign) -> CampaignReport:
        assert campaign.message.html is not None
        found = list(rule(campaign.message.html.text))
        prints = fingerprints((name, "html", evidence) for name, evidence, _ in found)
        findings = tuple(
            Finding(
                rule=name,
                severity=severity,
                message=f"{name}.",
                part="html",
                evidence=evidence,
                fingerprint=one,
                fix=Suggestion(edits=tuple(Edit(start=s, end=e, replacement=t) for s, e, t in edits))
                if edits
                else None,
            )
            for (name, evidence, edits), one in zip(found, prints, strict=True)
        )
        return CampaignReport(path="m.html", profile="template", stage="template", findings=findings)

    return judge


def html(text: str) -> Campaign:
    return Campaign(message=Message(html=Part("html", text, "m.html", "html")), path="m.html")


def each(pattern: str, to: str, name: str = "a/b") -> Rule:
    return lambda text: [(name, m[0], [(m.start(), m.end(), to)]) for m in re.finditer(pattern, text)]


def fixed_text(rule: Rule, text: str) -> tuple[str, list[str]]:
    result = repair(html(text), judge_by(rule))
    assert result.campaign.message.html is not None
    return result.campaign.message.html.text, [one.why for one in result.refused]


def test_every_place_is_fixed_by_characters() -> None:
    assert fixed_text(each("wolf", "sheep"), "😀 wolf\r\n\twolf wolf") == ("😀 sheep\r\n\tsheep sheep", [])


def test_fixes_of_a_fix_follow_until_nothing_is_left() -> None:
    def rule(text: str) -> Sequence[tuple[str, str, Edits]]:
        return [("a/b", m[0], [(m.start(), m.end(), f"{int(m[0]) - 1}")]) for m in re.finditer("[1-9]", text)]

    assert fixed_text(rule, "3 1 2") == ("0 0 0", [])


def test_fixes_that_never_come_to_rest_are_left_and_the_others_are_kept() -> None:
    def rule(text: str) -> Sequence[tuple[str, str, Edits]]:
        word = "tick" if "tick" in text else "tock"
        start = text.index(word)
        other = "tock" if word == "tick" else "tick"
        return [*each("wolf", "sheep")(text), ("a/clock", word, [(start, start + 4, other)])]

    text, why = fixed_text(rule, "wolf tick wolf")
    assert text == "sheep tick sheep"
    assert why == [f"after {MAX_ROUNDS} rounds the fixes of a/clock still bring new ones"]


def test_of_fixes_that_overlap_the_first_wins_and_the_other_gets_another_look() -> None:
    def rule(text: str) -> Sequence[tuple[str, str, Edits]]:
        found: list[tuple[str, str, Edits]] = []
        for name, pattern, to in (("a/one", "abc", "x"), ("a/two", "cd", "y"), ("a/three", "bc", "z")):
            found += [(name, m[0], [(m.start(), m.end(), to)]) for m in re.finditer(pattern, text)]
        return found

    assert fixed_text(rule, "abcd") == ("xd", [])
    assert fixed_text(rule, "bcd") == ("by", [])


def test_insertions_at_one_place_are_not_mixed() -> None:
    def rule(text: str) -> Sequence[tuple[str, str, Edits]]:
        return [(f"a/{c}", "<p>", [(3, 3, c)]) for c in "xy" if c not in text]

    assert fixed_text(rule, "<p></p>") == ("<p>yx</p>", [])


def test_all_edits_of_a_fix_or_none() -> None:
    def rule(text: str) -> Sequence[tuple[str, str, Edits]]:
        both = [("a/pair", "( )", [(0, 1, "["), (text.index(")"), text.index(")") + 1, "]")])] if "(" in text else []
        return [*([("a/first", "(", [(0, 1, "<")])] if "(" in text else []), *both]

    assert fixed_text(rule, "(x)") == ("<x)", [])


def test_a_fix_that_brings_a_new_error_is_refused_and_the_others_are_kept() -> None:
    def rule(text: str) -> Sequence[tuple[str, str, Edits]]:
        found = list(each("wolf", "sheep")(text)) + list(each("trap", "crash", "a/trap")(text))
        return [*found, *(("a/crash", "crash", []) for _ in re.finditer("crash", text))]

    text, why = fixed_text(rule, "wolf trap wolf crash trap")
    assert text == "sheep trap sheep crash trap"
    assert why == ["it would bring a new error: a/crash: a/crash."] * 2


def test_a_fix_may_leave_errors_that_were_there_and_bring_hints() -> None:
    def rule(text: str) -> Sequence[tuple[str, str, Edits]]:
        return [*each("wolf", "sheep")(text), ("a/old", "old", [])]

    assert fixed_text(rule, "wolf") == ("sheep", [])
    warn = repair(html("trap"), judge_by(each("trap|crash", "crash"), severity="warning"))
    assert [one.why for one in warn.refused] == ["its edit changes nothing; report this to the authors of the rule"]
    assert [part.text for part, _ in warn.texts] == ["trap"]


def test_a_fix_that_does_not_end_its_problem_is_refused() -> None:
    assert fixed_text(each("loop", "loop loop"), "loop") == ("loop", ["it would bring a new error: a/b: a/b."])
    same = repair(html("x"), judge_by(lambda text: [("a/b", "x", [(0, 0, "y")])], severity="warning"))
    assert (same.texts, len(same.refused)) == ((), 1)


def test_a_new_error_of_the_same_rule_without_a_fix_is_no_next_step() -> None:
    def rule(text: str) -> Sequence[tuple[str, str, Edits]]:
        return [("a/b", text, [(0, 4, "dead")] if text == "live" else [])]

    assert fixed_text(rule, "live") == ("live", ["it would bring a new error: a/b: a/b."])


@pytest.mark.parametrize(
    ("edits", "why"),
    [
        ([(0, 99, "x")], "outside"),
        ([(3, 1, "x")], "outside"),
        ([(0, 2, "x"), (1, 3, "y")], "overlap"),
        ([(0, 3, "<p>")], "nothing"),
    ],
)
def test_junk_of_a_plug_in_is_refused(edits: Edits, why: str) -> None:
    text, reasons = fixed_text(lambda _: [("a/b", "x", edits)], "<p>x</p>")
    assert text == "<p>x</p>"
    assert [why in one for one in reasons] == [True]


def test_a_rule_that_can_no_longer_run_is_harm() -> None:
    plain = judge_by(each("wolf", "sheep"))

    def judge(campaign: Campaign) -> CampaignReport:
        report = plain(campaign)
        status = "passed" if report.findings else "error"
        return report.model_copy(update={"outcomes": (Outcome(rule="a/c", status=status),)})

    result = repair(html("wolf"), judge)
    assert result.texts == ()
    assert [one.why for one in result.refused] == ["a/c could not run on the result"]


def test_locked_parts_are_left_with_the_reason() -> None:
    result = repair(html("wolf"), judge_by(each("wolf", "sheep")), lambda _: "it is glass")
    assert (result.texts, [one.why for one in result.refused]) == ((), ["it is glass"])


PIECES = st.lists(
    st.tuples(st.text(max_size=4), st.text(max_size=4), st.text(alphabet="abc\n", max_size=3)), max_size=8
)


@given(PIECES, st.randoms())
def test_edits_change_what_they_name_and_nothing_else(pieces: list[tuple[str, str, str]], random: Random) -> None:
    text, expected, edits = "", "", []
    for kept, old, new in pieces:
        text, expected = text + kept, expected + kept
        edits.append(Edit(start=len(text), end=len(text) + len(old), replacement=new))
        text, expected = text + old, expected + new
    crlf = "\r\n" in text and text.count("\n") == text.count("\r\n")
    distinct = len({edit.start for edit in edits}) == len(edits)
    if crlf or not distinct:
        return
    random.shuffle(edits)
    assert edited(text, edits) == expected


def test_new_lines_end_as_the_others_of_the_file_do() -> None:
    edit = Edit(start=1, end=1, replacement="x\ny\r\nz")
    assert edited("ab\r\nc", [edit]) == "ax\r\ny\r\nzb\r\nc"
    assert edited("ab\nc", [edit]) == "ax\ny\r\nzb\nc"


LINES = st.text(alphabet=st.sampled_from("ab\n\r\x0b\x0c\x85\u2028"), max_size=30)


@given(LINES, LINES)
def test_patch_takes_the_difference(tmp_path_factory: pytest.TempPathFactory, old: str, new: str) -> None:
    if shutil.which("patch") is None:
        pytest.skip("there is no `patch` here to apply a diff with")
    folder = tmp_path_factory.mktemp("patch")
    (folder / "mail.html").write_bytes(old.encode())
    diff = "".join(difference("mail.html", old, new)).encode()
    if diff:
        subprocess.run(["patch", "--binary", "-s", "-p0"], cwd=folder, input=diff, check=True, capture_output=True)
    assert (folder / "mail.html").read_bytes() == new.encode() if (folder / "mail.html").exists() else new == ""


# files


@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_encoding_byte_order_mark_line_ends_mode_and_link_are_kept(project: Path, mark: bytes, codec: str) -> None:
    text = "<p>\r\n“été” wolf\n😀\r</p>"
    (project / "real.html").write_bytes(mark + text.encode(codec))
    (project / "real.html").chmod(0o604)
    (project / "mail.html").symlink_to("real.html")
    assert fix("--apply", "mail.html").exit_code == 0
    assert (project / "real.html").read_bytes() == mark + text.replace("wolf", "sheep").encode(codec)
    assert stat.S_IMODE((project / "real.html").stat().st_mode) == 0o604
    assert (project / "mail.html").is_symlink()


def test_a_stated_charset_is_kept(project: Path) -> None:
    text = '<meta charset="iso-8859-1"><p>été wolf</p>'
    (project / "mail.html").write_bytes(text.encode("latin-1"))
    assert fix("--apply", "mail.html").exit_code == 0
    assert (project / "mail.html").read_bytes() == text.replace("wolf", "sheep").encode("latin-1")


def test_what_the_charset_cannot_hold_is_not_written(project: Path) -> None:
    data = '<meta charset="iso-8859-5"><p>волк euro wolf</p>'.encode("iso-8859-5")
    (project / "mail.html").write_bytes(data)
    for apply in ([], ["--apply"]):
        result = fix(*apply, "mail.html")
        assert (result.exit_code, result.stdout) == (1, "")
        assert "mail.html was not written: iso8859-5 has not all characters" in result.stderr
    assert (project / "mail.html").read_bytes() == data


def test_bytes_that_are_no_text_of_their_charset_are_not_touched(project: Path) -> None:
    data = b'<meta charset="utf-8"><p>\xff\x81 wolf</p>'
    (project / "mail.html").write_bytes(data)
    result = fix("--apply", "mail.html")
    assert result.exit_code != 0
    assert (project / "mail.html").read_bytes() == data


@given(st.binary(max_size=60), st.sampled_from([b"", *(codecs.BOM_UTF8, codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)]))
def test_a_file_that_is_read_can_be_written_back(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, mark: bytes
) -> None:
    path = tmp_path_factory.mktemp("bytes") / "mail.html"
    path.write_bytes(mark + data)
    try:
        file = TextFile.read(path)
    except CannotRewrite:
        return
    assert file.with_text(file.text) == mark + data


def test_a_file_that_changed_meanwhile_is_not_overwritten(project: Path) -> None:
    path = project / "mail.html"
    path.write_text("wolf")
    file = TextFile.read(path)
    path.write_text("somebody else was here")
    with pytest.raises(CannotRewrite, match="changed meanwhile"):
        file.write("sheep")
    assert path.read_text() == "somebody else was here"


# the command


def test_without_apply_it_shows_a_diff_and_writes_nothing(project: Path) -> None:
    (project / "mail.html").write_text("<p>a</p>\n<p>wolf</p>\n")
    result = fix("mail.html")
    assert result.exit_code == 1
    assert result.stdout == "--- mail.html\n+++ mail.html\n@@ -1,2 +1,2 @@\n <p>a</p>\n-<p>wolf</p>\n+<p>sheep</p>\n"
    assert "1 problem can be fixed in 1 file; --apply writes them" in result.stderr
    assert (project / "mail.html").read_text() == "<p>a</p>\n<p>wolf</p>\n"


def test_apply_writes_and_the_result_is_clean(project: Path) -> None:
    (project / "mail.html").write_text("<p>wolf</p>")
    result = fix("--apply", "mail.html")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "1 problem fixed in 1 file" in result.stderr
    assert (project / "mail.html").read_text() == "<p>sheep</p>"
    again = fix("--apply", "mail.html")
    assert again.exit_code == 0
    assert "0 problems fixed in 0 files" in again.stderr


def test_unsafe_fixes_are_counted_and_not_applied(project: Path) -> None:
    (project / "mail.html").write_text("<p>bear</p>")
    result = fix("--apply", "mail.html")
    assert result.exit_code == 0
    assert "1 with a fix that you must look at first" in result.stderr
    assert (project / "mail.html").read_text() == "<p>bear</p>"


def test_a_fix_that_makes_it_worse_is_told(project: Path) -> None:
    (project / "mail.html").write_text("<p>trap wolf</p>")
    result = fix("--apply", "mail.html")
    assert result.exit_code == 1
    assert "mail.html:1:4 mailrules/animals was not fixed: it would bring a new error: mailrules/crash" in result.stderr
    assert "1 problem fixed in 1 file, 1 left" in result.stderr
    assert (project / "mail.html").read_text() == "<p>trap sheep</p>"


def test_waived_findings_are_not_fixed(project: Path) -> None:
    (project / "mailcheck.toml").write_text(
        '[[waive]]\nrule = "mailrules/animals"\nmatch = "wolf"\nwhy = "it is his birthday"\nuntil = 2999-01-01\n'
    )
    (project / "mail.html").write_text("<p>wolf</p>")
    assert fix("mail.html").exit_code == 0


def test_a_campaign_is_fixed_in_its_files_and_not_in_its_manifest(project: Path) -> None:
    manifest = 'subject = "wolf"\nfrom = "Shop <a@shop.example>"\nhtml_file = "mail.html"\ntext_file = "mail.txt"\n'
    (project / "campaign.toml").write_text(f"[message]\n{manifest}")
    (project / "mail.html").write_text("<p>wolf</p>")
    (project / "mail.txt").write_text("a wolf\r\n")
    result = fix("--apply", "campaign.toml")
    assert result.exit_code == 1
    assert "campaign.toml:2:12 mailrules/animals was not fixed: it is" in result.stderr
    assert (project / "campaign.toml").read_text() == f"[message]\n{manifest}"
    assert (project / "mail.html").read_text() == "<p>sheep</p>"
    assert (project / "mail.txt").read_bytes() == b"a sheep\r\n"


def test_a_file_of_two_campaigns_is_mended_once(project: Path) -> None:
    (project / "campaign.toml").write_text('[message]\nsubject = "x"\nfrom = "a@b.example"\nhtml_file = "mail.html"\n')
    (project / "mail.html").write_text("<p>wolf</p>")
    result = fix("campaign.toml", "mail.html")
    assert result.stdout.count("+<p>sheep</p>") == 1
    assert "1 problem can be fixed in 1 file" in result.stderr
    assert fix("--apply", "mail.html", "campaign.toml").exit_code == 0
    assert (project / "mail.html").read_text() == "<p>sheep</p>"


def test_mails_are_never_written(project: Path) -> None:
    mail = b"Subject: x\r\nFrom: a@b.example\r\nContent-Type: text/html\r\n\r\n<p>wolf</p>\r\n"
    (project / "mail.eml").write_bytes(mail)
    result = fix("--apply", "mail.eml")
    assert result.exit_code == 1
    assert "was not fixed: it is a part of a mail" in result.stderr
    assert (project / "mail.eml").read_bytes() == mail


def test_standard_input_shows_the_difference() -> None:
    template = b"<p>Hi {{ first_name }</p>\n"
    result = mailcheck("fix", "--no-local", "--select", "merge_tags/broken", "-", stdin=template)
    assert (result.exit_code, "+<p>Hi {{ first_name }}</p>" in result.stdout) == (1, True)


def test_a_judgement_that_is_not_complete_is_unsure_even_when_all_was_fixed(project: Path) -> None:
    (project / "mail.html").write_text("<p>wolf explode</p>")
    result = fix("--apply", "mail.html")
    assert result.exit_code == 3
    assert "boom" in result.stderr
    assert (project / "mail.html").read_text() == "<p>sheep explode</p>"


@pytest.mark.skipif(sys.platform != "linux", reason="processes of other systems cannot inherit what is loaded")
def test_a_rule_that_ends_the_process_is_no_success(project: Path) -> None:
    rules = (project / "mailrules.py").read_text()
    (project / "mailrules.py").write_text(rules.replace('raise RuntimeError("boom")', "__import__('os')._exit(0)"))
    (project / "mail.html").write_text("<p>wolf explode</p>")
    code = "import sys; from mailcheck.cli import run; sys.exit(run(['fix', '--apply', 'mail.html']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "ended itself with exit code 0; nothing was written" in done.stderr
    assert (project / "mail.html").read_text() == "<p>wolf explode</p>"


def test_colours_do_not_let_the_mail_steer_the_terminal(project: Path) -> None:
    (project / "mail.html").write_text("<p>\x1b[2Jwolf</p>")
    result = fix("mail.html", "--color", "always")
    assert "\x1b[31m-" in result.stdout
    assert "\x1b[2J" not in result.stdout


def test_a_missing_file_and_nothing_is_written(project: Path) -> None:
    (project / "mail.html").write_text("<p>wolf</p>")
    assert fix("--apply", "mail.html", "gone.html").exit_code == 2
    (project / "bad.html").write_text("")
    assert fix("--apply", "mail.html", "bad.html").exit_code == 2
    assert (project / "mail.html").read_text() == "<p>wolf</p>"
