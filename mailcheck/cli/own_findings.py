"""What mailcheck itself reports, besides the rules: `mailcheck explain engine/…`."""

from __future__ import annotations

OWN_FINDINGS = {
    "engine/plugin": "A plug-in cannot be loaded, speaks another generation of the API, or brings something broken. "
    "What it would have found is not known, so the verdict is unsure. `mailcheck plugins` tells what is wrong; mend "
    "or update the plug-in, or name it under `block` in the settings.",
    "engine/missing_input": "The profile demands something that was not given: the whole message, the audience, the "
    "history. The verdict is unsure. Supply it, or choose a profile that demands less.",
    "engine/crash": "The process that judged a file ended before it was done, or failed inside mailcheck. Nothing is "
    "known of the file, so the verdict is unsure. Check the file alone to see more; a rule of a plug-in that ends its "
    "process is the usual reason.",
    "engine/exit": "A rule or a fact of a plug-in tried to end the whole process from within its event loop. It was "
    "kept from doing so, but what it would have found is not known, so the verdict is unsure. Mend the plug-in, or "
    "name it under `block` in the settings.",
    "engine/limit": "An input is larger, deeper or has more parts than mailcheck reads. What is beyond the limit was "
    "not judged, so the verdict is unsure. Make the mail smaller; `max_bytes` in the settings raises one limit.",
    "engine/charset": "The bytes of a text do not agree with the charset that is stated for it, so recipients may read "
    "something else than what was judged. Save it as UTF-8, and state that.",
    "engine/malformed": "A mail is not built as the standards demand, and mail clients may show something else than "
    "what was judged. Make it anew with the program that wrote it.",
    "engine/unreadable": "A file of a folder could not be read, so nothing is known of it and the verdict is unsure. "
    "Mend it, or leave it out with `exclude` in the settings.",
    "engine/unread": "A part of the mail that a recipient may read was not judged: a second text, a mail within the "
    "mail, encrypted content, a format that mailcheck does not read. The verdict is unsure, except for attachments and "
    "calendar entries, which are only mentioned. Leave the part out, or check it by itself.",
    "engine/compile": "The MJML source does not compile, so the mail that it would become was not judged. Correct the "
    "place that is named; `pip install mailcheck-lint[mjml]` installs the compiler.",
    "engine/history": "The judgement could not be recorded in the history, so later campaigns could not be compared "
    "with this one, and the verdict is unsure. Mend what the message names; `history` in the settings, `--history` and "
    "the table `[history]` of the manifest say where sends are recorded. As a warning: the id of the campaign belongs "
    "to a send with other content, so that nothing was recorded; give every send an id of its own.",
    "engine/waiver_expired": "A waiver of the settings has ended. Mend the mail, or renew the waiver with a new reason "
    "and a new day.",
    "engine/waiver_unused": "A waiver of the settings matches nothing any more. Delete it, so that it cannot hide "
    "something new.",
    "engine/baseline_stale": "Entries of the baseline match nothing any more, because their problems were mended. "
    "`mailcheck baseline` writes it anew.",
    "engine/nothing_judged": "No campaign was judged, so nothing is known to be right.",
}
"""Name and explanation of each; none of them can be waived."""
