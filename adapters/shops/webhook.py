"""The headers of shops' webhooks: whose they are, what they are about, and whether they are true.

Shopify and WooCommerce sign the body (base64 of HMAC-SHA256, X-Shopify-Hmac-Sha256 and
X-WC-Webhook-Signature). Commercetools delivers to queues and signs nothing: whoever forwards its
messages shows a shared token. What a delivery is called (X-Shopify-Event-Id,
X-WC-Webhook-Delivery-ID) is not read: a fact's id is what webhook and export have in common.
"""

import hmac
from base64 import b64decode
from binascii import Error as NotBase64
from hashlib import sha256
from urllib.parse import urlsplit

from adapters.shops import Headers

SIGNATURE = {"shopify": "x-shopify-hmac-sha256", "woocommerce": "x-wc-webhook-signature"}
TOPIC = {"shopify": "x-shopify-topic", "woocommerce": "x-wc-webhook-topic"}
TOKEN = ("authorization", "x-villkor-token")
"""Where a shared token stands, behind `Bearer` or bare."""


def verified(system: str, body: bytes, headers: Headers, secret: bytes) -> bool:
    """Whether the sender knows the secret; compared in constant time."""
    if (name := SIGNATURE.get(system)) is None:
        said = [headers.get(one, "") for one in TOKEN]
        tokens = [one.removeprefix("Bearer ").strip().encode() for one in said]
        return any(hmac.compare_digest(token, secret) for token in tokens)
    try:
        signature = b64decode(headers.get(name, ""), validate=True)
    except (NotBase64, ValueError):
        return False
    return hmac.compare_digest(signature, hmac.new(secret, body, sha256).digest())


def topic(system: str, headers: Headers) -> str | None:
    """What the webhook is about (`orders/create`), where a header says it."""
    return headers.get(TOPIC.get(system, "")) or None


def shop_name(system: str, headers: Headers) -> str | None:
    """Which shop sends, as VILLKOR_SENDERS calls it: Shopify's domain, the host of WooCommerce.

    None where no header says it (a ping of WooCommerce, commercetools).
    """
    if system == "shopify":
        return headers.get("x-shopify-shop-domain") or None
    if system == "woocommerce":
        source = headers.get("x-wc-webhook-source", "")
        split = urlsplit(source)
        return (split.netloc + split.path.rstrip("/")) or None
    return None
