"""`habitue demo`: the whole system, a shop, a mailbox and simulated visitors, from one command on one machine."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from pathlib import Path
from typing import NamedTuple

import uvicorn
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from starlette.applications import Starlette

from habitue.errors import HabitueError
from habitue.run import clock
from habitue.run.lock import Lock
from habitue.run.supervisor import SYSTEM
from habitue.wire.serving import Serving

from .mailbox.app import mailbox
from .mailbox.letters import Letters
from .mailbox.post import Post
from .preparation import OWNER, Prepared, prepare
from .prices import Prices
from .shopkeeper import Shopkeeper
from .storefront.app import Shop, storefront
from .stream import Stream
from .visitors import Visitors

HISTORY_EVENTS = 30_604
"""How many events the history has: what the progress bar counts to."""


class Ports(NamedTuple):
    """Where things listen; 0 takes a free port."""

    console: int = 8080
    storefront: int = 8081
    mailbox: int = 8025
    smtp: int = 8026


class Addresses(NamedTuple):
    """What a newcomer opens."""

    storefront: str
    console: str
    mailbox: str


def run_demo(
    data_dir: Path,
    host: str = "127.0.0.1",
    ports: Ports | None = None,
    speed: float = 60.0,
    seed: int = 1,
    *,
    visitors: bool = True,
    out: Console | None = None,
) -> None:
    """Prepare (the first time), start everything, print three addresses, and run until Ctrl-C or SIGTERM.

    Raises HabitueError when a port is taken, a system runs in the directory already, or it cannot be used.
    """
    Demo(data_dir, host, ports or Ports(), speed, seed, visitors=visitors, out=out).run()


class Demo:
    """All that `habitue demo` starts, in the order in which it is started; it ends in the opposite one."""

    def __init__(
        self, data: Path, host: str, ports: Ports, speed: float, seed: int, *, visitors: bool, out: Console | None
    ) -> None:
        self._data, self._host, self._ports, self._speed, self._seed = data, host, ports, speed, seed
        self._with_visitors = visitors
        self._out = out or Console(highlight=False)

    def run(self) -> None:
        began = time.monotonic()
        if self._data.exists() and Lock(self._data, SYSTEM).is_held():
            raise HabitueError(
                f"a system runs in {self._data} already. Stop it, or choose another directory with --data."
            )
        shop_socket = _listen(self._host, self._ports.storefront, "the storefront", "--storefront-port")
        mail_socket = _listen(self._host, self._ports.mailbox, "the mailbox", "--mailbox-port")
        smtp_port = _open_port(self._host, self._ports.smtp, "--smtp-port")
        shop_url, mail_url = _address(self._host, shop_socket), _address(self._host, mail_socket)

        prepared = self._prepare(shop_url, smtp_port)
        serving = Serving(self._data, host=self._host, port=self._ports.console, speed=self._speed)
        now = clock.running(self._data).now
        addresses = Addresses(shop_url, f"{serving.address}/console", mail_url)
        shop = Shop(
            write_key=prepared.storefront_key,
            habitue_url=serving.address,
            console_url=addresses.console,
            mailbox_url=mail_url,
            secret=prepared.secret,
            server_key=prepared.server_key,
            user_secret=prepared.user_secret,
            speed=self._speed,
        )
        prices = Prices(now, prepared.reductions)
        letters = Letters(self._data / "letters.jsonl")
        post = Post(letters, now, self._host, smtp_port)
        pages = Pages(
            [
                (storefront(shop, prepared.goods, prices, now), shop_socket),
                (mailbox(letters, now, timezone=shop.timezone), mail_socket),
            ]
        )
        stream = self._stream(prepared, prices, serving.port, shop_url)
        shopkeeper = Shopkeeper(
            prepared.goods, prices, now, host=_reachable(self._host), port=serving.port, token=prepared.api_token
        )

        def ready() -> None:
            if self._with_visitors:
                stream.start()
            shopkeeper.start()
            self._announce(addresses, prepared.password, time.monotonic() - began)

        post.start()
        pages.start()
        try:
            serving.run(ready)
        finally:
            stream.stop()
            shopkeeper.stop()
            pages.stop()
            post.stop()
            self._out.print("The demo has ended. Its data stays in", str(self._data))

    def _prepare(self, shop_url: str, smtp_port: int) -> Prepared:
        with Progress(
            TextColumn("Importing a year of real orders"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            console=self._out,
            transient=True,
        ) as bar:
            task = bar.add_task("", total=HISTORY_EVENTS, visible=False)
            return prepare(
                self._data,
                shop_url=shop_url,
                smtp_host=_reachable(self._host),
                smtp_port=smtp_port,
                speed=self._speed,
                loopback=_is_loopback(self._host),
                progress=lambda done: bar.update(task, completed=done, visible=True),
            )

    def _stream(self, prepared: Prepared, prices: Prices, port: int, shop_url: str) -> Stream:
        # Ids must differ from those of earlier runs, or their events would be taken for repetitions.
        run = format(int(time.time()), "x")
        visitors = Visitors(
            prepared.goods, prepared.customers, seed=self._seed, run=run, origin=shop_url, price=prices.today
        )
        return Stream(
            visitors, host=_reachable(self._host), port=port, write_key=prepared.visitors_key, speed=self._speed
        )

    def _announce(self, addresses: Addresses, password: str, seconds: float) -> None:
        wait = (
            f"time runs {self._speed:g}×: 25 minutes take {25 * 60 / self._speed:.0f} s. " if self._speed != 1 else ""
        )
        lines = (
            ("Storefront", addresses.storefront, "look at something, wish for it, sign in, leave"),
            ("Console", addresses.console, f"{OWNER}, password {password}"),
            ("Mailbox", addresses.mailbox, "every letter that is sent"),
        )
        self._out.print(f"\n[bold green]Habitue is ready[/] after {seconds:.0f} s.\n")
        for name, address, words in lines:
            # Never wrapped or cut: addresses are clicked on and copied.
            self._out.print(f"  {name:<11} [bold]{address:<32}[/]  [dim]{words}[/]", soft_wrap=True)
        self._out.print(f"\nThe other visitors are simulated; {wait}Ctrl-C ends everything.", soft_wrap=True)


class Pages:
    """Web servers in a thread of their own, since the supervisor needs the main one for signals."""

    def __init__(self, applications: list[tuple[Starlette, socket.socket]]) -> None:
        self._servers = [
            (
                uvicorn.Server(uvicorn.Config(application, log_level="warning", access_log=False, lifespan="off")),
                listening,
            )
            for application, listening in applications
        ]
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="demo pages", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        for server, _ in self._servers:
            server.should_exit = True
        self._thread.join(timeout=10)

    async def _serve(self) -> None:
        await asyncio.gather(*(server.serve(sockets=[listening]) for server, listening in self._servers))


def _listen(host: str, port: int, what: str, option: str) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except (OSError, OverflowError) as error:
        listening.close()
        raise HabitueError(
            f"{what} cannot listen on {host} port {port}: {error}. Choose another with {option}."
        ) from None
    listening.listen(128)
    return listening


def _open_port(host: str, port: int, option: str) -> int:
    """A port for the mail server, tried before anything is started; it binds by itself."""
    trial = _listen(host, port, "the mail server", option)
    number = int(trial.getsockname()[1])
    trial.close()
    return number


def _address(host: str, listening: socket.socket) -> str:
    shown = _reachable(host)
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{listening.getsockname()[1]}"


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not listened on


def _is_loopback(host: str) -> bool:
    return host in ("127.0.0.1", "::1", "localhost")
