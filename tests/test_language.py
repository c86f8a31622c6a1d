"""The language of the copy against the declared one."""

from __future__ import annotations

import sys
from itertools import permutations
from typing import Any

import pytest

from mailcheck.checking import Checker, checker
from mailcheck.content import language
from mailcheck.report import CampaignReport

COPY = {
    "en": "The new collection is here, and we have kept our favourite pieces for you. Come and see us in the shop before "
    "the end of the month, or order today and we will send everything to your door without any charge.",
    "nb": "Den nye kolleksjonen er her, og vi har tatt vare på favorittene våre til deg. Kom innom butikken før utgangen av "
    "måneden, eller bestill i dag, så sender vi alt hjem til deg uten at det koster noe ekstra.",
    "da": "Den nye kollektion er her, og vi har gemt vores favoritter til dig. Kig forbi butikken inden udgangen af måneden, "
    "eller bestil i dag, så sender vi det hele hjem til din dør uden at det koster noget ekstra.",
    "sv": "Den nya kollektionen är här, och vi har sparat våra favoriter till dig. Kom förbi butiken före månadens slut, "
    "eller beställ i dag så skickar vi allt hem till dörren utan att det kostar något extra.",
    "de": "Die neue Kollektion ist da, und wir haben unsere Lieblingsstücke für Sie zurückgelegt. Besuchen Sie uns bis Ende "
    "des Monats im Laden, oder bestellen Sie noch heute, und wir liefern alles kostenlos nach Hause.",
    "nl": "De nieuwe collectie is er, en we hebben onze favorieten voor je bewaard. Kom voor het einde van de maand langs in "
    "de winkel, of bestel vandaag nog, dan brengen wij alles gratis bij je thuis.",
    "fr": "La nouvelle collection est arrivée et nous avons gardé nos pièces préférées pour vous. Venez nous voir au magasin "
    "avant la fin du mois, ou commandez dès aujourd'hui et nous livrons tout gratuitement chez vous.",
    "it": "La nuova collezione è arrivata e abbiamo tenuto da parte i nostri capi preferiti per te. Vieni a trovarci in "
    "negozio entro la fine del mese, oppure ordina oggi e ti spediamo tutto a casa gratuitamente.",
    "es": "La nueva colección ya está aquí y hemos guardado nuestras prendas favoritas para ti. Ven a vernos a la tienda "
    "antes de que acabe el mes, o haz tu pedido hoy y te lo enviamos todo a casa sin ningún coste.",
    "pl": "Nowa kolekcja już jest, a my zachowaliśmy dla ciebie nasze ulubione rzeczy. Odwiedź nas w sklepie przed końcem "
    "miesiąca albo zamów jeszcze dziś, a wszystko dostarczymy ci do domu zupełnie za darmo.",
    "fi": "Uusi mallisto on täällä, ja olemme säästäneet suosikkimme sinulle. Tule käymään myymälässämme ennen kuun loppua "
    "tai tilaa jo tänään, niin toimitamme kaiken kotiovellesi ilman lisämaksua.",
    "el": "Η νέα συλλογή έφτασε και έχουμε κρατήσει για εσάς τα αγαπημένα μας κομμάτια. Επισκεφθείτε μας στο κατάστημα πριν "
    "από το τέλος του μήνα ή παραγγείλετε σήμερα και θα σας τα στείλουμε όλα στο σπίτι δωρεάν.",
    "ja": "新しいコレクションが届きました。お気に入りの商品をご用意しております。月末までにぜひ店舗へお越しください。"
    "本日ご注文いただくと、送料無料でご自宅までお届けいたします。",
}
CLOSE = {"nb", "da", "sv"}


@pytest.fixture(scope="module")
def made() -> Checker:
    return checker({"profile": "template", "select": ["copy/language"]})


def judged(made: Checker, **campaign: Any) -> CampaignReport:
    (one,) = made.campaigns(campaign)
    report = made.judge(one)
    assert not [outcome for outcome in report.outcomes if outcome.status == "error"]
    return report


def found(made: Checker, **campaign: Any) -> list[tuple[str, object]]:
    findings = judged(made, **campaign).findings
    return [(one.part, one.data["language"]) for one in findings if one.rule == "copy/language"]


