"""Which of the log's partitions an order lives in: Kafka's own default hash of its key."""

from collections.abc import Iterable
from functools import lru_cache
from itertools import count

from domain.errors import Corrupt
from domain.register import ACTS, SELLER

PARTITIONS = 256
_MASK = 0xFFFFFFFF
_M = 0x5BD1E995


@lru_cache(maxsize=200_000)
def partition_of(key: str) -> int:
    """The partition of `seller/order`: (murmur2 of its UTF-8, & 0x7fffffff) mod 256.

    With a power of two of Kafka partitions, the consumer of a fact is the writer of its order.
    """
    return (murmur2(key.encode()) & 0x7FFFFFFF) % PARTITIONS


@lru_cache(maxsize=PARTITIONS)
def register_of(partition: int) -> str:
    """The key of a partition's register: the first that lies in it.

    Raises Corrupt for a partition that no key lies in.
    """
    if partition not in range(PARTITIONS):
        raise Corrupt(f"there is no partition {partition}; the last is {PARTITIONS - 1}")
    return next(key for n in count() if partition_of(key := f"{SELLER}/{ACTS}{n}") == partition)


def registers(partitions: Iterable[int]) -> list[str]:
    """The subjects of the registers of partitions, in their order."""
    return [register_of(partition).removeprefix(f"{SELLER}/") for partition in partitions]


def murmur2(data: bytes) -> int:
    """The 32-bit murmur2 of Kafka's default partitioner (seed 0x9747b28c), unsigned."""
    length = len(data)
    h = 0x9747B28C ^ length
    for at in range(0, length - 3, 4):
        k = int.from_bytes(data[at : at + 4], "little") * _M & _MASK
        k = (k ^ (k >> 24)) * _M & _MASK
        h = (h * _M & _MASK) ^ k
    rest = data[length & ~3 :]
    if rest:
        h = (h ^ int.from_bytes(rest, "little")) * _M & _MASK
    h = (h ^ (h >> 13)) * _M & _MASK
    return h ^ (h >> 15)
