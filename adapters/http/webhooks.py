"""Webhooks of carriers and shops: verified, reduced to what is not personal, kept, answered.

The order matters: nothing of a body is understood before its sender is known, and 200 is said only
of what is safe. Why a sender was not believed is told to the log, never to the sender.
"""

import asyncio
import hmac
import re
from collections.abc import Awaitable, Container
from dataclasses import replace

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from adapters import carriers, shops
from adapters.bodies import kept
from adapters.http.destinations import Destination, Unavailable, Webhook
from adapters.http.limits import LARGEST, READ_SECONDS
from adapters.metrics import Metrics
from adapters.senders import Senders
from adapters.shops import webhook as signed
from domain.errors import Refused, Unreadable, VillkorError

RETRY_SECONDS = "30"
TOKEN_HEADERS = ("x-villkor-token", "credential")
"""Beside `Authorization: Bearer`; UPS Track Alert sends its subscriber's secret as `credential`."""
PING = re.compile(rb"webhook_id=\d+")
"""What WooCommerce sends, without a signature, when a webhook is saved."""
log = structlog.get_logger()


class Webhooks:
    """The routes of webhooks: who may send (`senders`) and where it goes (`destination`)."""

    def __init__(self, senders: Senders, destination: Destination, metrics: Metrics) -> None:
        self.senders, self.destination, self.metrics = senders, destination, metrics

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/webhooks/carriers/{source}", self.carrier, methods=["POST"]),
            Route("/webhooks/shops/{system}", self.shop, methods=["POST"]),
            Route("/webhooks/shops/{system}/{shop}", self.shop, methods=["POST"]),
        ]

    async def carrier(self, request: Request) -> Response:
        """A body of a carrier that has a token in VILLKOR_SENDERS."""
        source = request.path_params["source"]
        return await self._counted(source, carriers.FAMILY, self._carrier(request, source))

    async def shop(self, request: Request) -> Response:
        """A body of a shop that has a secret there; the path names the shop, or its headers do."""
        system = request.path_params["system"]
        return await self._counted(system, shops.SHOPS, self._shop(request, system))

    async def _carrier(self, request: Request, source: str) -> Response:
        if (token := self.senders.tokens.get(source)) is None:
            raise _unknown(f"VILLKOR_SENDERS has no [{source}] with a token_file")
        if not _knows(request, token):
            raise _not_believed(source, "its token is missing, or another one")
        return await self._keep(Webhook("carrier", source, await _body(request)))

    async def _shop(self, request: Request, system: str) -> Response:
        if system not in shops.SHOPS:
            raise _unknown(f"{system!r} is no shop system")
        headers = dict(request.headers)
        try:
            named = request.path_params.get("shop") or signed.shop_name(system, headers)
            shop = self.senders.shop(system, named)
        except VillkorError as error:
            raise _unknown(str(error)) from error
        body = await _body(request)
        if system == "woocommerce" and PING.fullmatch(body):
            return Response()
        if shop.secret is None:
            raise _not_believed(f"{system}/{shop.name}", "it has no secret_file")
        if not signed.verified(system, body, headers, shop.secret):
            raise _not_believed(f"{system}/{shop.name}", "its signature is missing, or a wrong one")
        topic = signed.topic(system, headers)
        return await self._keep(Webhook("shop", system, body, topic=topic, shop=shop.name))

    async def _keep(self, sent: Webhook) -> Response:
        """Say 200 once a body is safe; 400 for one that is none of this sender's."""
        try:
            about = _about(sent)
            value = kept(sent.source, sent.value)
            await self.destination.put(replace(sent, value=value, key=about))
        except Refused as error:
            log.warning("webhook refused", source=sent.source, reason=str(error))
            raise HTTPException(400, str(error)) from error
        except Unavailable as error:
            raise HTTPException(503, str(error), {"Retry-After": RETRY_SECONDS}) from error
        return Response()

    async def _counted(
        self, sender: str, known: Container[str], answering: Awaitable[Response]
    ) -> Response:
        status = 500
        try:
            answer = await answering
            status = answer.status_code
        except HTTPException as error:
            status = error.status_code
            raise
        finally:
            named = sender if sender in known else "unknown"
            self.metrics.webhooks.labels(named, str(status)).inc()
        return answer


def _unknown(why: str) -> HTTPException:
    log.warning("webhook of nobody", reason=why[:300])
    return HTTPException(404, "there is no such sender; VILLKOR_SENDERS names those that there are")


def _not_believed(who: str, why: str) -> HTTPException:
    log.warning("webhook not believed", sender=who, reason=why)
    return HTTPException(401, "the sender is not known by this", {"WWW-Authenticate": "Bearer"})


def _knows(request: Request, token: bytes) -> bool:
    """Whether a sender knows its token, compared in constant time."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    told = [bearer.strip()] if scheme.lower() == "bearer" else []
    told += [request.headers[name] for name in TOKEN_HEADERS if name in request.headers]
    return any(hmac.compare_digest(one.encode(), token) for one in told)


async def _body(request: Request) -> bytes:
    """The body. Refused as soon as it is known to be too large, whatever length it claims."""
    body = bytearray()
    try:
        async with asyncio.timeout(READ_SECONDS):
            async for some in request.stream():
                body += some
                if len(body) > LARGEST:
                    raise HTTPException(413, f"a body has {LARGEST} bytes at most")
    except TimeoutError as error:
        raise HTTPException(408, f"a body comes within {READ_SECONDS:.0f} seconds") from error
    except ClientDisconnect as error:
        raise HTTPException(400, "the body ended early") from error
    return bytes(body)


def _about(sent: Webhook) -> bytes | None:
    """The parcel or order that a body is about, so that what concerns one stays in order.

    Raises Unreadable for bytes that are no body of this sender. What is refused for what it says,
    or makes its translator fail, is none the less kept: its reader parks it.
    """
    try:
        if sent.kind == "shop":
            facts = shops.translator(sent.source)(sent.value, sent.topic)
            return facts[0].order.encode() if facts else None
        for one in carriers.translator(sent.source)(sent.value).sightings:
            return "/".join(carriers.parcel_key(sent.source, one.tracking)).encode()
    except Unreadable:
        raise
    except Refused:
        pass
    except Exception as error:  # noqa: BLE001 - what cannot be read today is not lost
        log.error("translator failed", source=sent.source, error=type(error).__name__)
    return None
