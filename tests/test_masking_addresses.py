"""Addresses do not leave mailcheck, and what only looks like one does."""

from __future__ import annotations

import pytest

from mailcheck.masking import mask_addresses


@pytest.mark.parametrize("name", ["logo@2x.png", "img/hero@3x.JPG", "a@1.5x.webp"])
def test_a_picture_for_sharp_screens_is_no_address(name: str) -> None:
    assert mask_addresses(f'<img src="{name}">') == f'<img src="{name}">'


@pytest.mark.parametrize("address", ["logo@2x.com", "hero@shop.png.example", "klara@png.gif.de", "k@3xl.jp"])
def test_an_address_that_looks_like_a_picture_is_masked(address: str) -> None:
    assert address not in mask_addresses(f"write to {address} today")
