"""Which tables verify answers for, and what it cannot answer for, with the reason."""

from typing import NamedTuple


class Unprotected(NamedTuple):
    """A table or column of which a change is not found, and why that is so."""

    table: str
    reason: str


PROTECTED = (
    "events", "partitions", "personal", "editions", "postings", "timeline", "orders", "parcels",
    "deadlines", "timers", "shipments", "ledger_days", "ledger_orders", "ledger_sellers", "tokens",
    "deadline_sums",
)  # fmt: skip
"""What is changed, deleted, put in or swapped here is found."""

UNPROTECTED = (
    Unprotected("events.hash", "a chain that was rewritten from some event on is found by heads"),
    Unprotected("partitions.epoch, owner, heartbeat, models", "who writes now; the log is fenced"),
    Unprotected("editions.day, first_seen", "no order is decided by them"),
    Unprotected("shipments.generation", "depends on which messages came in one batch"),
    Unprotected("events", "what other rules decided is held as it is recorded, while it fits"),
    Unprotected("timers", "of orders that other rules decided: these asked for other instants"),
    Unprotected("relay", "how far outcomes went out; found where it is beyond the log's end"),
    Unprotected("relay_lanes", "into how many lanes the log is grouped"),
    Unprotected("positions", "how far Kafka was read; what is read twice counts once"),
    Unprotected("inbox", "messages on their way; those between streams are missed where they end"),
    Unprotected("dead_letters", "what was parked lies outside the log and can be put away"),
    Unprotected("dead_letter_edits", "what was changed in a parked message"),
    Unprotected("sightings", "what carriers said; what was told to orders of it is in the log"),
    Unprotected("trackings", "only locks"),
    Unprotected("installation", "the name of this database; heads bear it"),
    Unprotected("read_models", "when read models were built; their rows are compared"),
    Unprotected("ledger_summed", "how far the ledger's sums go; up to there they are compared"),
    Unprotected("clause_sums", "added up from the timeline, which is compared; decides nothing"),
    Unprotected("clauses_summed", "how far clause_sums goes"),
    Unprotected("deadline_moves", "not yet added to deadline_sums; compared together with them"),
    Unprotected("deadlines_summed", "of which file of the deadlines deadline_sums are"),
    Unprotected("sessions", "who is signed in, for hours; they end with their token"),
    Unprotected("answered", "what posts were answered, so that one told twice counts once"),
    Unprotected("schema_version", "the program checks its files at start"),
)
