"""The gate at work, in one command: everything is real but the sending service, which is a small one on loopback."""

from __future__ import annotations

from mailcheck.gate.demo.story import Pace, StoryFailed, play

__all__ = ["Pace", "StoryFailed", "play"]
