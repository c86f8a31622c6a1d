"""`mailcheck serve`: the gate."""

from __future__ import annotations

import gc

import click

from mailcheck.cli import console


@click.command(short_help="Run the gate: a service between “schedule” and the sending service.")
@click.option("--config", metavar="FILE", default="gate.toml", help="Settings of the gate; gate.toml by default.")
@click.option("--host", metavar="ADDRESS", help="Where it listens, instead of what the settings say.")
@click.option("--port", type=click.IntRange(0, 65535), help="And at which port; 0 for any free one.")
@click.option("--check-config", is_flag=True, help="Check settings, secrets and connections, and end.")
def serve(config: str, host: str | None, port: int | None, check_config: bool) -> int:
    """Run the gate: a service between “schedule” and the sending service.

    It ends at SIGTERM or Ctrl-C, when what is in hand is done. Its log goes to standard error, one JSON object a line.
    """
    from pathlib import Path

    from mailcheck.gate.loading import load_gate

    settings = load_gate(Path(config), {"host": host, "port": port})
    require_gate()
    from mailcheck.gate import service

    if check_config:
        service.prepare(settings)
        counts = {"sender": len(settings.senders), "connection": len(settings.esps), "alert": len(settings.alerts)}
        said = ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for name, count in counts.items())
        console.out(f"{config}: in order ({said})\n")
        return 0
    # Turned off for the short runs of other commands; what is loaded by now stays, and need not be looked at.
    gc.freeze()
    gc.enable()
    return 0 if service.serve(settings) else 3


def require_gate() -> None:
    """Demand what the extra `gate` brings.

    Raises:
        CouldNotStart: something of it is not installed.
    """
    from mailcheck.settings import CouldNotStart

    try:
        from mailcheck.gate import service  # noqa: F401 - only whether it can be imported
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("mailcheck"):
            raise
        missing = f"the gate needs {error.name}, which is not installed"
        raise CouldNotStart(f"{missing}: pip install 'mailcheck-lint[gate]'") from None
