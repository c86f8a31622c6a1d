"""What a price is for: a month, a kilogram, a person. All languages at once, since a slash or `per` goes before."""

from __future__ import annotations

_TIMES = (
    "mo mos mon month months mth mnth mnd mån månad måned månaden måneden md mdr maand mnd monat monate mois mes mês mese mies miesiąc mc měs "
    "měsíc měsíce mes mesec mjesec mj mesiac hó hónap hónapra lună luna luni ay мес месяц месяца міс місяць месец kk kuukausi kuukaudessa kuussa mánuð mán kuu "
    "kuus mēn mēnesī mėn mėnesį mėnesiui μήνα μηνα bulan bln tháng महीना माह شهر الشهر חודש maaned muaj месяц "
    "yr yrs year years annum år året jahr jaar an année año ano anno rok roku rok év éve ano anul rok yıl год года рік vuosi vuosi ár aasta gads gadā metai metus "
    "χρόνο έτος tahun năm वर्ष साल سنة שנה godinu leto година година "
    "wk week weeks uke uka uge vecka woche semaine semana settimana tydzień týden týždeň hét săptămână hafta неделю неделя тиждень viikko viikossa viku "
    "nädal nädalas nedēļā savaitę tuần minggu أسبوع שבוע tjedan teden седмица "
    "day daily dag tag jour día dia giorno dzień dzien den deň nap zi gün день дней päivä päevas dienā dieną quarter kvartal quartal trimestre monthly monatlich"
)
TIMES = frozenset(_TIMES.split())
_MEASURES = (
    "kg kgs g gr gram gramm grams grammes l lt ltr liter litre liters litres litro litri litr literen ml cl dl hl m meter metre metr metro m2 m² m3 mq kvm qm sqm sqft ft lb lbs pound oz ounce gal "
    "gallon kilo kilogram kilogramm kilogramme kilos kilogramo kilogramm quilo chilo hg etto kwh km mile miles 100g pc pcs piece pieces stk stück stck st styck stykk stykke stykket stuk stuks pièce pieza ud "
    "uds unidad unidade unité peça pezzo pz szt sztukę sztuka ks kus kusu kos kom komad db darab darabja buc bucată bucata adet шт штуку штука бр брой kpl kappale tk tükk gab gabalu vnt vienetą "
    "τεμ τεμάχιο item unit each ea person persons people pers person personne persona pessoa osoba osobę osobu osoby os fő persoană kişi человека чел особу човек лице hlö "
    "henkilö manninn mann inimene asmuo asmenį personu cilvēku άτομο pp pax guest adult child couple koppel night natt nat nacht nuit noche noite notte noc éj éjszaka gece ночь ніч нощувка noćenje yö nótt öö naktij naktį "
    "hour hr hrs time timme timmen uur stunde heure hora ora godz godzinę hod hodinu óra oră saat час tunti tund stunda valandą pair par paar paire pár parę paio para pereche çift пару pora "
    "pāri set pack pk packung paket pakke pak pkt paczka balení opakowanie opak flaske flasche flaska fles bouteille botella bottiglia garrafa butelkę lahev bottle box boks boîte caja caixa can dose tin serving portion porsjon "
    "glass ticket billett biljett seat room rom rum zimmer kamer chambre habitación user seat license rolle rull roll sheet ark bag pose påse beutel sachet bunch jar tray case dozen lot sett "
    "cái chiếc người đêm pcs orang malam buah unit orang copë person किलो व्यक्ति पीस لتر كيلو كجم قطعة شخص ק ג קילו יחידה אדם ליטר кг г л м литр літр метр упак уп kişi litre kilo paket штуку bunt bucket basket cm dag100 ltr"
)
MEASURES = frozenset(_MEASURES.split())
PER = frozenset(
    ["/", "per", "pr", "pro", "je", "par", "por", "al", "alla", "a", "an", "the", "i", "im", "pe", "na", "za", "në", "ao", "om", "le", "la", "les", "ανά", "mỗi", "प्रति", "لكل", "ל", "на", "в", "у", "на", "за", "в", "за", "od", "el", "o", "de", "kada", "kas", "ik", "iga", "på", "í", "egy", "p", "il", "den", "det", "das", "der", "die", "ved", "hver", "varje"]
)
"""Words between a price and what it is for."""

COUNTS = frozenset(
    ["stk", "stk.", "st", "stück", "stuks", "pcs", "pieces", "items", "kpl", "szt", "ks", "kom", "db", "buc", "adet", "шт", "бр", "tk", "gab", "vnt", "pares", "paires", "pairs", "pares", "paar", "par", "pezzi", "piezas", "unidades", "unidades", "unités", "prendas", "kos"]
)
