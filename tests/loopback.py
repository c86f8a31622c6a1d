"""A server on loopback, on a thread of its own with its own event loop."""

from __future__ import annotations

import asyncio
import ssl
import threading
from types import TracebackType
from typing import ClassVar, Self


class OnLoopback:
    """What servers for tests share: begin with `with`, serve until its end, leave no task behind.

    Classes that take it give `context` and `_serve`; `host` and `line_bytes` where theirs differ.
    """

    context: ssl.SSLContext | None = None
    host: str = "127.0.0.1"
    line_bytes: ClassVar[int] = 2**20

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        self.loop = asyncio.new_event_loop()
        self.server = self.loop.run_until_complete(
            asyncio.start_server(self._serve, self.host, 0, ssl=self.context, limit=self.line_bytes, backlog=512)
        )
        self.port: int = self.server.sockets[0].getsockname()[1]
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self.loop).result(5)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.loop.close()

    async def _end(self) -> None:
        self.server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
