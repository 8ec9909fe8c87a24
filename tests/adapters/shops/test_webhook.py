"""Webhooks of shops: whose they are, what they are about, and whether they are true."""

import base64
import hmac
from hashlib import sha256

import pytest

from adapters.shops.webhook import SIGNATURE, shop_name, topic, verified

SECRET, BODY = b"a secret", '{"note": "å"}'.encode()


def signature(body: bytes, secret: bytes) -> str:
    return base64.b64encode(hmac.new(secret, body, sha256).digest()).decode()


@pytest.mark.parametrize("system", SIGNATURE)
def test_a_signature_is_of_the_body_as_it_came(system: str) -> None:
    headers = {SIGNATURE[system]: signature(BODY, SECRET)}
    assert verified(system, BODY, headers, SECRET)
    assert not verified(system, BODY + b" ", headers, SECRET)
    assert not verified(system, BODY, headers, b"another")
    assert not verified(system, BODY, {}, SECRET)
    for wrong in ("", "no base64 é", signature(BODY, SECRET)[:-2]):
        assert not verified(system, BODY, {SIGNATURE[system]: wrong}, SECRET)


def test_a_known_signature_is_what_the_documentation_says() -> None:
    """Base64 of HMAC-SHA256, as `openssl dgst -sha256 -hmac key -binary | base64` gives it."""
    known = "97yD9DBThCSxMpjmqm+xQ+9NWaFJRhdZl0edvC0aPNg="
    quick = b"The quick brown fox jumps over the lazy dog"
    assert verified("shopify", quick, {"x-shopify-hmac-sha256": known}, b"key")


def test_commercetools_shows_a_shared_token() -> None:
    assert verified("commercetools", BODY, {"authorization": "Bearer a secret"}, SECRET)
    assert verified("commercetools", BODY, {"x-villkor-token": "a secret"}, SECRET)
    assert not verified("commercetools", BODY, {"authorization": "Bearer b"}, SECRET)
    assert not verified("commercetools", BODY, {}, SECRET)


def test_headers_say_what_it_is_about_and_whose_it_is() -> None:
    shopify = {
        "x-shopify-topic": "orders/paid", "x-shopify-shop-domain": "ours.myshopify.com",
    }  # fmt: skip
    assert topic("shopify", shopify) == "orders/paid"
    assert shop_name("shopify", shopify) == "ours.myshopify.com"
    woo = {
        "x-wc-webhook-topic": "order.updated",
        "x-wc-webhook-source": "https://ours.example.com/shop/",
    }  # fmt: skip
    assert topic("woocommerce", woo) == "order.updated"
    assert shop_name("woocommerce", woo) == "ours.example.com/shop"
    assert topic("commercetools", woo) is shop_name("commercetools", woo) is None