@pytest.mark.parametrize("code", COPY)
def test_the_declared_language_is_silent(made: Checker, code: str) -> None:
    assert found(made, text=COPY[code], html=f"<p>{COPY[code]}</p>", locale=code) == []


def test_every_other_language_is_told(made: Checker) -> None:
    wrong = {pair: found(made, text=COPY[pair[0]], locale=pair[1]) for pair in permutations(COPY, 2)}
    for (written, declared), told in wrong.items():
        if {written, declared} <= CLOSE or {written, declared} == {"es", "it"}:
            assert told == [], (written, declared)
        elif written in CLOSE:
            assert len(told) == 1, (written, declared)
        else:
            assert told == [("text", written)], (written, declared)


@pytest.mark.parametrize(("locale", "written"), [("pt-PT", "pt-BR"), ("nn", "nb"), ("no", "nb"), ("zh-TW", "zh")])
def test_kinds_of_one_language_are_one(locale: str, written: str) -> None:
    assert language.are_close(language.code_of(locale), language.code_of(written), letters=10)


@pytest.mark.parametrize("pair", ["hr sr", "sr bs", "hr bs", "id ms", "nl af", "es gl"])
def test_what_is_taken_for_each_other_is_never_told_apart(pair: str) -> None:
    assert language.are_close(*pair.split(), letters=100_000)


@pytest.mark.parametrize("pair", ["es pt", "cs sk", "ru uk"])
def test_near_languages_are_told_apart_in_long_texts(pair: str) -> None:
    assert language.are_close(*pair.split(), letters=200)
    assert not language.are_close(*pair.split(), letters=2000)


def test_a_long_subject_in_another_language(made: Checker) -> None:
    subject = "Only until Sunday: everything in the shop for half of the price"
    assert found(made, subject=subject, text=COPY["nb"], locale="nb-NO") == [("subject", "en")]
    assert found(made, subject="Black Friday: last chance", text=COPY["nb"], locale="nb-NO") == []


def test_mixed_languages_are_left_alone(made: Checker) -> None:
    assert found(made, html=f"<p>{COPY['de']}</p><p>{COPY['fr']}</p>", locale="fr-CH") == []
    assert found(made, html=f"<p>{COPY['de']}</p><p>{COPY['fr']}</p>", locales=["de-CH", "fr-CH", "it-CH"]) == []


def test_what_is_no_copy_does_not_count(made: Checker) -> None:
    tags = "{% if customer.is_member_of_the_club and order.total_price > 100 %}" * 5
    style = f"<style>/* {COPY['en']} */</style><code>{COPY['en']}</code><p style='display:none'>{COPY['en']}</p>"
    names = "<li>Fernhill Walker Boots</li><li>Northern Lights Jacket</li>" * 6
    assert found(made, html=f"{style}<p>{tags}</p><ul>{names}</ul><p>Hei</p>", locale="nb-NO", dialect="jinja2") == []
    assert found(made, text=f"https://shop.example/{'the-new-and-very-long-path/' * 20}", locale="nb-NO") == []


def test_the_place_is_the_first_paragraph(made: Checker) -> None:
    (finding,) = judged(made, html=f"<p>Hei</p>\n<p>{COPY['en']}</p>", locale="nb-NO").findings
    assert (finding.line, finding.column) == (2, 4)
    assert finding.message.startswith(
        "The HTML is in English, but the campaign is declared to be in Norwegian (nb-NO)."
    )


def test_reasons_for_not_judging(made: Checker, monkeypatch: pytest.MonkeyPatch) -> None:
    (outcome,) = judged(made, text=COPY["en"]).outcomes
    assert outcome.status == "skipped"
    assert "`locale`" in outcome.reason
    (outcome,) = judged(made, text=COPY["en"], locale="smj").outcomes
    assert (outcome.status, "smj" in outcome.reason) == ("skipped", True)
    language._identifier.cache_clear()
    monkeypatch.setitem(sys.modules, "py3langid.langid", None)
    (outcome,) = judged(made, text=COPY["en"], locale="nb").outcomes
    assert outcome.status == "skipped"
    assert "pip install 'mailcheck-lint[language]'" in outcome.reason
