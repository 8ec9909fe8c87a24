"""The streams of the log: which kind a key is of, and what its events make of it."""

from collections.abc import Iterable
from datetime import datetime

from adapters.codec import Stored, decode
from domain.customer_stream import Customer, is_customer
from domain.order import Order
from domain.register import Register, is_register

AnyStream = Order | Customer | Register


def blank(key: str) -> AnyStream:
    """The stream of a key, of which nothing is known yet."""
    if is_customer(key):
        return Customer.blank(key)
    return Register.blank(key) if is_register(key) else Order.blank(key)


def replayed(
    key: str, events: Iterable[tuple[int, datetime, Stored]], rules: str
) -> AnyStream:  # fmt: skip
    """A stream from its (version, recorded at, stored event).

    An order that other rules than `rules` decided holds to what they said.
    """
    stream = blank(key)
    for version, recorded_at, stored in events:
        stream.apply(decode(key, version, recorded_at, stored))
    stream.hand_over()  # that was done when it was said
    if isinstance(stream, Order):
        stream.catch_up()
        stream.holds = not stream.rules <= {rules}
    return stream
