"""Writes the demo data: the lives of orders that the terms are about, as CloudEvents, one a line.

    python deploy/demo/generate.py > deploy/demo/facts.jsonl

Seeded: the same seed writes the same bytes. A test compares them with the file beside.
"""

import json
import random
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

SEED = 20261120
STOCKHOLM = ZoneInfo("Europe/Stockholm")
TODAY = datetime(2026, 11, 20, 12, tzinfo=STOCKHOLM)
GOODS = {
    "electronics": [
        ("Solid state drive 1 TB", 1490),
        ("USB hub", 349),
        ("Monitor 27 inches", 2990),
    ],
    "computers": [("Laptop 14 inches", 8990), ("Mini computer", 4490)],
    "accessories": [("Cable 2 m", 99), ("Mouse", 249), ("Keyboard", 990)],
    "home": [("Lamp", 599), ("Desk fan", 449)],
}
CARRIERS = ("postnord", "dhl", "schenker")
RECEIVED = {"marked": True, "complete": True, "to": "seller"}
SHOPS = ("allectra", "netzilla", "compumail", "sweeto", "gandalf", "nordkabel")
PHOTOS = [
    "packaging_outside_all_around", "opened_packaging_with_protection", "shipping_label",
    "damage", "packing_slip_a4", "ean13_label",
]  # fmt: skip


class Story:
    """One order's life: facts in the order in which they are told, each a while after the last."""

    def __init__(self, seller: str, number: int, r: random.Random, days_ago: int) -> None:
        self.seller, self.r = seller, r
        self.order = f"{seller[:3].upper()}-{number:04d}"
        hours = timedelta(hours=r.randrange(8, 20), minutes=r.randrange(60))
        midnight = TODAY.replace(hour=0) - timedelta(days=days_ago)
        self.at = midnight + hours
        self.told: list[dict[str, Any]] = []
        self.total = 0.0
        self.lines: list[dict[str, Any]] = []

    def after(self, days: int = 0, hours: int = 0) -> "Story":
        self.at += timedelta(days=days, hours=hours, minutes=self.r.randrange(1, 50))
        return self

    def say(self, type: str, source: str, **data: Any) -> dict[str, Any]:
        """Tell a fact now."""
        event = {
            "specversion": "1.0",
            "id": f"{self.order}-{len(self.told) + 1}",
            "source": f"/{source}/{self.seller}",
            "type": type,
            "seller": self.seller,
            "subject": self.order,
            "time": self.at.isoformat(timespec="minutes"),
            "datacontenttype": "application/json",
            "data": data,
        }
        self.told.append(event)
        return event

    def late(self, event: dict[str, Any], days: int) -> None:
        """The fact became known only days after it happened."""
        known = datetime.fromisoformat(event["time"]) + timedelta(days=days)
        event["recordedtime"] = known.isoformat(timespec="minutes")

    # -- beginnings -----------------------------------------------------------------------------

    def place(self, method: str = "card", lines: int = 1, **order: Any) -> "Story":
        for number in range(1, lines + 1):
            category = self.r.choice(list(GOODS))
            name, price = self.r.choice(GOODS[category])
            self.lines.append(
                {"line": str(number), "sku": f"{category[:3].upper()}-{self.r.randrange(100, 999)}",
                 "name": name, "category": category, "unit_price": float(price)}
            )  # fmt: skip
        freight = 0.0 if self.seller == "gandalf" else self.r.choice([49.0, 59.0, 79.0])
        self.total = sum(line["unit_price"] for line in self.lines) + freight
        business = self.seller == "gandalf" or method == "invoice"
        data = {
            "customer": {"ref": f"c-{self.r.randrange(1000, 9999)}",
                         "kind": "business" if business else "consumer"},
            "lines": self.lines,
            "shipping": {"method": "standard", "price": freight},
            "payment": {"method": method},
        } | order  # fmt: skip
        if self.seller == "gandalf":
            data["prices"] = "excluding_vat"
        if self.seller == "nordkabel":
            data["marketplace"] = "allectra"
        self.say("OrderPlaced", "orders", **data)
        self.after()
        self.say("OrderConfirmed", "orders")
        if method != "invoice":
            self.say("PaymentReceived", "payments", amount=self.total)
        return self

    def ship(self, parcel: str = "p1", **more: Any) -> "Story":
        self.after(days=1)
        tracking = f"SE{self.r.randrange(10**10, 10**11)}"
        carrier = self.r.choice(CARRIERS)
        self.say(
            "Shipped", "warehouse", parcel=parcel, carrier=carrier, tracking=tracking,
            cost=79.0, **more,
        )  # fmt: skip
        return self

    def arrive(self, parcel: str = "p1") -> "Story":
        self.after(days=1)
        self.say("InTransit", "carriers", parcel=parcel)
        self.after(days=1)
        self.say("AvailableForCollection", "carriers", parcel=parcel)
        return self

    def collect(self, parcel: str = "p1") -> "Story":
        self.after(days=self.r.randrange(1, 4))
        self.say("Collected", "carriers", parcel=parcel)
        return self


