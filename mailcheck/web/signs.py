"""Signs that a page which answers "200 OK" is not the page that was meant, as data.

Phrases are looked for in titles and first headings only, and on short pages: in running text they are somebody's
subject ("has been removed" in a changelog).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from ipaddress import IPv4Address, IPv4Network

from mailcheck.urls import Address

LONG_PAGE = 500
"""Words from which on a page is about something, whatever its title says."""
SHORT_PAGE = 150
"""Words up to which a page may be nothing but a sign that says "parked"."""

_NOT_FOUND = """
page not found|page cannot be found|page can't be found|page could not be found|page couldn't be found
page does not exist|page doesn't exist|page no longer exists|page isn't available|page is not available
page is no longer available|page unavailable|page is missing|page has moved or|can't find that page
can't find the page|cannot find the page|couldn't find the page|couldn't find that page|can’t find that page
can’t find the page|page can’t be found|page couldn’t be found|page doesn’t exist|page isn’t available
file not found|nothing found|nothing was found|not found error|product not found|item not found|article not found
product is no longer available|item is no longer available|no longer available|store is unavailable
this store does not exist|site not found|there isn't a github pages site here|no such app|domain not found
seite nicht gefunden|seite wurde nicht gefunden|seite konnte nicht gefunden werden|seite existiert nicht
seite ist nicht verfügbar|seite nicht verfügbar|nicht mehr verfügbar|artikel nicht gefunden|produkt nicht gefunden
page introuvable|page non trouvée|page n'existe pas|page n’existe pas|page n'est pas disponible|n'est plus disponible
n’est plus disponible|produit introuvable|contenu introuvable
página no encontrada|pagina no encontrada|página no existe|no se encontró la página|no se ha encontrado la página
página no disponible|ya no está disponible|producto no encontrado
página não encontrada|pagina nao encontrada|página não existe|não foi encontrada|não está disponível|não encontrámos
pagina non trovata|pagina non esiste|pagina non disponibile|non è più disponibile|prodotto non trovato
pagina niet gevonden|pagina bestaat niet|niet meer beschikbaar|deze pagina is niet|pagina is niet gevonden
sidan hittades inte|sidan kunde inte hittas|sidan finns inte|siden ble ikke funnet|siden finnes ikke|fant ikke siden
siden blev ikke fundet|siden findes ikke|siden kunne ikke findes|sivua ei löydy|sivua ei löytynyt
strona nie została znaleziona|nie znaleziono strony|strona nie istnieje|strony nie znaleziono
stránka nenalezena|stránka nebyla nalezena|stránka neexistuje|stránka nebola nájdená|stránka sa nenašla
az oldal nem található|oldal nem található|a keresett oldal|pagina nu a fost găsită|pagina nu a fost gasita
pagina nu există|страница не найдена|страницы не существует|страница не существует|сторінку не знайдено
страницата не е намерена|η σελίδα δεν βρέθηκε|δεν βρέθηκε η σελίδα|sayfa bulunamadı|stranica nije pronađena
stran ni najdena|puslapis nerastas|lapa nav atrasta|lehte ei leitud
ページが見つかりません|お探しのページ|ページは存在しません|页面不存在|找不到页面|页面未找到|找不到網頁|頁面不存在|無法找到頁面
페이지를 찾을 수 없습니다|존재하지 않는 페이지|ไม่พบหน้า|không tìm thấy trang|trang không tồn tại
halaman tidak ditemukan|الصفحة غير موجودة|לא נמצא|הדף לא נמצא|पृष्ठ नहीं मिला|صفحه یافت نشد|صفحه پیدا نشد
"""
_PHRASES = tuple(phrase.strip() for line in _NOT_FOUND.splitlines() for phrase in line.split("|") if phrase.strip())
_SEGMENTS = re.compile(r"\s+[-–—|·•:»<>/]+\s+|[|·•»:]")
_NUMBER = re.compile(
    r"\W*(?:(?:http|error|fehler|erreur|errore|erro|fout|fel|feil|fejl|virhe|błąd|chyba|hiba|eroare|ошибка|помилка|hata"
    r"|σφάλμα|エラー|错误|錯誤|오류)\W*)?(?:404|410)(?:\W*(?:error|fehler|not found|page|gone|file|seite|"
    r"page not found|エラー))*\W*",
    re.IGNORECASE,
)
_EXACT = frozenset(("not found", "the requested url was not found", "oops", "gone", "error", "nicht gefunden"))


def says_not_found(heading: str) -> bool:
    """Whether a title or heading says that there is no such page."""
    said = " ".join(heading[:200].casefold().split())
    if any(phrase in said for phrase in _PHRASES):
        return True
    segments = (segment.strip(" .!?…") for segment in _SEGMENTS.split(said))
    return any(segment in _EXACT or _NUMBER.fullmatch(segment) for segment in segments if segment)


NOT_FOUND_PATH = re.compile(
    r"(?:^|[/_\-.])(?:404|410|error|errors|not-?_?found|page-?_?not-?_?found|error-?404|404-?error|pagenotfound|missing|"
    r"unavailable|expired)(?:\.\w{1,5})?/?$",
    re.IGNORECASE,
)
"""The end of a path to which what is not there is redirected."""

LOGIN_PATH = re.compile(
    r"(?:^|[/_\-.])(?:log-?_?in|sign-?_?in|logon|signon|sso|wp-login|authenticate|anmelden|connexion|inloggen|accedi|"
    r"iniciar-?sesion|entrar)(?:\.\w{1,5})?(?:/|$)|[?&](?:returnurl|return_?to|redirect_?to|redirect_?uri|continue|"
    r"service|samlrequest)=",
    re.IGNORECASE,
)
LOGIN_TITLE = re.compile(
    r"\W*(?:please )?(?:log ?in|sign ?in|logon|anmelden|anmeldung|einloggen|connexion|se connecter|identifiez-vous|"
    r"iniciar sesión|inicia sesión|acceso|entrar|iniciar sessão|accedi|inloggen|aanmelden|logga in|logg inn|log ind|"
    r"kirjaudu|zaloguj|logowanie|přihlášení|bejelentkezés|autentificare|войти|вход|увійти|giriş|ログイン|登录|登入|로그인)"
    r"(?:\W.{0,60})?",
    re.IGNORECASE,
)
ACCOUNT_PATH = re.compile(
    r"(?:^|[/\-_.])(?:my|me|mijn|mein|mon|mi|accounts?|myaccount|konto|mein-?konto|compte|cuenta|conta|account-?o|"
    r"log-?_?in|sign-?_?in|sso|auth|profile?|perfil|profil|dashboard|orders?|bestellungen|commandes|pedidos|wishlist|"
    r"portal|admin|basket|cart|checkout|warenkorb|panier|carrito|app|id)(?=$|[/\-_.?])",
    re.IGNORECASE,
)
"""A link to one of these may lead to a login: recipients expect to sign in."""

HOME_PATH = re.compile(
    r"/(?:(?:index|default|home|start|welcome|main)(?:\.\w{1,5})?|[a-z]{2}(?:[-_][A-Za-z]{2,4})?)?/?", re.IGNORECASE
)
"""The front page, also that of a language."""

PARKED_HOSTS = re.compile(
    r"(?:^|\.)(?:sedoparking\.com|sedo\.com|parkingcrew\.net|bodis\.com|dan\.com|afternic\.com|hugedomains\.com|"
    r"parklogic\.com|above\.com|undeveloped\.com|domainmarket\.com|buydomains\.com|uniregistry\.com|smartname\.com|"
    r"parked\.com|domainnamesales\.com|ww\d+\.[a-z0-9\-]+\.[a-z]+|forsale\.godaddy\.com|brandbucket\.com|atom\.com)$"
)
_PARKED_SOURCE = (
    "data-adblockkey",
    "bodis.com",
    "d38psrni17bvxu.cloudfront.net",
    'window.location.href="/lander"',
    "domain_profile.cfm",
)
_PARKED_PARK = re.compile(r"sedoparking\.com|parkingcrew\.net|parklogic\.com|window\.park ?=|parking-lander")
PARKED_TEXT = re.compile(
    r"(?:this |the )?domain (?:name )?(?:\S{1,80} )?(?:is|may be|could be) (?:available )?for sale|buy this domain|"
    r"domain is parked|parked domain|domain parking|this domain has expired|diese domain steht zum verkauf|"
    r"domain kaufen|ce (?:nom de )?domaine est à vendre|este dominio está en venta|questo dominio è in vendita|"
    r"dit domein is te koop|domena na sprzedaż|домен прода[её]тся|inquire about this domain|domain for sale",
    re.IGNORECASE,
)
# MISP warning list "parking-domain" (CC0), less the ranges of content networks, which serve everybody.
_PARKED_NETWORKS = """
103.120.80.111 103.139.0.32 103.224.182.0/23 103.224.212.0/23 119.28.128.52 121.254.178.252 135.148.9.101
141.8.224.195 158.247.7.206 158.69.201.47 159.89.244.183 164.90.244.158 185.134.245.113 185.53.176.0/22
188.93.95.11 192.64.147.0/24 194.58.112.165 194.58.112.174 198.54.117.192/26 199.191.50.0/24 199.58.179.10
199.59.240.0/22 204.11.56.0/23 207.148.248.143 207.148.248.145 208.91.196.0/23 209.99.40.222 209.99.64.0/24
213.145.228.16 213.171.195.105 216.40.34.41 217.26.48.101 31.186.11.254 31.31.205.163 37.97.254.27
43.128.56.249 45.79.222.138 45.88.202.115 46.28.105.2 46.30.211.38 46.4.13.97 46.8.8.100 47.91.170.222
5.9.161.60 50.28.32.8 52.128.23.153 64.190.62.0/23 64.70.19.203 64.70.19.98 66.81.199.0/24 78.47.145.38
81.2.194.128 88.198.29.97 91.184.0.100 91.195.240.0/23 93.191.168.52 94.136.40.51 95.217.58.108
98.124.204.16
"""
_PARKED_RANGES = sorted(
    (int(one.network_address), int(one.broadcast_address)) for one in map(IPv4Network, _PARKED_NETWORKS.split())
)


def has_parked_source(lowered: str) -> bool:
    """Whether the source of a page, in lower case, is that of a company which parks domains."""
    if any(mark in lowered for mark in _PARKED_SOURCE):
        return True
    return "park" in lowered and _PARKED_PARK.search(lowered) is not None


def may_be_for_sale(lowered: str) -> bool:
    """Whether `PARKED_TEXT` can find anything in a page, given in lower case: a quick look before a slow one."""
    return "dom" in lowered or "домен" in lowered


def is_parking(address: Address) -> bool:
    """Whether an address is known to be that of a company which parks domains."""
    if not isinstance(address, IPv4Address):
        return False
    place = bisect_right(_PARKED_RANGES, (int(address), 1 << 32)) - 1
    return place >= 0 and int(address) <= _PARKED_RANGES[place][1]
