"""Who sends raw bodies: what VILLKOR_SENDERS may say, and that its secrets stay secret."""

from pathlib import Path

import pytest

from adapters.senders import Senders, senders
from domain.errors import VillkorError


def written(folder: Path, text: str) -> Path:
    (folder / "secret").write_bytes(b"a secret\n")
    (folder / "empty").write_bytes(b" \n")
    (folder / "senders.toml").write_text(text)
    return folder / "senders.toml"


def test_without_a_file_there_is_nobody() -> None:
    assert senders(None) == Senders()


def test_shops_are_found_by_name_or_by_being_the_only_one(tmp_path: Path) -> None:
    known = senders(written(tmp_path, """
        [shopify."a.myshopify.com"]
        seller = "netzilla"
        secret_file = "secret"
        [shopify."b.myshopify.com"]
        seller = "netzilla"
        [commercetools.ours]
        seller = "sweeto"
    """))  # fmt: skip
    assert known.shop("shopify", "a.myshopify.com").secret == b"a secret"
    assert known.shop("shopify", "b.myshopify.com").secret is None
    assert known.shop("commercetools", None).seller == "sweeto"
    for system, name in (("shopify", None), ("shopify", "c"), ("woocommerce", None)):
        with pytest.raises(VillkorError, match="VILLKOR_SENDERS names these"):
            known.shop(system, name)


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    known = senders(written(tmp_path, """
        [postnord]
        token_file = "secret"
        [shopify.a]
        seller = "netzilla"
        secret_file = "secret"
    """))  # fmt: skip
    assert known.tokens == {"postnord": b"a secret"}
    assert "a secret" not in repr(known)


@pytest.mark.parametrize(("text", "sentence"), [
    ("[magento.a]\nseller = 'x'", r"\[magento\] is no shop system"),
    ("[postnord]\ntoken = 'x'", r"\[postnord\] is no shop system and no carrier with token_file"),
    ("[shopify.a]\nsecret_file = 'secret'", "has a seller"),
    ("[shopify.a]\nseller = 'x'\nowner = 'y'", "has a seller and perhaps a secret_file"),
    ("[postnord]\ntoken_file = 'missing'", "the secret missing cannot be read"),
    ("[postnord]\ntoken_file = 'empty'", "the secret empty is empty"),
    ("[shopify", "cannot be read"),
    ("[woocommerce.a]\nseller = 'x'\n[woocommerce.b]\nseller = 'x'", "have the same numbers"),
])  # fmt: skip
def test_what_is_not_understood_is_an_error(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(VillkorError, match=sentence):
        senders(written(tmp_path, text))
