"""Raw bodies of carriers and shops: what they tell is taken, kept, or waits; bad ones are parked.

One road for files, HTTP and Kafka: `prepare` understands bodies and commits what carriers said, so
that nothing of it can be lost; then the facts that follow are told to their orders. Telling a body
twice, or again after a failure in between, changes nothing.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256

import msgspec
import structlog

from adapters import shops
from adapters.app import App
from adapters.carriers import FAMILY, Problem, Sighting, translator
from adapters.carriers import kept as carriers_kept
from adapters.clock import Clock
from adapters.inbox import drain, hand_over
from adapters.messages import Envelope, Message
from adapters.parcels import Seen
from adapters.parcels.judging import UNKNOWN, canonical, judged
from adapters.postgres import parcels
from adapters.postgres.batch import DeadLetter
from adapters.postgres.store import Store
from adapters.report import Report
from adapters.senders import Senders
from adapters.shops import SHOPS, ShopFact
from domain.errors import Refused, VillkorError

Tell = Callable[[Sequence[Message]], Awaitable[Report]]
"""How facts reach the writers of their orders: `by_app`, `by_inbox`, `left_in_inbox`."""
BODY, SIGHTING, PROBLEM = "villkor-body", "villkor-sighting", "villkor-problem"
"""The headers of what is parked here: what it is, and by their values of whom."""
UNKNOWN_CODE, CARRIER_ERROR = "unknown_code", "carrier_error"
log = structlog.get_logger()


@dataclass(slots=True, frozen=True)
class Body:
    """A body as it came. `place` says where from, `recorded_at` when it became known.

    Without `recorded_at` each fact in it became known when it happened: an export that is told
    years later must not look as if all of it had been learnt today. `shop` is the name of the shop
    in its system, `topic` the sender's (`orders/create`), `seller` whose the shop is where no
    configuration says so.
    """

    value: bytes
    place: str
    recorded_at: datetime | None = None
    shop: str | None = None
    topic: str | None = None
    seller: str | None = None


@dataclass(slots=True)
class Prepared:
    """What follows from bodies: facts to be told, what is kept, and what cannot be taken."""

    messages: list[Message] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    report: Report = field(default_factory=Report)


class TranslatorFailed(Refused):
    """A translator failed on a body."""

    reason = "translator_error"


class Intake:
    """Takes raw bodies of every source."""

    def __init__(self, store: Store, senders: Senders, clock: Clock) -> None:
        self.store, self.senders, self.clock = store, senders, clock

    async def take(self, source: str, bodies: Sequence[Body], tell: Tell) -> Report:
        """Take bodies of a source (`postnord`, `shopify`) whole: prepare them, tell what follows.

        Raises VillkorError for a source that there is not.
        """
        prepared = await self.prepare(source, bodies)
        return prepared.report + await tell(prepared.messages)

    async def prepare(self, source: str, bodies: Iterable[Body]) -> Prepared:
        """Understand bodies, and commit what carriers said and what was parked.

        What is still to be told are the messages, with the keys of their orders; until they are,
        the bodies must be told again. Raises VillkorError for a source that there is not.
        """
        known_source(source)
        prepared = Prepared()
        for body in bodies:
            try:
                read = self._shop if source in SHOPS else self._carrier
                read(source, body, prepared)
            except Refused as error:
                prepared.letters.append(self._refused(source, body, error))
            except Exception as error:  # noqa: BLE001 - one body must not stop the others
                fault = TranslatorFailed(f"{source}'s translator failed: {type(error).__name__}")
                log.error("translator failed", place=body.place, error=type(error).__name__)
                prepared.letters.append(self._refused(source, body, fault))
        await self._keep(prepared)
        return prepared

    async def again(self, parked: DeadLetter, tell: Tell) -> Report:
        """Tell once more what was parked here: sightings are judged by the tables of today."""
        told = {name: value.decode() for name, value in parked.headers}
        if BODY in told:
            more = (told.get(name) for name in ("shop", "topic", "seller"))
            body = Body(parked.value, parked.place, self.clock.now(), *more)
            return await self.take(told[BODY], [body], tell)
        if SIGHTING not in told:
            return Report(parked=1)  # what is wrong with a parcel only its carrier can mend
        prepared, one = Prepared(), msgspec.json.decode(parked.value, type=Sighting)
        self._sighting(one, self.clock.now(), one.at, prepared)
        await self._keep(prepared)
        return prepared.report + await tell(prepared.messages)

    # -- understanding --------------------------------------------------------------------------

    def _carrier(self, source: str, body: Body, prepared: Prepared) -> None:
        """What a parcel's number or time makes impossible stops no other parcel of the body."""
        told = translator(source)(body.value)
        as_of = max((one.at for one in told.sightings), default=None)
        found = Prepared()
        refusals: dict[str, Refused] = {}
        for one in told.sightings:
            try:
                self._sighting(one, body.recorded_at, as_of or one.at, found)
            except Refused as error:
                refusals[one.tracking] = error
        if refusals and not found.seen:
            raise next(iter(refusals.values()))
        wrong = [Problem(one.reason, str(one), number) for number, one in refusals.items()]
        found.letters += [self._problem(source, one) for one in (*told.problems, *wrong)]
        prepared.seen += found.seen
        prepared.letters += found.letters

    def _sighting(
        self, one: Sighting, recorded_at: datetime | None, as_of: datetime, prepared: Prepared
    ) -> None:
        seen = judged(one, recorded_at, as_of)
        prepared.seen.append(seen)
        if seen.grade == UNKNOWN:
            log.error(UNKNOWN_CODE, source=one.source, codes=one.codes, number=seen.number)
            codes = ", ".join(map(repr, one.codes)) or "no code"
            sentence = (
                f"{one.source} says {codes} of {seen.number}, which no table knows: it is kept, "
                "and judged again once one does"
            )
            prepared.letters.append(
                self._letter(f"carrier.{one.source}", canonical(one), UNKNOWN_CODE, sentence,
                             (SIGHTING, one.source))
            )  # fmt: skip

    def _shop(self, system: str, body: Body, prepared: Prepared) -> None:
        seller = self._seller(system, body)
        prepared.messages += [
            telling(system, seller, one, body)
            for one in shops.translator(system)(body.value, body.topic)
        ]

    def _seller(self, system: str, body: Body) -> str:
        if body.seller is not None:
            return body.seller
        try:
            return self.senders.shop(system, body.shop).seller
        except VillkorError as error:
            raise Refused(f"shop: {error}") from error

    # -- parking --------------------------------------------------------------------------------

    def _refused(self, source: str, body: Body, error: Refused) -> DeadLetter:
        """A body that cannot be taken, without what is personal; its headers tell it again."""
        told = {"shop": body.shop, "topic": body.topic, "seller": body.seller}
        headers = tuple((name, text.encode()) for name, text in told.items() if text is not None)
        letter = self._letter(
            body.place, parkable(source, body.value), error.reason, str(error), (BODY, source)
        )
        letter.headers += headers
        return letter

    def _problem(self, source: str, one: Problem) -> DeadLetter:
        value = msgspec.json.encode(one, order="deterministic")
        return self._letter(f"carrier.{source}", value, CARRIER_ERROR, one.sentence,
                            (PROBLEM, source))  # fmt: skip

    def _letter(
        self, place: str, value: bytes, reason: str, sentence: str, what: tuple[str, str]
    ) -> DeadLetter:
        return DeadLetter(
            place=place, value=value, reason=reason, sentence=sentence,
            parked_at=self.clock.now(), headers=((what[0], what[1].encode()),),
        )  # fmt: skip

    # -- keeping --------------------------------------------------------------------------------

    async def _keep(self, prepared: Prepared) -> None:
        """One transaction: what carriers said, what meets a shipment, what is parked."""
        report = prepared.report
        report.parked += len(prepared.letters)
        for letter in prepared.letters:
            log.info("parked", reason=letter.reason, place=letter.place)
        if not prepared.seen and not prepared.letters:
            return
        async with self.store.writing() as connection:
            met = await parcels.see(connection, prepared.seen)
            await parcels.park(connection, prepared.letters)
        prepared.messages += met.messages
        report.duplicates += met.known
        report.kept += met.kept
        report.waits |= {"/".join(key): count for key, count in met.waits.items()}


