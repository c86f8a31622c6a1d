"""Campaigns as shops write them: each with one mistake about prices, dates, codes or the schedule, or with none."""

from __future__ import annotations

from typing import Any

CASES: list[tuple[str, dict[str, Any]]] = []
"""The rule that has to speak, empty for a campaign that is right, and the campaign."""


def _link(slug: str, words: str) -> str:
    return f'<a href="https://www.nordlys.example/p/{slug}?utm_source=nl">{words}</a>'


def card(name: str, slug: str, was: str | None, now: str, button: str, extra: str = "") -> str:
    picture = _link(slug, f'<img src="https://img.nordlys.example/{slug}.jpg" alt="{name}" width="270">')
    old = f'<s style="color:#888">{was}</s> ' if was else ""
    return (
        f'<td width="290" valign="top">{picture}<h3>{_link(slug, name)}</h3>{extra}<p>{old}<strong>{now}</strong></p>'
        f"<table><tr><td>{_link(slug, button)}</td></tr></table></td>"
    )


def row(name: str, slug: str, price: str, button: str) -> str:
    return f'<td width="33%"><img src="https://img.nordlys.example/{slug}.jpg" alt="{name}"><br>{_link(slug, name)}<br>{price}<br>{_link(slug, button)}</td>'


_FOOT = "You get this mail because you signed up at nordlys.example. Nordlys Ltd, 12 High Street, Leeds LS1 4AB. Tel. 0113 496 0123."


def shell(*rows: str, lang: str = "en", head: str = "", foot: str = _FOOT) -> str:
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>Nordlys</title><style>body{{font-size:16px}}</style>{head}</head>'
        '<body><table width="600"><tr><td colspan="2"><img src="https://img.nordlys.example/logo.png" alt="Nordlys" width="120"></td></tr>\n'
        + "\n".join(f"<tr>{one}</tr>" for one in rows)
        + f'\n<tr><td colspan="2">{foot} <a href="https://www.nordlys.example/unsubscribe">Unsubscribe</a></td></tr></table></body></html>'
    )


def copy(words: str) -> str:
    return f'<td colspan="2"><p>{words}</p></td>'


def title(words: str) -> str:
    return f'<td colspan="2"><h1>{words}</h1></td>'


def feed(*rows: tuple[Any, ...], cur: str = "GBP") -> dict[str, Any]:
    products = []
    for number, name, price, *more in rows:
        one = {
            "id": number,
            "title": name,
            "link": f"https://www.nordlys.example/p/{number}",
            "price": f"{price} {cur}",
        }
        if more and more[0]:
            one["sale_price"] = f"{more[0]} {cur}"
        products.append({**one, "availability": "in_stock", **(more[1] if len(more) > 1 else {})})
    return {"products": products}


def at(zone: str, offset: str) -> dict[str, Any]:
    return {"send": f"2027-03-19T10:00:00{offset}", "zone": zone}


CENTRAL = "+01:00"
SCH = at("Europe/London", "+00:00")
_SCHEDULES = {"nb": at("Europe/Oslo", CENTRAL), "de": at("Europe/Berlin", CENTRAL)}


def mistake(rule: str, **campaign: Any) -> None:
    if "locales" not in campaign:
        campaign.setdefault("locale", "en-GB")
    campaign.setdefault("from", "Nordlys <post@nordlys.example>")
    campaign.setdefault("schedule", _SCHEDULES.get(campaign.get("locale", "")[:2], SCH))
    CASES.append((rule, campaign))


def right(**campaign: Any) -> None:
    mistake("", **campaign)


def past(locale: str, zone: str, offset: str, *paragraphs: str) -> None:
    right(locale=locale, schedule=at(zone, offset), subject="News", text="\n\n".join(paragraphs) + "\n")


