"""Dead letters as they go out: the message as it came, and headers that say why it was parked."""

from importlib.metadata import version

from adapters.kafka.outcomes import Headers
from adapters.postgres.relay import Letter

VERSION = version("villkor")
MOST_BYTES = 1_500_000
"""What is larger stays in the database alone: files may hold lines of any length."""


def record(letter: Letter, installation: str) -> tuple[bytes | None, bytes, Headers]:
    """The record of a dead letter: key, value and headers as they came, and ours behind them.

    A consumer drops duplicates by (partition, position), and finds the letter by its id.
    """
    told = {
        "reason": letter.reason,
        "sentence": letter.sentence,
        "place": letter.place,
        "parked-at": letter.parked_at.isoformat(),
        "seller": letter.seller,
        "order": letter.order_id,
        "message-source": letter.message_source,
        "message-id": letter.message_id,
        "letter": str(letter.id),
        "partition": str(letter.partition),
        "position": str(letter.number),
        "installation": installation,
        "version": VERSION,
    }
    size = len(letter.value) + len(letter.key or b"")
    size += sum(len(name) + len(value) for name, value in letter.headers)
    fits = size <= MOST_BYTES
    if not fits:
        told["left-out"] = f"{size} bytes; `villkor dead-letters show {letter.id}` has them"
    headers: Headers = list(letter.headers) if fits else []
    headers += [(f"villkor-{name}", one.encode()) for name, one in told.items() if one is not None]
    return (letter.key, letter.value, headers) if fits else (None, b"", headers)
