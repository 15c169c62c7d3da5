"""`python -m sandbox --port N`: starts the sandbox in the foreground until SIGTERM or Ctrl-C."""

import argparse
import asyncio
import gc
from datetime import date

from .limits import Window
from .server import Server
from .smartlead.call import GUIDES, LIVE
from .state import Options, Sandbox


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one and prints it")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--today", type=date.fromisoformat, help="YYYY-MM-DD: it is noon of this day at the start")
    parser.add_argument("--limit", type=int, default=10, help="calls per key in any window")
    parser.add_argument("--window", type=float, default=2.0, help="seconds")
    parser.add_argument("--dialect", choices=(LIVE, GUIDES), default=LIVE)
    chosen = parser.parse_args()
    options = Options(chosen.seed, chosen.today, (Window(chosen.limit, chosen.window),), chosen.dialect)
    sandbox = Sandbox(options)
    # The world is large and long-lived: collecting it again and again would only add pauses to the limiter's clock.
    gc.collect()
    gc.freeze()
    asyncio.run(_serve(sandbox, chosen.host, chosen.port))


async def _serve(sandbox: Sandbox, host: str, port: int) -> None:
    await Server(sandbox, host, port).run()


if __name__ == "__main__":
    main()