CARDS = card("Alta down jacket", "alta", "£249.00", "£199.00", "Buy now") + card(
    "Vik wool jumper", "vik", "£89.00", "£69.00", "Buy now"
)
# fmt: off
FEED = feed(("alta","Alta down jacket","249.00","199.00"),("vik","Vik wool jumper","89.00","69.00"),("ran","Ran trail shoe","120.00"),("tind","Tind rucksack 30 l","95.00"))
mistake("prices/parts_disagree", subject="The Alta down jacket is now £189", html=shell(title("Winter is nearly over"),copy("Time to stock up for the next one. Prices fall while you read."),CARDS), text="Winter is nearly over\n\nAlta down jacket: was £249.00, now £199.00\nhttps://www.nordlys.example/p/alta\n\nVik wool jumper: was £89.00, now £69.00\n")
mistake("prices/parts_disagree", subject="Two favourites, less to pay", html=shell(title("Two favourites"),CARDS), text="Two favourites\n\nAlta down jacket: was £249.00, now £199.00\nhttps://www.nordlys.example/p/alta\n\nVik wool jumper: was £89.00, now £79.00\nhttps://www.nordlys.example/p/vik\n")
mistake("prices/parts_disagree", locale="nb-NO", subject="Alta dunjakke til 1 999,-", html=shell(title("Vinteren er på hell"),card("Alta dunjakke","alta","2 499,-","1 899,-","Kjøp nå"),lang="nb",foot="Nordlys AS, Storgata 1, 0155 Oslo"), text="Alta dunjakke: før 2 499,- nå 1 899,-\n")
mistake("prices/not_in_catalogue", subject="The Vik jumper is back", catalogue=FEED, html=shell(title("The Vik jumper is back"),card("Vik wool jumper","vik",None,"£59.00","Shop the jumper")))
mistake("prices/stale", subject="Last of the winter", catalogue=feed(("alta","Alta down jacket","249.00","199.00",{"sale_price_effective_date":"2027-02-01T00:00+0000/2027-02-28T23:59+0000"})), html=shell(title("Last of the winter"),card("Alta down jacket","alta","£249.00","£199.00","Buy")))
mistake("prices/stale", subject="Spring prices", catalogue=feed(("ran","Ran trail shoe","120.00","90.00",{"sale_price_effective_date":"2027-03-25T00:00+0000/2027-04-04T23:59+0000"})), html=shell(title("Run into spring"),card("Ran trail shoe","ran","£120.00","£90.00","Buy")))
mistake("prices/currency", locale="de-DE", subject="Frühling im Gepäck", html=shell(title("Frühling im Gepäck"),copy("Leichte Lagen für die ersten warmen Tage, jetzt neu im Sortiment."),card("Vik Wollpullover","vik","89,00 €","69,00 €","Jetzt kaufen")+card("Ran Laufschuh","ran","129,00 €","£99.00","Jetzt kaufen"),lang="de"))
mistake("prices/number_format", locale="de-DE", subject="Neu im Sortiment", html=shell(title("Neu im Sortiment"),card("Vik Wollpullover","vik",None,"69,00 €","Kaufen")+card("Ran Laufschuh","ran",None,"99.95 €","Kaufen"),lang="de"))
mistake("prices/discount_arithmetic", subject="30% off the Tind rucksack", html=shell(title("Pack light"),'<td colspan="2"><h2>Tind rucksack 30 l</h2><p><b>30% off</b></p><p>Was £95.00 Now £76.00</p></td>'))
mistake("prices/saving_arithmetic", subject="Pack light", html=shell(title("Pack light"),'<td colspan="2"><h2>Tind rucksack 30 l</h2><p>Was £95.00, now £70.00. Save £30!</p></td>'))
mistake("prices/now_not_below_was", subject="Pack light", html=shell(title("Pack light"),card("Tind rucksack 30 l","tind","£95.00","£105.00","Buy")))
mistake("prices/from_not_lowest", subject="Jackets from £79", catalogue=feed(("alta","Alta down jacket","199.00"),("bre","Bre rain jacket","89.00"),("sno","Sno ski jacket","149.00")), html=shell(title("Jackets for every sky"),card("Alta down jacket","alta",None,"£199.00","Buy")+card("Bre rain jacket","bre",None,"£89.00","Buy"),card("Sno ski jacket","sno",None,"£149.00","Buy")))
mistake("prices/up_to_not_reached", subject="Up to 50% off knitwear", catalogue=FEED, html=shell(title("Up to 50% off"),CARDS))
mistake("prices/discount_not_everywhere", subject="20% off everything", catalogue=feed(("alta","Alta down jacket","249.00","199.20"),("vik","Vik wool jumper","89.00","71.20"),("ran","Ran trail shoe","120.00")), html=shell(title("20% off everything"),card("Alta down jacket","alta","£249.00","£199.20","Buy")+card("Vik wool jumper","vik","£89.00","£71.20","Buy"),card("Ran trail shoe","ran",None,"£120.00","Buy")))
mistake("prices/out_of_stock", subject="New: the Ran trail shoe", catalogue=feed(("ran","Ran trail shoe","120.00",None,{"availability":"out_of_stock"})), html=shell(title("Made for mud"),card("Ran trail shoe","ran",None,"£120.00","Buy now")))
mistake("prices/unit_price_missing", subject="Coffee for the hut", catalogue=feed(("kaf","Hut coffee 500 g","12.50",None,{"unit_pricing_measure":"500 g","unit_pricing_base_measure":"1 kg"})), html=shell(title("Coffee for the hut"),card("Hut coffee 500 g","kaf",None,"£12.50","Buy")))
mistake("prices/reference_price", subject="The Tind rucksack, reduced", catalogue={**feed(("tind","Tind rucksack 30 l","95.00","70.00")),"history":{"prices":[{"id":"tind","date":"2027-03-01","price":"79.00"}]}}, html=shell(title("Pack light"),card("Tind rucksack 30 l","tind","£95.00","£70.00","Buy")))
ANNOTATION = '<script type="application/ld+json">[{"@context":"http://schema.org/","@type":"DiscountOffer","description":"20% off","discountCode":"SPRING20","availabilityStarts":"2027-03-19T08:00:00+00:00","availabilityEnds":"2027-03-28T23:59:00+00:00"}]</script>'
mistake("prices/structured_data", subject="20% off with SPRING25", html=shell(title("A quarter off spring"),copy("Use code <b>SPRING25</b> at checkout for 25% off until Sunday 28 March."),head=ANNOTATION))
mistake("prices/personalised", stage="template", dialect="liquid", subject="Your price for the Alta jacket", html=shell(title("Your price"),'<td colspan="2"><h3>Alta down jacket</h3><p>Your price: £{{ product.price }}</p><p>Your price: £199.00</p></td>'))
mistake("prices/double_symbol", stage="template", dialect="liquid", subject="Still thinking?", html=shell(title("Still thinking?"),copy("The Alta jacket is waiting for you at ${{ item.price | money }}. Free delivery over ££50.")))
mistake("coupons/parts_disagree", subject="10% off with code WINTER10", html=shell(title("A little thank you"),copy("Use code <b>WINTER1O</b> for 10% off until Sunday 28 March.")))
mistake("coupons/number_contradicts", subject="25% off boots this weekend", html=shell(title("25% off boots"),copy("Enter code <strong>BOOTS20</strong> at checkout.")))
mistake("coupons/not_declared", subject="15% off your next order", offer={"codes":["THANKS15"]}, html=shell(title("15% off"),copy("Your discount code: <b>THANKYOU15</b>")))
mistake("dates/weekday_mismatch", subject="Ends Sunday 26 March", html=shell(title("Last chance"),copy("Our spring sale ends Sunday 26 March at midnight."),CARDS))
mistake("dates/past_deadline", subject="Hurry, your voucher is waiting", html=shell(title("Hurry"),copy("Your £10 voucher is valid until 14 March 2027. Use it on anything in the shop.")))
mistake("dates/ends_before_send", subject="Flash sale, today only", html=shell(title("Flash sale"),copy("From 17 March to 18 March 2027 everything in the outlet is half price.")))
mistake("dates/wrong_year", subject="See you at the open day", html=shell(title("Open day"),copy("Join our open day on 15 May 2026. Coffee is on us.")))
mistake("dates/copyright_year", subject="News from the hills", html=shell(title("News"),copy("New routes for spring."),foot="© 2025 Nordlys Ltd, Leeds"))
mistake("dates/ambiguous", locales=["en-GB","en-US"], subject="Save the date", html=shell(title("Sale"),copy("The sale ends on 04/05/2027. Do not miss it.")))
mistake("dates/wrong_zone", subject="Live at 7pm", html=shell(title("Live talk"),copy("Join the live talk on Thursday 15 April at 7pm GMT.")))
mistake("dates/parts_disagree", subject="Sale ends Sunday 28 March", html=shell(title("Sale"),copy("The spring sale ends Monday 29 March at midnight."),CARDS))
mistake("schedule/quiet_hours", subject="New in", schedule={"send":"2027-03-19T03:00:00+00:00","zone":"Europe/London"}, html=shell(title("New in"),CARDS))
mistake("schedule/holiday", subject="New in", schedule={"send":"2027-03-26T10:00:00+00:00","zone":"Europe/London"}, html=shell(title("New in"),CARDS))
mistake("schedule/nonexistent_time", subject="New in", schedule={"send":"2027-03-28T01:30:00","zone":"Europe/London"}, html=shell(title("New in"),CARDS))
mistake("schedule/collision", subject="New in", family="weekly", schedule={**SCH,"calendar":[{"name":"Weekly no 12","day":"2027-03-19","what":"send","family":"weekly"}]}, html=shell(title("New in"),CARDS))
mistake("schedule/automation_passed", subject="New in", schedule={**SCH,"automations":[{"name":"Easter","trigger":"2026-03-10"}]}, html=shell(title("New in"),CARDS))
mistake("schedule/in_past", subject="New in", schedule={"send":"2026-03-19T10:00:00+00:00","zone":"Europe/London"}, html=shell(title("New in"),CARDS))
mistake("copy/language", locale="de-DE", subject="Spring is here", html=shell(title("Spring is here"),copy("After a long winter we are happy to show you what our designers have been working on. Light jackets, soft jumpers and shoes that do not mind the rain."),copy("Come and see us in our shops, or order online and get it delivered to your door within two days. Returns are free, as always.")))
mistake("prices/only_in_image", subject="The Tind rucksack", catalogue=FEED, html=shell(title("Pack light"),'<td colspan="2"><a href="https://www.nordlys.example/p/tind"><img src="https://img.nordlys.example/tind-offer.jpg" alt="Tind rucksack 30 l now only £75" width="600"></a></td>'))
mistake("dates/weekday_mismatch", locale="de-DE", subject="Nur bis Donnerstag", html=shell(title("Frühlings-Sale"),copy("Unser Frühlings-Sale läuft nur noch bis Mittwoch, 24. März – äh, bis Donnerstag, 26. März!"),lang="de"))
mistake("coupons/look_alike", subject="Your code inside", html=shell(title("Thank you"),copy("Use code <b>SАVE15</b> for 15% off.")))
mistake("prices/catalogue_currency", subject="The Vik jumper", catalogue=feed(("vik","Vik wool jumper","89.00"),cur="EUR"), html=shell(title("Vik"),card("Vik wool jumper","vik",None,"£89.00","Buy")))
right(subject="Two favourites, less to pay", preheader="The Alta is £199 until Sunday", catalogue=FEED, html=shell(title("Two favourites"),copy("Only until Sunday 28 March. Free delivery over £50, returns within 30 days."),CARDS), text="Two favourites\n\nAlta down jacket: was £249.00, now £199.00\nVik wool jumper: was £89.00, now £69.00\nOnly until Sunday 28 March. Free delivery over £50.\n")
right(locale="nb-NO", subject="Dunjakken til 1 899,-", html=shell(title("Vinteren er på hell"),copy("Tilbudet gjelder til og med søndag 28. mars. Fri frakt over 799,-"),card("Alta dunjakke","alta","2 499,-","1 899,-","Kjøp nå")+card("Vik ullgenser","vik","899,-","699,-","Kjøp nå"),lang="nb",foot="Nordlys AS, Storgata 1, 0155 Oslo. Org.nr. 987 654 321. © 2027 Nordlys"), text="Alta dunjakke: før 2 499,- nå 1 899,-\nVik ullgenser: før 899,- nå 699,-\nTilbudet gjelder til og med søndag 28. mars. Fri frakt over 799,-\n")
right(locale="de-DE", subject="20 % auf alles bis Sonntag", catalogue=feed(("vik","Vik Wollpullover","89.00","71.20"),("ran","Ran Laufschuh","120.00","96.00"),cur="EUR"), html=shell(title("20 % auf alles"),copy("Nur bis Sonntag, 28. März 2027. Versandkostenfrei ab 50 €. Ihr Code: <b>FRUEHLING20</b>"),card("Vik Wollpullover","vik","89,00 €","71,20 €","Kaufen")+card("Ran Laufschuh","ran","120,00 €","96,00 €","Kaufen"),lang="de",foot="Nordlys GmbH, HRB 12345, USt-IdNr. DE123456789, Tel. 030 5550123"))
right(subject="25% off boots this weekend", html=shell(title("25% off boots"),copy("Enter code <strong>BOOTS25</strong> at checkout. Ends Sunday 21 March, 11:59 pm GMT. Save £25 on a £100 pair."),CARDS), text="25% off boots this weekend with code BOOTS25. Ends Sunday 21 March, 11:59 pm GMT.\n")
right(locale="fr-FR", schedule={"send":"2027-03-19T10:00:00+01:00","zone":"Europe/Paris"}, subject="Le pull Vik à 69 €", html=shell(title("Le printemps arrive"),copy("Du vendredi 19 au dimanche 28 mars 2027, livraison offerte dès 60 € d'achat."),card("Pull en laine Vik","vik","89,00 €","69,00 €","J'achète"),lang="fr",foot="Nordlys SARL, SIRET 552 100 554 00013, 75008 Paris"), text="Pull en laine Vik : 69,00 € au lieu de 89,00 €\n")
right(subject="Your March statement", kind="transactional", html=shell(title("Thank you for your order"),copy("Order no. 4471-2201 of 17 March 2027. Alta down jacket £199.00, delivery £4.95, total £203.95. Delivery is expected on Tuesday 23 March.")), text="Order no. 4471-2201 of 17 March 2027. Alta down jacket £199.00, delivery £4.95, total £203.95. Delivery is expected on Tuesday 23 March.\n")
right(locale="sv-SE", schedule={"send":"2027-03-19T10:00:00+01:00","zone":"Europe/Stockholm"}, subject="Upp till 30% på utvalt", html=shell(title("Vårens klipp"),copy("Gäller t.o.m. söndag 28 mars. Fri frakt över 499 kr. Medlemspris."),card("Vik ulltröja","vik","899:-","629:-","Köp nu")+card("Ran löparsko","ran","1 200:-","960:-","Köp nu"),lang="sv",foot="Nordlys AB, org.nr 556677-8899"))
right(locale="es-ES", schedule={"send":"2027-03-19T10:00:00+01:00","zone":"Europe/Madrid"}, subject="Hasta 22 % en prendas de abrigo", html=shell(title("Últimos días"),copy("Oferta válida hasta el domingo 28 de marzo de 2027. Envío gratis a partir de 40 €."),card("Jersey Vik","vik","89,00 €","69,42 €","Comprar"),lang="es"))
right(subject="Early bird for the hut weekend", html=shell(title("Hut weekend, 5–6 June 2027"),copy("Early bird £149 until Friday 30 April, then £189. The bus leaves on Saturday 5 June at 8:00 am BST from Leeds. Rated 4.8/5 by 1,204 guests since 2012."),copy("Pay in 3 instalments of £49.67. Members save a further £10.")))
right(stage="template", dialect="liquid", subject="{{ customer.first_name | default: 'Hello' }}, your basket misses you", html=shell(title("Still thinking?"),copy("Your basket comes to {{ cart.total | money }}. Free delivery over £50. It is kept until {{ cart.expires | date: '%d %B' }}.")))
right(locale="de-DE", subject="Bis zu 30 % auf Kaffee ☕", html=shell(title("Kaffee-Wochen"),copy("Nur bis Sonntag, 28. März. Versandkostenfrei ab 39 €, sonst 4,90 € Versand."),
 row("Hüttenkaffee 500 g","kaf","<b>-30 %</b> <s>12,90 €</s> <b>9,03 €</b><br><small>(1 kg = 18,06 €)</small><br><small>Niedrigster Preis der letzten 30 Tage: 11,90 €</small>","In den Warenkorb")+row("Espresso 250 g","esp","<b>-20 %</b> <s>7,50 €</s> <b>6,00 €</b><br><small>(1 kg = 24,00 €)</small>","In den Warenkorb"),lang="de"),
 text="Kaffee-Wochen: bis zu 30 % auf Kaffee\n\nHüttenkaffee 500 g: 9,03 € statt 12,90 € (1 kg = 18,06 €)\nEspresso 250 g: 6,00 € statt 7,50 € (1 kg = 24,00 €)\n\nNur bis Sonntag, 28. März. Versandkostenfrei ab 39 €, sonst 4,90 € Versand.\n")
