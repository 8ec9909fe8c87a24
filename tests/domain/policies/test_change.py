"""Changes of an order, and prices that change under way."""

from datetime import datetime

from domain.calendar import moment
from domain.facts import (
    Effectuated, OrderChanged, OrderChangeRequested, PaymentReceived, PriceChanged, Shipped,
    WithdrawalNotified,
)  # fmt: skip
from tests.domain.story import goods, story


def asked(quantity: int, price: int) -> OrderChangeRequested:
    return OrderChangeRequested(lines=(goods("1", price, quantity=quantity),))


def changed(quantity: int, price: int) -> OrderChanged:
    return OrderChanged(lines=(goods("1", price, quantity=quantity),))


def bought(readings=None, quantity=2, paid=200_00):
    one = story("netzilla", lines=(goods("1", 100_00, quantity=quantity),), readings=readings)
    return one.told(PaymentReceived(amount=paid), at="2024-03-04")


def test_a_request_waits_for_approval_and_is_too_late_after_effectuation() -> None:
    """NET-andring-1, NET-andring-2."""
    one = bought().told(asked(3, 120_00), at="2024-03-05")
    assert one.rulings("change") == ["pending"]
    one.told(changed(3, 120_00), at="2024-03-05T15:00")
    assert one.rulings("change") == ["accepted"]
    late = bought().told(Effectuated(what="invoice"), at="2024-03-05")
    assert late.told(asked(3, 120_00), at="2024-03-06").rulings("change") == ["refused"]


def test_only_goods_in_stock_can_be_changed_unless_the_seller_approves() -> None:
    """NET-andring-1: not what a supplier holds, and not what is made for the customer."""
    line = goods("1", 100_00, quantity=2)
    distant = story("netzilla", lines=(line,), stock="supplier")
    assert distant.told(asked(3, 120_00), at="2024-03-05").rulings("change") == ["refused"]
    distant.told(changed(3, 120_00), at="2024-03-06")
    assert distant.rulings("change") == ["accepted"]
    made = goods("2", 500_00, traits=("made_to_order",))
    for lines, ruling in [
        ((goods("1", 100_00, quantity=3), made), "pending"),
        ((line,), "refused"),
    ]:
        one = story("netzilla", lines=(line, made))
        one.told(OrderChangeRequested(lines=lines), at="2024-03-05")
        assert one.rulings("change") == [ruling]


def test_only_added_pieces_take_the_new_price_unless_read_otherwise() -> None:
    """Two at 100 and one at 120 are 320; the till took three at 120."""
    for option, refunds in [("difference-only", {"price": 40_00}), ("whole-line", {})]:
        one = bought({"net-change-price": option}).told(changed(3, 120_00), at="2024-03-05")
        one.told(PaymentReceived(amount=160_00), at="2024-03-05")
        assert one.refunds() == refunds


def test_pieces_that_go_are_paid_back_at_the_price_they_were_bought_for() -> None:
    one = bought().told(changed(1, 120_00), at="2024-03-05")
    assert one.refunds() == {"price": 100_00}


def test_what_is_withdrawn_from_is_not_paid_back_twice() -> None:
    one = bought().told(changed(3, 120_00), at="2024-03-05")
    one.told(PaymentReceived(amount=160_00), at="2024-03-05")
    one.told(WithdrawalNotified(), at="2024-03-06")
    assert "price" not in one.refunds()


# -- prices that the seller changes ---------------------------------------------------------------


def at_gandalf(readings=None):
    return story("gandalf", kind="business", placed="2024-03-04", readings=readings)


def rise(told: str | None, price: int = 1100_00) -> PriceChanged:
    when: datetime | None = moment(told) if told else None
    return PriceChanged(line="1", unit_price=price, notified_at=when)


def test_a_rise_holds_if_it_is_told_before_delivery() -> None:
    """GAN-3-2, GAN-3-3; delivery is the handover to the forwarder (GAN-4-2)."""
    one = at_gandalf().told(rise("2024-03-05"), at="2024-03-05")
    assert one.rulings("change") == ["accepted"]
    late = at_gandalf().told(Shipped(parcel="p"), at="2024-03-05")
    late.told(rise("2024-03-06"), at="2024-03-05T08:00", known="2024-03-06")
    assert late.rulings("change") == ["refused"]


def test_an_untold_rise_waits_until_delivery_and_then_falls() -> None:
    one = at_gandalf().told(rise(None), at="2024-03-05")
    assert one.rulings("change") == ["pending"]
    one.told(Shipped(parcel="p"), at="2024-03-06")
    assert one.rulings("change") == ["refused"]
    one.told(PaymentReceived(amount=1100_00), at="2024-03-08")
    assert one.refunds() == {"price": 100_00}


def test_an_untold_rise_can_be_read_to_stand() -> None:
    one = at_gandalf({"gandalf-unnotified-price-rise": "new_price"})
    one.told(rise(None), at="2024-03-05").told(Shipped(parcel="p"), at="2024-03-06")
    one.told(PaymentReceived(amount=1100_00), at="2024-03-08")
    assert one.rulings("change") == ["accepted"]
    assert one.refunds() == {}


def test_only_the_rise_is_paid_back_not_other_payments() -> None:
    one = at_gandalf().told(Shipped(parcel="p"), at="2024-03-05").told(rise(None), at="2024-03-06")
    one.told(PaymentReceived(amount=1500_00), at="2024-03-08")
    assert one.refunds() == {"price": 100_00}


def test_a_lower_price_holds_untold() -> None:
    one = at_gandalf().told(rise(None, 900_00), at="2024-03-05")
    assert one.rulings("change") == ["accepted"]


def test_the_price_of_the_checkout_binds_allectra() -> None:
    """ALL-4.1-1."""
    one = story("allectra").told(rise("2024-03-05"), at="2024-03-05")
    assert one.rulings("change") == ["refused"]
