"""Adapters of sending services: fetch a campaign, read its schedule, schedule it, pull it back.

`connect` is the door. Every adapter is an `EspKind`; plug-ins bring more by the hook `mailcheck_esps`.
"""

from __future__ import annotations

from mailcheck.gate.esps.kinds import BadConnection, EspKind, Place, connect, known_kinds

__all__ = ["BadConnection", "EspKind", "Place", "connect", "known_kinds"]