def known_source(source: str) -> None:
    """Raises VillkorError, naming those that there are, for a source that there is not."""
    if source in FAMILY:
        translator(source)
    elif source in SHOPS:
        shops.translator(source)
    else:
        raise VillkorError(
            f"{source!r} is neither a carrier ({', '.join(FAMILY)}) nor a shop system"
            f" ({', '.join(SHOPS)})"
        )


def telling(system: str, seller: str, one: ShopFact, body: Body) -> Message:
    """A shop's fact as a message."""
    event = Envelope(
        "1.0", one.id, f"shop:{system}", one.type, one.order, one.at.isoformat(), seller,
        msgspec.Raw(_number(one.data)), (body.recorded_at or one.at).isoformat(),
    )  # fmt: skip
    return Message(msgspec.json.encode(event), body.place, key=f"{seller}/{one.order}".encode())


_number = msgspec.json.Encoder(decimal_format="number").encode


def kept(source: str, value: bytes) -> bytes:
    """A body without what is personal, which tells the same facts.

    Raises Unreadable for a carrier's body that is none: nobody knows what stands in it.
    """
    return shops.kept(source, value) if source in SHOPS else carriers_kept.kept(source, value)


def parkable(source: str, value: bytes) -> bytes:
    """The same; of what cannot be read as this sender's its size and SHA-256."""
    try:
        return kept(source, value)
    except Exception:  # noqa: BLE001 - whatever it is, it must not stop the others
        told = {"bytes": len(value), "sha256": sha256(value).hexdigest()}
        return msgspec.json.encode(told)


# -- telling ------------------------------------------------------------------------------------


def by_app(app: App) -> Tell:
    """To a writer in this program, which owns every partition."""

    async def tell(messages: Sequence[Message]) -> Report:
        report = await app.handle(messages)
        if report.owing:
            report += replace(await drain(app), taken=0, duplicates=0)
        return report

    return tell


def by_inbox(store: Store, clock: Clock) -> Tell:
    """To the writers that are at work, waiting until they have taken it."""

    async def tell(messages: Sequence[Message]) -> Report:
        return await hand_over(store, clock, messages) if messages else Report()

    return tell


def left_in_inbox(store: Store) -> Tell:
    """To the writers, whenever they come: it is safe once this returns, and not counted."""

    async def tell(messages: Sequence[Message]) -> Report:
        async with store.writing() as connection:
            await parcels.hand_over(connection, messages)
        return Report()

    return tell
