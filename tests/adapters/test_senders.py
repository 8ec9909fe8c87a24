"""Who sends raw bodies: what VILLKOR_SENDERS may say, and that its secrets stay secret."""

from pathlib import Path

import pytest

from adapters.senders import Senders, senders
from domain.errors import VillkorError
from tests.command import answer


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
    ("[shopify]\nseller = 'x'", "has a seller and perhaps a secret_file"),
    ("[shopify.a]\nseller = 5", "the seller of .* is no name"),
    ("[postnrod]\ntoken_file = 'secret'", "there are shopify, .*, postnord"),
    ("[postnord]\ntoken_file = 5", "5 is no file of a secret"),
    ("[postnord]\ntoken_file = 'missing'", "the secret missing cannot be read"),
    ("[postnord]\ntoken_file = 'empty'", "the secret empty is empty"),
    ("[shopify", "cannot be read"),
    ("[woocommerce.a]\nseller = 'x'\n[woocommerce.b]\nseller = 'x'", "have the same numbers"),
])  # fmt: skip
def test_what_is_not_understood_is_an_error(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(VillkorError, match=sentence):
        senders(written(tmp_path, text))


def test_the_doctor_finds_senders_that_cannot_be_read_and_shops_without_terms(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def said(text: str) -> dict[str, bool]:
        monkeypatch.setenv("VILLKOR_SENDERS", str(written(tmp_path, text)))
        return {one["what"]: one["fine"] for one in answer(capsys, "doctor")["findings"]}

    monkeypatch.setenv("VILLKOR_DATABASE", database)
    fine = said("[shopify.a]\nseller = 'netzilla'\n[postnord]\ntoken_file = 'secret'")
    assert fine["webhooks may come from 1 shops, and of carriers: postnord"]
    assert all(fine.values())
    for text, sentence in (
        ("[shopify.a]\nseller = 'netzila'", "shopify shop a is of netzila, of which there are no"),
        ("[postnord]\ntoken_file = 'missing'", "the secret missing cannot be read"),
    ):
        assert [one for one, good in said(text).items() if sentence in one and not good]