# -- the lives ----------------------------------------------------------------------------------


def collected(s: Story) -> None:
    s.place(lines=s.r.choice([1, 1, 2])).ship().arrive().collect()


def delivered(s: Story) -> None:
    s.place().ship().after(days=2)
    s.say("Delivered", "carriers", parcel="p1")


def on_its_way(s: Story) -> None:
    s.place().ship()


def unclaimed(s: Story) -> None:
    s.place().ship().arrive().after(days=9)
    s.say("Unclaimed", "carriers", parcel="p1")
    s.after(days=3)
    s.say("ParcelReturned", "carriers", parcel="p1", return_cost=95.0)


def unclaimed_and_retracted(s: Story) -> None:
    """The carrier said 'not collected', took it back, and then told of the collection."""
    s.place().ship().arrive().after(days=4)
    at = s.at
    s.after(days=5)
    wrong = s.say("Unclaimed", "carriers", parcel="p1")
    s.after(days=1)
    s.say("Retracted", "carriers", fact=wrong["id"])
    known, s.at = s.at, at
    told = s.say("Collected", "carriers", parcel="p1")
    told["recordedtime"] = known.isoformat(timespec="minutes")
    s.at = known


def withdrawn(s: Story) -> None:
    s.place().ship().arrive().collect().after(days=4)
    s.say("WithdrawalNotified", "service", channel="web")
    s.after(days=2)
    s.say(
        "ReturnSent", "service", lines=["1"], proof=True, label="own", label_cost=69.0, to="seller"
    )
    s.after(days=3)
    s.say("ReturnReceived", "warehouse", lines=["1"], packaging="ok", complete=True, marked=True)


def withdrawn_in_part(s: Story) -> None:
    s.place(lines=2).ship().arrive().collect().after(days=5)
    s.say("WithdrawalNotified", "service", channel="email", lines=["2"])
    s.after(days=4)
    s.say("ReturnReceived", "warehouse", lines=["2"], packaging="ok", complete=True, marked=True)


def damaged(s: Story) -> None:
    s.place().ship().arrive().collect().after(hours=5)
    s.say(
        "DamageReported", "service", parcel="p1", lines=["1"], visibility="hidden", to="seller",
        evidence=PHOTOS,
    )  # fmt: skip


def faultless_rma(s: Story) -> None:
    _case(s, found_after=40, fault="no picture", back_after=6, tested_after=5)
    s.say(
        "InspectionCompleted", "workshop", rma="r1", lines=["1"], result="faultless",
        technician_minutes=[35], freight=79.0,
    )  # fmt: skip


def defect(s: Story) -> None:
    _case(s, found_after=30, fault="does not start", back_after=5, tested_after=6)
    s.say("InspectionCompleted", "workshop", rma="r1", lines=["1"], result="defect")


