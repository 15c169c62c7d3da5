"""The web server: hands each request to the provider side or to steering.

aiohttp's low-level server is used without an application: one dictionary lookup per request instead of a router, so
that the sandbox can also stand in for a provider in benchmarks.
"""

import asyncio
import contextlib
import signal
import socket

from aiohttp import web

from .answers import in_text
from .provider import SMARTLEAD_BASE, Provider, as_response, express_404
from .state import Sandbox
from .steering import Steering

LOOPBACK = {"127.0.0.1", "::1"}


class Server:
    def __init__(self, sandbox: Sandbox, host: str, port: int) -> None:
        self._sandbox = sandbox
        self._host = host
        self._port = port
        self._provider = Provider(sandbox)
        self._steering = Steering(sandbox, self.close_port)
        # Handlers end when their caller hangs up, so that hanging faults do not pile up.
        self._server = web.Server(self._handle, handler_cancellation=True, access_log=None)
        self._runner = web.ServerRunner(self._server, shutdown_timeout=0.2)
        self._site: web.SockSite | None = None
        self._reopening: set[asyncio.Task[None]] = set()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path.startswith(SMARTLEAD_BASE + "/"):
            return await self._provider.handle(request)
        if path != "/" and not path.startswith("/_"):
            return as_response(express_404(request.method, path))
        if request.remote not in LOOPBACK:
            return as_response(in_text("The sandbox is steered from its own machine only.\n", 403))
        return as_response(await self._steering.handle(request))

    async def open_port(self) -> int:
        """Listens, and says on which port; the same one again after `close_port`."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self._host, self._port))
        self._site = web.SockSite(self._runner, listener, backlog=1024)
        await self._site.start()
        self._port = listener.getsockname()[1]
        return self._port

    def close_port(self, seconds: float) -> None:
        """Refuses connections for a while, a moment after the answer that announces it has left."""
        task = asyncio.get_running_loop().create_task(self._reopen_after(seconds))
        self._reopening.add(task)
        task.add_done_callback(self._reopening.discard)

    async def _reopen_after(self, seconds: float) -> None:
        await asyncio.sleep(0.05)
        if self._site is not None:
            await self._site.stop()
        for connection in list(self._server.connections):
            connection.force_close()
            if connection.transport is not None:
                connection.transport.abort()
        await asyncio.sleep(seconds)
        await self.open_port()

    async def run(self) -> None:
        """Serves until SIGTERM or SIGINT."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await self._runner.setup()
        port = await self.open_port()
        host = f"[{self._host}]" if ":" in self._host else self._host
        print(f"sandbox ready on http://{host}:{port}", flush=True)  # noqa: T201
        await stop.wait()
        for task in self._reopening:
            task.cancel()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._runner.cleanup(), timeout=2)
