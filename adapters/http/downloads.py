"""Files to take along: written whole before the first byte leaves, so that an error is a page.

What is small stays in memory, what is large goes to a file that has no name.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from io import SEEK_END, TextIOWrapper
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, TextIO, cast
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

SMALL = CHUNK = 1 << 20
CSV = "text/csv; charset=utf-8"
Sheet = Callable[[TextIO], Awaitable[object] | None]


async def download(
    name: str, media: str, write: Callable[[BinaryIO], Awaitable[object]]
) -> Response:  # fmt: skip
    """A file that a browser saves under a name. Raises what `write` does."""
    return sent(await spooled(write), name, media)


async def sheet(name: str, write: Sheet) -> Response:
    """A CSV file (`adapters.ledger.sheets`)."""
    return await download(f"{name}.csv", CSV, as_csv(write))


def as_csv(write: Sheet) -> Callable[[BinaryIO], Awaitable[object]]:
    """Writes text as UTF-8, its ends of lines as they are."""

    async def written(file: BinaryIO) -> None:
        text = TextIOWrapper(file, "utf-8", newline="")
        if (pending := write(text)) is not None:
            await pending
        text.detach()

    return written


async def spooled(write: Callable[[BinaryIO], Awaitable[object]]) -> BinaryIO:
    """What was written, in a file without a name. Raises what `write` does."""
    file = cast(BinaryIO, SpooledTemporaryFile(SMALL))  # noqa: SIM115 - closed by who sends it
    try:
        await write(file)
    except BaseException:
        file.close()
        raise
    return file


def sent(
    file: BinaryIO, name: str, media: str, headers: Mapping[str, str] | None = None
) -> Response:
    """A file in its parts; it is closed when it was sent."""
    size = file.seek(0, SEEK_END)
    file.seek(0)
    told = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "content-length": str(size), **(headers or {}),
    }  # fmt: skip
    return StreamingResponse(_parts(file), media_type=media, headers=told)


def _parts(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while part := file.read(CHUNK):
            yield part