def _case(s: Story, *, found_after: int, fault: str, back_after: int, tested_after: int) -> None:
    """A complaint about goods that were collected, up to the day of their test."""
    s.place().ship().arrive().collect().after(days=found_after)
    s.say(
        "ComplaintReported", "service", lines=["1"], fault=fault,
        found_at=s.at.date().isoformat(), description_ok=True,
    )  # fmt: skip
    s.say("RmaIssued", "service", rma="r1", kind="complaint", lines=["1"])
    s.after(days=back_after)
    s.say(
        "RmaReceived", "warehouse", rma="r1", marked=True, packaging="ok", complete=True,
        to="seller",
    )  # fmt: skip
    s.after(days=tested_after)


def unpaid_invoice(s: Story) -> None:
    s.place(method="invoice").ship().after(days=2)
    s.say("Delivered", "carriers", parcel="p1")
    s.after()
    s.say("InvoiceIssued", "billing", invoice="f1", amount=s.total)
    s.after(days=38)
    s.say("ReminderSent", "billing", invoice="f1")


def invoice_paid_late(s: Story) -> None:
    unpaid_invoice(s)
    s.after(days=9)
    s.say("PaymentReceived", "payments", amount=s.total, invoice="f1")


def cancelled(s: Story) -> None:
    s.place().after()
    s.say("CancellationRequested", "service", channel="email")


def told_twice_and_late(s: Story) -> None:
    """The carrier's messages come twice, and one of them a week late."""
    s.place().ship().arrive().collect()
    s.late(s.told[-1], days=7)
    s.told.append(s.told[3])
    s.told.append(s.told[-2])


def before_its_order(s: Story) -> None:
    """The carrier speaks before the order system does."""
    s.place().ship().arrive()
    s.told.insert(0, s.told.pop(3))


LIVES: tuple[tuple[Callable[[Story], None], int, tuple[int, int]], ...] = (
    (collected, 30, (5, 120)),
    (delivered, 14, (5, 120)),
    (on_its_way, 8, (1, 4)),
    (unclaimed, 12, (20, 90)),
    (unclaimed_and_retracted, 5, (20, 60)),
    (withdrawn, 8, (22, 90)),
    (withdrawn_in_part, 6, (22, 90)),
    (damaged, 5, (8, 60)),
    (faultless_rma, 5, (70, 120)),
    (defect, 4, (60, 110)),
    (unpaid_invoice, 4, (50, 80)),
    (invoice_paid_late, 4, (60, 100)),
    (cancelled, 4, (1, 60)),
    (told_twice_and_late, 4, (20, 60)),
    (before_its_order, 3, (6, 12)),
)
"""Life, its weight, and how many days ago it began (from, to)."""

BAD: dict[str, Any] = {
    "specversion": "1.0", "id": "BAD-1", "source": "/carriers/netzilla", "type": "ParcelReturned",
    "seller": "netzilla", "subject": "NET-0001", "time": "2026-11-18T09:00+01:00",
    "datacontenttype": "application/json", "data": {"parcel": "p1", "return_cost": -95.0},
}  # fmt: skip
ORDERS = 240


def facts(seed: int = SEED) -> list[dict[str, Any]]:
    """All facts in the order in which they became known."""
    r = random.Random(seed)
    told: list[tuple[datetime, dict[str, Any]]] = []
    for number in range(ORDERS):
        seller, turn = SHOPS[number % len(SHOPS)], number // len(SHOPS)
        known = datetime.min.replace(tzinfo=STOCKHOLM)
        for event in story(seller, turn, r).told:
            known = max(known, datetime.fromisoformat(event.get("recordedtime", event["time"])))
            if known <= TODAY:
                told.append((known, event))
    told.append((datetime.fromisoformat(BAD["time"]), BAD))
    return [event for _, event in sorted(told, key=lambda one: one[0])]


def story(seller: str, turn: int, r: random.Random) -> Story:
    """A shop's next order: every shop has each life once, then lives by their weight."""
    weights = [weight for _, weight, _ in LIVES]
    life, _, span = LIVES[turn] if turn < len(LIVES) else r.choices(LIVES, weights)[0]
    told = Story(seller, turn + 1, r, r.randrange(*span))
    life(told)
    return told


if __name__ == "__main__":
    for fact in facts():
        sys.stdout.write(json.dumps(fact, ensure_ascii=False) + "\n")