right(locale="fr-FR", schedule=at("Europe/Paris",CENTRAL), subject="Le canapé Oslo à 899 €", html=shell(title("Canapé Oslo"),copy("899,00 € au lieu de 1 199,00 €, soit 300 € d'économie. Payez en 4 fois 224,75 € sans frais. Éco-participation : 12,50 €."),copy("Offre valable jusqu'au dimanche 4 avril 2027, dans la limite des stocks disponibles. Livraison : 59 €."),lang="fr"), text="Canapé Oslo : 899,00 € au lieu de 1 199,00 €, soit 300 € d'économie.\nPayez en 4 fois 224,75 € sans frais.\nOffre valable jusqu'au dimanche 4 avril 2027.\n")
right(locale="sv-SE", schedule=at("Europe/Stockholm",CENTRAL), subject="3 för 2 på allt te", html=shell(title("3 för 2 på te"),copy("Köp tre, betala för två. Ord. pris 59:-/st. Fri frakt över 499:-. Gäller 19–28 mars 2027. Medlemmar får dubbla poäng: 100 kr = 2 poäng."),lang="sv"))
right(locale="da-DK", schedule=at("Europe/Copenhagen",CENTRAL), subject="Spar 200 kr. på regnjakken", html=shell(title("Regn? Kom bare an"),card("Regnjakke Bre","bre","799 kr.","599 kr.","Køb nu",extra="<p>Spar 200 kr.</p>"),copy("Tilbuddet gælder til og med søndag den 28. marts. Fragt 39 kr., gratis ved køb over 499 kr."),lang="da"), text="Regnjakke Bre: 599 kr. (før 799 kr.), spar 200 kr.\nTilbuddet gælder til og med søndag den 28. marts.\n")
right(locale="fi-FI", schedule=at("Europe/Helsinki","+02:00"), subject="Retkireppu nyt 69,90 €", html=shell(title("Kevään retkille"),card("Tind-reppu 30 l","tind","89,90 €","69,90 €","Osta nyt"),copy("Tarjous voimassa sunnuntaihin 28.3.2027 asti. Ilmainen toimitus yli 50 € tilauksiin."),lang="fi"))
right(locale="pl-PL", schedule=at("Europe/Warsaw",CENTRAL), subject="Kurtka Alta za 599 zł", html=shell(title("Ostatnie sztuki"),'<td colspan="2"><h3>Kurtka puchowa Alta</h3><p><s>799,00 zł</s> <b>599,00 zł</b></p><p>Najniższa cena z 30 dni przed obniżką: 649,00 zł</p></td>',copy("Promocja trwa do niedzieli, 28 marca. Darmowa dostawa od 199 zł. Raty 0%: 10 x 59,90 zł."),lang="pl"), text="Kurtka puchowa Alta: 599,00 zł (cena regularna 799,00 zł)\nNajniższa cena z 30 dni przed obniżką: 649,00 zł\nPromocja trwa do niedzieli, 28 marca.\n")
right(locale="nl-NL", schedule=at("Europe/Amsterdam",CENTRAL), subject="Van € 89 voor € 59", html=shell(title("Alleen dit weekend"),card("Vik trui","vik","€ 89,00","€ 59,00","Bestel nu"),copy("Geldig t/m zondag 21 maart. Gratis verzending vanaf € 35. Voor 22:00 uur besteld, morgen in huis."),lang="nl"), text="Vik trui: van € 89,00 voor € 59,00\nGeldig t/m zondag 21 maart.\n")
right(locale="es-MX", schedule=at("America/Mexico_City","-06:00"), subject="12 MSI en botas", html=shell(title("Botas desde $1,299"),copy("Bota Alta: antes $1,999, ahora $1,599. O 12 MSI de $133.25. Envío gratis en compras mayores a $999. Vigencia del 19 al 28 de marzo de 2027."),lang="es"))
right(locale="pt-BR", schedule=at("America/Sao_Paulo","-03:00"), subject="Só até domingo: mochila por R$ 199", html=shell(title("Mochila Tind"),copy("De R$ 299,00 por R$ 199,00 à vista no Pix ou em até 10x de R$ 22,90 sem juros. Frete grátis acima de R$ 149. Promoção válida até domingo, 28 de março de 2027."),lang="pt"))
right(locale="ja-JP", schedule=at("Asia/Tokyo","+09:00"), subject="春のセール開催中 最大30%OFF", html=shell(title("春のセール"),copy("アルタ ダウンジャケット<br><s>通常価格 24,800円</s><br>セール価格 17,360円（税込） 30%OFF"),copy("期間：3月19日（金）10:00～3月28日（日）23:59<br>5,000円以上のお買い上げで送料無料"),lang="ja"))
right(locale="en-US", schedule=at("America/New_York","-04:00"), subject="🔥 40% off boots ends tonight", preheader="Use BOOTS40 by 11:59 PM ET", html=shell(title("40% OFF BOOTS"),copy("Ends tonight, 11:59 PM ET. Use code <b>BOOTS40</b> at checkout."),card("Ridge Boot","ridge","$150.00","$90.00","Shop now")+card("Mesa Boot","mesa","$120.00","$72.00","Shop now"),copy("Free shipping on orders $75+. Or 4 interest-free payments of $22.50 with Klarna. Prices valid through 3/19/2027. *Excludes gift cards. Call (800) 555-0142."),foot="© 2027 Ridge Co., 350 5th Ave, New York, NY 10118"), text="40% OFF BOOTS\nEnds tonight, 11:59 PM ET. Use code BOOTS40 at checkout.\n\nRidge Boot: was $150.00, now $90.00\nMesa Boot: was $120.00, now $72.00\n\nFree shipping on orders $75+.\n")
right(locale="de-CH", schedule=at("Europe/Zurich",CENTRAL), subject="Rucksack Tind für CHF 79.90", html=shell(title("Neu eingetroffen"),card("Rucksack Tind","tind","CHF 99.90","CHF 79.90","Jetzt kaufen"),copy("Gültig bis 28.3.2027. Portofrei ab CHF 80.–. Sie sparen Fr. 20.–"),lang="de"))
right(subject="You're invited: spring evening, Thursday 15 April", html=shell(title("Spring evening"),copy("Join us on Thursday 15 April 2027, 6.30pm–9pm BST, at 12 High Street. Tickets £15 (members £12), on sale from Friday 26 March at 9am. RSVP by Friday 9 April."),copy("Last year, on 16 April 2026, we ran out of cake. Established 1998.")), text="Spring evening, Thursday 15 April 2027, 6.30pm. Tickets £15 (members £12), on sale from Friday 26 March. RSVP by Friday 9 April.\n")
right(kind="transactional", locale="nb-NO", subject="Takk for bestillingen", html=shell(title("Takk!"),'<td colspan="2"><table><tr><th>Vare</th><th>Antall</th><th>Pris</th></tr><tr><td>Alta dunjakke</td><td>1</td><td>1 899,00</td></tr><tr><td>Frakt</td><td></td><td>79,00</td></tr><tr><td>Sum</td><td></td><td>kr 1 978,00</td></tr><tr><td>herav mva. 25 %</td><td></td><td>kr 395,60</td></tr></table></td>',copy("Bestilt 17.03.2027. Leveres mellom 22. og 24. mars."),lang="nb",foot="Nordlys AS, Org.nr. 987 654 321 MVA"))
right(locale="cs-CZ", schedule=at("Europe/Prague",CENTRAL), subject="Sleva 20 % na bundy", html=shell(title("Jarní slevy"),card("Bunda Bre","bre","2 490 Kč","1 992 Kč","Koupit",extra="<p>-20 %</p>"),copy("Platí do neděle 28. března. Doprava zdarma nad 1 500 Kč."),lang="cs"))
right(locale="hu-HU", schedule=at("Europe/Budapest",CENTRAL), subject="Most 19 990 Ft", html=shell(title("Tavaszi ajánlat"),card("Bre kabát","bre","24 990 Ft","19 990 Ft","Megveszem"),copy("Érvényes 2027. március 28-ig. Ingyenes szállítás 15 000 Ft felett."),lang="hu"))
right(locale="el-GR", schedule=at("Europe/Athens","+02:00"), subject="Μπουφάν με 79,90 €", html=shell(title("Άνοιξη"),card("Μπουφάν Bre","bre","99,90 €","79,90 €","Αγορά"),copy("Η προσφορά ισχύει έως την Κυριακή 28 Μαρτίου 2027. Δωρεάν μεταφορικά άνω των 40 €."),lang="el"))
right(locale="tr-TR", schedule=at("Europe/Istanbul","+03:00"), subject="Ceketlerde %20 indirim", html=shell(title("Bahar indirimi"),card("Bre ceket","bre","1.999,90 TL","1.599,92 TL","Satın al",extra="<p>%20 indirim</p>"),copy("Kampanya 28 Mart Pazar gününe kadar geçerlidir. 500 TL üzeri kargo bedava."),lang="tr"))
right(locale="it-IT", schedule=at("Europe/Rome",CENTRAL), subject="Saldi fino al 30%", html=shell(title("Saldi di primavera"),card("Giacca Bre","bre","120,00 €","84,00 €","Acquista",extra="<p>-30%</p>")+card("Zaino Tind","tind","95,00 €","76,00 €","Acquista",extra="<p>-20%</p>"),copy("Fino a domenica 28 marzo 2027. Spedizione gratuita sopra i 49 €. 3 rate da 28 € senza interessi."),lang="it",foot="P.IVA 01234567890"))
right(locale="ko-KR", schedule=at("Asia/Seoul","+09:00"), subject="봄 세일 최대 30% 할인", html=shell(title("봄 세일"),copy("알타 다운 재킷<br><s>정가 249,000원</s> 할인가 174,300원 (30% 할인)"),copy("세일은 3월 28일(일) 자정에 종료됩니다. 3만원 이상 무료배송"),lang="ko"))
right(locale="en-AU", schedule=at("Australia/Sydney","+11:00"), subject="2 for $50 tees", html=shell(title("2 for $50 tees"),copy("Usually $29.95 each. Ends midnight AEDT Sunday 28 March. Afterpay: 4 payments of $12.50. Free delivery over $100."),foot="ABN 53 004 085 616"))
right(locale="en-IN", schedule=at("Asia/Kolkata","+05:30"), subject="Flat 50% off kurtas", html=shell(title("Flat 50% off"),'<td colspan="2"><h3>Cotton kurta</h3><p>MRP <s>₹1,999</s> ₹999 (50% off)</p><p>EMI from ₹333/month</p></td>',copy("Sale ends 28th March 2027. Free delivery above ₹499.")))
mistake("prices/discount_arithmetic", locale="de-DE", subject="-40 % auf Jacken", html=shell(title("Jacken"),card("Jacke Bre","bre","120,00 €","84,00 €","Kaufen",extra="<p>-40 %</p>"),lang="de"))
mistake("prices/saving_arithmetic", locale="fr-FR", schedule=at("Europe/Paris",CENTRAL), subject="Canapé", html=shell(title("Canapé"),copy("899 € au lieu de 1 199 €, soit 350 € d'économie"),lang="fr"))
mistake("prices/saving_arithmetic", locale="da-DK", schedule=at("Europe/Copenhagen",CENTRAL), subject="Jakke", html=shell(title("Jakke"),card("Regnjakke Bre","bre","799 kr.","599 kr.","Køb nu",extra="<p>Spar 300 kr.</p>"),lang="da"))
mistake("prices/now_not_below_was", locale="pt-BR", schedule=at("America/Sao_Paulo","-03:00"), subject="Mochila", html=shell(title("Mochila"),copy("De R$ 199,00 por R$ 299,00"),lang="pt"))
mistake("prices/now_not_below_was", locale="pl-PL", schedule=at("Europe/Warsaw",CENTRAL), subject="Kurtka", html=shell(title("Kurtka"),card("Kurtka Alta","alta","599,00 zł","649,00 zł","Kup"),lang="pl"))
mistake("dates/weekday_mismatch", locale="it-IT", schedule=at("Europe/Rome",CENTRAL), subject="Saldi", html=shell(title("Saldi"),copy("Solo fino a domenica 27 marzo."),lang="it"))
mistake("dates/weekday_mismatch", locale="ja-JP", schedule=at("Asia/Tokyo","+09:00"), subject="セール", html=shell(title("セール"),copy("期間：3月19日（金）～3月28日（土）"),lang="ja"))
mistake("dates/past_deadline", locale="es-ES", schedule=at("Europe/Madrid",CENTRAL), subject="Cupón", html=shell(title("Cupón"),copy("Tu cupón de 10 € caduca el 14 de marzo de 2027."),lang="es"))
mistake("dates/past_deadline", locale="nl-NL", schedule=at("Europe/Amsterdam",CENTRAL), subject="Korting", html=shell(title("Korting"),copy("Deze korting is geldig t/m 14 maart 2027."),lang="nl"))
mistake("coupons/parts_disagree", locale="fr-FR", schedule=at("Europe/Paris",CENTRAL), subject="-10 % avec le code PRINTEMPS10", html=shell(title("-10 %"),copy("Votre code promo : <b>PRINTEMP10</b>"),lang="fr"))
mistake("coupons/number_contradicts", locale="sv-SE", schedule=at("Europe/Stockholm",CENTRAL), subject="25% rabatt på skor", html=shell(title("25% rabatt"),copy("Ange rabattkod <b>SKOR20</b> i kassan."),lang="sv"))
mistake("prices/currency", locale="nb-NO", subject="Nyheter", html=shell(title("Nyheter"),card("Jakke","a",None,"1 299 kr","Kjøp")+card("Genser","b",None,"59,90 €","Kjøp"),lang="nb"))
mistake("prices/number_format", locale="fr-FR", schedule=at("Europe/Paris",CENTRAL), subject="Nouveautés", html=shell(title("Nouveautés"),card("Veste","a",None,"129,00 €","Acheter")+card("Pull","b",None,"59.90 €","Acheter"),lang="fr"))
mistake("prices/parts_disagree", locale="de-DE", subject="Kaffee für 8,99 €", html=shell(title("Hüttenkaffee"),card("Hüttenkaffee 500 g","kaf","12,90 €","9,03 €","Kaufen"),lang="de"))
mistake("prices/parts_disagree", locale="nl-NL", schedule=at("Europe/Amsterdam",CENTRAL), subject="Nieuw", html=shell(title("Nieuw"),card("Vik trui","vik","€ 89,00","€ 59,00","Bestel")+card("Tind rugzak","tind","€ 95,00","€ 75,00","Bestel"),lang="nl"), text="Vik trui: van € 89,00 voor € 59,00\nTind rugzak: van € 95,00 voor € 79,00\n")
mistake("schedule/holiday", locale="nb-NO", schedule=at("Europe/Oslo","+02:00")|{"send":"2027-05-17T10:00:00+02:00"}, subject="Nytt", html=shell(title("Nytt"),lang="nb"))
mistake("copy/language", locale="nb-NO", subject="Nyheter", html=shell(title("Neues für den Frühling"),copy("Nach einem langen Winter freuen wir uns, Ihnen zu zeigen, woran unsere Designer gearbeitet haben. Leichte Jacken, weiche Pullover und Schuhe, denen der Regen nichts ausmacht."),copy("Besuchen Sie uns in unseren Läden oder bestellen Sie online, wir liefern innerhalb von zwei Tagen."),lang="nb",foot="Sie erhalten diese Nachricht, weil Sie sich bei uns angemeldet haben."))
past("en-GB","Europe/London","+00:00","Your parcel was delivered on Monday 15 March 2027.","We received your return on 12 March 2027 and refunded £24.00 on 16 March.","Your statement for the period ended 28 February 2027 is ready.","The winter sale ended on 28 February. Spring prices start today.")
past("en-GB","Europe/London","+00:00","Last week's competition closed on Friday 12 March, and the winner is Sam from Leeds.","Thank you for coming to our open day on Saturday 13 March!","Your subscription expired on 14 March 2027. Renew by 31 March to keep your price.")
past("en-US","America/New_York","-04:00","Your order placed March 10, 2027 arrived on March 15.","Thanks for shopping our Presidents' Day sale, which ended Monday, February 15.","Policy effective March 1, 2027. Terms last revised February 3, 2027.","Recap: our webinar on Tuesday, March 9. The recording is available until April 9, 2027.")
past("de-DE","Europe/Berlin","+01:00","Ihre Bestellung vom 10.03.2027 wurde am 15.03.2027 zugestellt.","Rechnung Nr. 4711 vom 12.03.2027, fällig am 26.03.2027.","Unser Winterschlussverkauf endete am 28. Februar.","Danke für Ihren Besuch am Samstag, 13. März!","Die Teilnahme war bis zum 14. März möglich, nun stehen die Gewinner fest.")
past("fr-FR","Europe/Paris","+01:00","Votre colis a été livré le 15 mars 2027.","Votre abonnement a expiré le 14 mars 2027 : renouvelez-le avant le 31 mars.","Les soldes se sont terminés le 2 mars.","Conditions générales en vigueur depuis le 1er janvier 2027.")
past("nl-NL","Europe/Amsterdam","+01:00","Je bestelling van 10 maart is op 15 maart bezorgd.","De actie is op 14 maart geëindigd.","Bedankt voor je bezoek op zaterdag 13 maart!","Factuurdatum: 01-03-2027, vervaldatum: 31-03-2027.")
past("es-ES","Europe/Madrid","+01:00","Tu pedido del 10 de marzo se entregó el 15 de marzo.","Las rebajas terminaron el 28 de febrero.","Tu suscripción caducó el 14 de marzo de 2027.","Condiciones actualizadas el 1 de febrero de 2027.")
past("it-IT","Europe/Rome","+01:00","Il tuo ordine del 10 marzo è stato consegnato il 15 marzo.","I saldi sono finiti il 28 febbraio.","Il concorso si è concluso il 14 marzo 2027.")
past("nb-NO","Europe/Oslo","+01:00","Bestillingen din fra 10. mars ble levert 15. mars.","Salget ble avsluttet 28. februar.","Takk for besøket lørdag 13. mars!","Fakturadato 01.03.2027, forfall 31.03.2027.")
past("sv-SE","Europe/Stockholm","+01:00","Din order från 10 mars levererades 15 mars.","Rean avslutades 28 februari.","Anmälan stängde den 14 mars.","Fakturadatum 2027-03-01, förfallodatum 2027-03-31.")
past("pl-PL","Europe/Warsaw","+01:00","Twoje zamówienie z 10 marca dostarczono 15 marca.","Wyprzedaż zakończyła się 28 lutego.","Faktura z dnia 1 marca 2027, termin płatności: 31 marca 2027.")
past("ru-RU","Europe/Moscow","+03:00","Ваш заказ от 10 марта доставлен 15 марта.","Распродажа закончилась 28 февраля.","Подписка истекла 14 марта 2027 г.")
past("ja-JP","Asia/Tokyo","+09:00","3月10日にご注文いただいた商品を3月15日にお届けしました。","冬のセールは2月28日に終了しました。","利用規約（2027年2月1日改定）")
past("ko-KR","Asia/Seoul","+09:00","3월 10일 주문하신 상품이 3월 15일 배송 완료되었습니다.","겨울 세일은 2월 28일에 종료되었습니다.")
past("zh-CN","Asia/Shanghai","+08:00","您3月10日下单的商品已于3月15日送达。","冬季促销已于2月28日结束。")
past("pt-BR","America/Sao_Paulo","-03:00","Seu pedido de 10 de março foi entregue em 15 de março.","A liquidação terminou em 28 de fevereiro.","Sua assinatura expirou em 14 de março de 2027.")
past("da-DK","Europe/Copenhagen","+01:00","Din ordre fra 10. marts blev leveret 15. marts.","Udsalget sluttede 28. februar.","Tilmeldingen lukkede 14. marts.")
past("fi-FI","Europe/Helsinki","+02:00","Tilauksesi 10.3. toimitettiin 15.3.2027.","Ale päättyi 28. helmikuuta.","Kiitos käynnistä lauantaina 13. maaliskuuta!")
# fmt: on
