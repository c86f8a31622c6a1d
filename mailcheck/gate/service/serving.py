"""Runs the service until it is told to stop: store, judges, runner and server, started and ended in order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import uvicorn

from mailcheck.gate.alerts import Alerts, BadAlert, targets_of
from mailcheck.gate.esps import BadConnection, connect, known_kinds
from mailcheck.gate.jobs import StoreError
from mailcheck.gate.judging import Judges
from mailcheck.gate.model import Esp
from mailcheck.gate.polling import Poller
from mailcheck.gate.running import Desk, Runner
from mailcheck.gate.service import logs
from mailcheck.gate.service.app import create_app
from mailcheck.gate.service.guard import HEADER_BYTES, place
from mailcheck.gate.service.state import State, Work, new_writer, senders_of
from mailcheck.gate.settings import GateSettings
from mailcheck.gate.store import Store
from mailcheck.settings import CouldNotStart

GRACE = 30.0
"""Seconds that requests, and then jobs, have to come to their end. Jobs that do not are taken up again later."""
BACKLOG = 2048
TIDY = 3600.0
"""Seconds between two times at which what is old is deleted."""

Beside = Callable[[asyncio.Event], Awaitable[None]]
"""Runs beside the server until the event is set."""


def prepare(settings: GateSettings) -> dict[str, Esp]:
    """Check everything that the settings name, without opening a socket or the store; the connections by name.

    Raises:
        CouldNotStart: a secret is missing, a key cannot be used, a connection cannot be made, mailcheck's own settings
            are wrong.
    """
    from mailcheck.checking import Checker, registry_of
    from mailcheck.settings import load

    loaded = load(settings.judge.settings, use_file=settings.judge.settings is not None)
    Checker.build(loaded, local=settings.judge.local)
    brought: Sequence[object] = ()
    if any(table.kind not in known_kinds() for table in settings.esps.values()):
        brought = registry_of(loaded, local=settings.judge.local).extensions["esps"]
    try:
        senders_of(settings)
        if settings.token is not None:
            settings.token.read()
        targets_of(settings)
        return {name: connect(name, table, brought) for name, table in settings.esps.items()}
    except (BadConnection, BadAlert) as error:
        raise CouldNotStart(str(error)) from None
    except ValueError as error:
        raise CouldNotStart(f"{error}") from None


def serve(settings: GateSettings) -> bool:
    """Serve until a signal comes; whether it ended as it should.

    Raises:
        CouldNotStart: something is wrong with the settings, the store or the address.
    """
    esps = prepare(settings)
    logs.set_up()
    with _signals() as stopped, _store(settings) as store:
        return asyncio.run(_serve(settings, store, esps, stopped))


@contextlib.contextmanager
def _signals() -> Iterator[Callable[[], bool]]:
    """Until the server has handlers of its own, and after: a signal is remembered, and kills nobody half-way."""
    came: list[int] = []
    kinds = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(kind, lambda number, _frame: came.append(number)) for kind in kinds]
    try:
        yield lambda: bool(came)
    finally:
        for kind, handler in zip(kinds, before, strict=True):
            signal.signal(kind, handler)


@contextlib.contextmanager
def _store(settings: GateSettings) -> Iterator[Store]:
    try:
        store = Store.open(settings.store, queue=settings.queue, keep=settings.keep)
    except StoreError as error:
        raise CouldNotStart(str(error)) from None
    try:
        yield store
    finally:
        store.close()


async def _serve(settings: GateSettings, store: Store, esps: Mapping[str, Esp], stopped: Callable[[], bool]) -> bool:
    async with Judges(settings.judge) as judges:
        writer = new_writer()
        runner = Runner(Desk(store, esps, settings.policies, judges, aside=_in(writer)))

        async def work(stop: asyncio.Event) -> None:
            await runner.run(lanes=2 * settings.judge.workers, stop=stop)

        alerts = Alerts.of(settings, store)
        alerts.log = lambda said: logs.say(said, logging.WARNING)

        team = _Team([work, _tidying(store, writer), alerts.run, Poller(store, esps, settings.esps, runner.ring).run])
        jobs = Work(lambda: team.whole and not runner.trouble, runner.ring)
        state = State.make(settings, store, judges, esps, work=jobs, writer=writer)
        server = _server(settings, state)
        with _told(settings):
            bound = server.config.bind_socket()
        bound.set_inheritable(False)
        bound.listen(BACKLOG)  # from here on, who comes waits until the server takes over
        logs.say("listening", host=settings.host, port=bound.getsockname()[1])
        team.start(server)
        try:
            if not stopped():
                await server.serve(sockets=[bound])
        finally:
            await team.end()
            writer.shutdown(wait=True)
    logs.say("stopped", whole=team.whole)
    return team.whole


def _tidying(store: Store, writer: ThreadPoolExecutor) -> Beside:
    """Deletes what is old, now and then."""

    async def tidy(stop: asyncio.Event) -> None:
        while not stop.is_set():
            with contextlib.suppress(StoreError):  # whoever needs the store says so
                await _in(writer)(store.purge, datetime.now(UTC))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), TIDY)

    return tidy


def _in(executor: ThreadPoolExecutor) -> Callable[..., Awaitable[object]]:
    """A way to call functions of the store in a thread of its own, in the order in which they come."""

    async def aside(function: Callable[..., object], *args: object, **kwargs: object) -> object:
        return await asyncio.get_running_loop().run_in_executor(executor, lambda: function(*args, **kwargs))

    return aside


class _Team:
    """What runs beside the server. Whoever ends before being told takes the server along: then all start anew."""

    def __init__(self, members: Sequence[Beside]) -> None:
        self.members = members
        self.stop = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []
        self.whole = True

    def start(self, server: uvicorn.Server) -> None:
        self.tasks = [asyncio.create_task(self._run(one, server)) for one in self.members]

    async def _run(self, member: Beside, server: uvicorn.Server) -> None:
        try:
            await member(self.stop)
        except Exception as error:  # noqa: BLE001 - told, and the end of the service
            logs.say("work ended", logging.ERROR, kind=type(error).__name__, place=place(error))
        if not self.stop.is_set():
            self.whole = False
            server.should_exit = True

    async def end(self) -> None:
        self.stop.set()
        if not self.tasks:
            return
        _, late = await asyncio.wait(self.tasks, timeout=GRACE)
        for one in late:
            one.cancel()
        await asyncio.gather(*late, return_exceptions=True)


def _server(settings: GateSettings, state: State) -> uvicorn.Server:
    config = uvicorn.Config(
        create_app(state),
        host=settings.host,
        port=settings.port,
        lifespan="off",
        backlog=BACKLOG,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nothing here depends on who asks
        timeout_graceful_shutdown=int(GRACE),
        timeout_keep_alive=75,  # longer than proxies keep a connection, which would else meet a closed one
        h11_max_incomplete_event_size=HEADER_BYTES,
    )
    return uvicorn.Server(config)


@contextlib.contextmanager
def _told(settings: GateSettings) -> Iterator[None]:
    """uvicorn ends the process when it cannot listen."""
    try:
        yield
    except SystemExit:
        where = f"{settings.host}:{settings.port}"
        raise CouldNotStart(f"cannot listen on {where}; is the address of this machine, and the port free?") from None
