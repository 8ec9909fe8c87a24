"""The console on the demo data: `make console`.

Tells the demo, makes a token for each role, serves, and prints where and with what to sign in. The
tokens are of the demo: they lie in its folder, for its owner alone, so that they can be told again.
"""

import asyncio
import json
import os
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from dataclasses import replace

from adapters import tokens
from adapters.access import Role, digest
from adapters.cli.demo import NOW, told
from adapters.cli.session import Session, opened
from adapters.http.serve import serve
from adapters.http.server import bound
from adapters.settings import Settings
from adapters.tokens import Signed
from domain.errors import Guarded, VillkorError

FOR = {
    Role.AGENT: "customer service: why was this customer charged?",
    Role.ACCOUNTANT: "the books, and closing a month",
    Role.AUDITOR: "everything, and verifying it",
    Role.OPERATOR: "what is parked, and rebuilding",
}
KNOWN = "select exists (select from tokens where digest = $1 and revoked_at is null)"
EPILOG = "VILLKOR_LISTEN is where it listens (127.0.0.1:8080), VILLKOR_HOME where the demo is kept."
SIGNED = Signed("make console", "to look at the demo")


async def ready(settings: Settings) -> dict[Role, str]:
    """Tell the demo where it is not told yet; role -> a token. Raises Guarded for real orders."""
    kept = settings.home / "demo-tokens.json"
    async with opened(settings) as session:
        await told(session)
        before = json.loads(kept.read_text()) if kept.is_file() else {}
        found = await _tokens(session, before)
    kept.touch(mode=0o600)
    kept.write_text(json.dumps(found))
    return found


async def _tokens(session: Session, before: dict[str, str]) -> dict[Role, str]:
    """Those of the last time, and new ones where one of them is not known any more."""
    names = {one["name"] for one in await tokens.listed(session.store.pool)}
    found = {}
    for role in Role:
        secret = before.get(role, "")
        if not await session.store.pool.fetchval(KNOWN, digest(secret)):
            name = next(one for one in _names(role) if one not in names)
            made = await tokens.create(session.store, name, role, (), SIGNED, NOW)
            await session.taken(made.inbox)
            secret = made.secret
        found[role] = secret
    return found


def _names(role: Role) -> list[str]:
    return [role, *(f"{role}-{number}" for number in range(2, 1_000))]


def page(address: tuple[str, int], found: dict[Role, str]) -> str:
    """What is said once it can be opened."""
    host, port = address
    lines = [f"The console of the demo: http://{host}:{port}/", "", "Sign in with one of"]
    for role, secret in found.items():
        lines += [f"  {role:<11} {secret}", f"  {'':<11} {FOR[role]}"]
    return "\n".join([*lines, "", "Ctrl-C ends it."])


def main() -> int:
    """Until Ctrl-C. Nothing is told of an address that another program may have."""
    ArgumentParser(prog="make console", description=__doc__, epilog=EPILOG,
                   formatter_class=RawDescriptionHelpFormatter).parse_args()  # fmt: skip
    try:
        asked = Settings.read(os.environ)
        settings = replace(asked, now=NOW, kafka=None, log=asked.log or "console:error")
        with bound(settings.listen) as listener:
            print("telling the demo ..", file=sys.stderr, flush=True)
            found = asyncio.run(ready(settings))
            print(page((settings.listen[0], listener.getsockname()[1]), found), flush=True)
            return asyncio.run(serve(settings, listener))
    except VillkorError as error:
        print(f"villkor: {error}", file=sys.stderr)
        return 4 if isinstance(error, Guarded) else 1
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
