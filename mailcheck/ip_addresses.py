"""Which addresses of the internet are public, by tables of our own.

`ipaddress.is_private` and `is_global` change between patch releases of Python, and let through addresses
that lead inside: 168.63.129.16, 6to4, NAT64 and ISATAP forms of private addresses. Of IPv4 everything is public
but the list; of IPv6 nothing is but the global unicast space that is really given out.

Sources: the IANA special-purpose registries for IPv4 and IPv6 (RFC 6890), the IANA registry of IPv6
global unicast assignments, RFC 4291 (mapped), RFC 6052 (NAT64), RFC 5214 (ISATAP).
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address

V4_DENIED = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # the wire server of Azure, in a range that is routed
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
V6_ALLOWED = IPv6Network("2000::/4")
V6_DENIED = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarking
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",
        "2d00::/8",
        "2e00::/7",
    )
)
V4_IN_V6 = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))
"""Mapped and NAT64: the last 32 bits are the IPv4 address that is really meant."""
_ISATAP = frozenset((0x00005EFE, 0x02005EFE))


def is_public(address: Address) -> bool:
    """Whether a recipient anywhere reaches what we reach under this address."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in V4_DENIED)
    number = int(address)
    if any(address in network for network in V4_IN_V6):
        return is_public(IPv4Address(number & 0xFFFFFFFF))
    if address not in V6_ALLOWED or (number >> 32) & 0xFFFFFFFF in _ISATAP:
        return False
    return not any(address in network for network in V6_DENIED)


def numeric_v4(host: str) -> IPv4Address | None:
    """The IPv4 address that a browser takes a numeric host for, whatever its notation.

    Args:
        host: ASCII, lower case: `127.1`, `0x7f000001`, `0177.0.0.1`, `2130706433`, `1.2.3.4.` …

    Returns:
        `None` where a browser refuses it.
    """
    labels = host.removesuffix(".").split(".")
    if len(labels) > 4:
        return None
    numbers = [_number(label) for label in labels]
    known = [number for number in numbers if number is not None]
    if len(known) != len(numbers) or any(number > 255 for number in known[:-1]):
        return None
    room = 256 ** (5 - len(known))
    if known[-1] >= room:
        return None
    total = known[-1] + sum(number << (8 * (3 - place)) for place, number in enumerate(known[:-1]))
    return IPv4Address(total)


def ends_in_number(host: str) -> bool:
    """Whether a browser reads an ASCII host as an IPv4 address: its last label is a number."""
    last = host.removesuffix(".").rpartition(".")[2]
    return last.isdigit() or _number(last) is not None


def _number(label: str) -> int | None:
    if not label or len(label) > 40:
        return None
    digits, base = label, 10
    if label.startswith("0x"):
        digits, base = label[2:] or "0", 16
    elif len(label) > 1 and label.startswith("0"):
        digits, base = label[1:], 8
    allowed = "0123456789abcdef"[:base]
    return int(digits, base) if all(digit in allowed for digit in digits) else None
