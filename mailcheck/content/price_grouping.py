"""The numbers of a text, whose groups may be parted by spaces: `1 299,50`."""

from __future__ import annotations

from mailcheck.content.lazily import lazy
from mailcheck.content.price_markers import SPACES, cased, near
from mailcheck.content.price_markets import Market, cldr
from mailcheck.content.price_numbers import RUN, Amount, read_amount

_FRACTION_SIGNS = frozenset(".,")
_FUEL = lazy(
    r"[ \u00a0]?(?:[^\W\d]{0,4}|[$€£])[ \u00a0]?(?:/|\b(?:per|pr\.?|pro|je)[ \u00a0])"
    r"[ \u00a0]?(?:gal\w*|lit[er]\w*|l|L|kWh)\b"
)
_GROUP = lazy(r"\d{3}(?!\d)")
_SPAN_OF_SIZES = lazy(r"(?<!\d)\d{1,2}-$")


class Numbers:
    """The runs of digits of a flat text, found in one pass; `runs` holds where each starts and ends."""

    def __init__(self, text: str, market: Market) -> None:
        self.text = text
        self.market = market
        self._near = near(market)
        self._digits = cldr()["digits"]
        self.runs = [match.span() for match in RUN.finditer(text)]

    def amount(self, start: int, end: int, codes: tuple[str, ...]) -> Amount | None:
        """What the digits `text[start:end]` say as an amount in one of the currencies."""
        digits = self._digits
        code = self.market.currency if self.market.currency in codes else codes[0]
        written = self.text[start:end].replace(" ", "\u00a0")
        fuel = written[-4:-3] in _FRACTION_SIGNS and _FUEL.match(self.text, end) is not None
        return read_amount(written, self.market, digits.get(code, 2), fuel=fuel)

    def end(self, index: int) -> int:
        """Where a number ends whose groups are parted by spaces, `kr 1 299,50`."""
        text = self.text
        start, end = self.runs[index]
        if end - start > 3 or not text[start:end].isdigit() or text[start] == "0":
            return end
        for later, close in self.runs[index + 1 : index + 5]:
            if later != end + 1 or text[end] not in SPACES or _GROUP.match(text, later) is None:
                break
            if not text[later:close].isdigit():
                return close if text[later + 3] in ".,:" else end
            if not self._ends_a_number(close, later):
                break
            end = close
        return end

    def _ends_a_number(self, close: int, later: int) -> bool:
        """Whether what follows is no unit: in `€ 20 100 ml` the second number has its own."""
        after = self.text[close : close + 1]
        if after == "%" or (after and cased(after) and self._near.behind(self.text, close) is None):
            return False
        if self.text[later - 1] == "\u00a0" or self.market.group == "\u00a0":
            return True
        word = self.text[close + 1 : close + 2]
        is_unit = after in SPACES and bool(word) and cased(word) and self._near.behind(self.text, close) is None
        return not is_unit

    def starts(self, index: int, floor: int) -> list[int]:
        """All starts of a number that ends with this run, `1 299`, nearest first."""
        text = self.text
        start, _ = self.runs[index]
        starts = [start]
        while index and _GROUP.match(text, start) is not None:
            before, close = self.runs[index - 1]
            if close != start - 1 or text[close] not in SPACES or before < floor:
                break
            if not text[before:close].isdigit() or close - before > 3:
                break
            prior = text[before - 1 : before]
            if prior and (prior in "/.,:#" or (cased(prior) and prior not in "xX") or self._is_size(before)):
                break
            index, start = index - 1, before
            starts.append(before)
        return starts

    def _is_size(self, start: int) -> bool:
        """Whether the number ends a span of sizes or days, `38-42 199 kr`, not one of prices, `100-200 000 kr`."""
        return _SPAN_OF_SIZES.search(self.text, max(0, start - 4), start) is not None
