"""Wrongly ordered goods that a company gives back under a number: approved, they are credited."""

from datetime import datetime

from domain.calendar import day_of
from domain.facts import ReturnReceived, RmaReceived
from domain.outcomes import Because, Owed, Refund, Ruling
from domain.policies import rma_case, seller_return
from domain.policies.claims import READS, at_seller, case_kind, case_lines, case_pieces
from domain.policies.grounds import clauses_of, distinct
from domain.policies.policy import Policy
from domain.policies.rma_case import approval, disapproval, is_rejected, late_application
from domain.policies.seller_return import day_price_of, valued
from domain.policies.verdict import Decision
from domain.state import OrderState, Rma
from domain.terms import Terms
from domain.terms.seller_return import SellerReturnTerms


def sales_return(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """A ruling on every sales return whose goods came, and the credit of the approved ones."""
    owed, own, left = Owed(), terms.rma, _bought(order)
    if own is None or terms.seller_return is None:
        return owed
    for case in sorted(order.rmas.values(), key=lambda case: _began(order, case)):
        asked = case_kind(case) == "sales_return" and at_seller(order, case)
        late = late_application(order, own, case)
        if asked and late is None and disapproval(order, terms, case) is None:
            _ruled(owed, order, terms, terms.seller_return, case, left)
    return owed


def _bought(order: OrderState) -> dict[str, int]:
    return {line: goods.quantity for line, goods in order.lines.items()}


def _began(order: OrderState, case: Rma) -> tuple[object, ...]:
    """When the goods of a case first came, for those of which they have."""
    received = at_seller(order, case)
    return (bool(received), *(received[0].place if received else ()))


def _ruled(
    owed: Owed, order: OrderState, terms: Terms, own: SellerReturnTerms, case: Rma,
    left: dict[str, int],
) -> None:  # fmt: skip
    """Pending until the goods are assessed; the last assessment of a line counts.

    What was credited of a line (`left` has the rest) is not credited again.
    """
    received, lines = at_seller(order, case)[0], case_lines(order, case)
    pieces = {line: min(case_pieces(order, case, line), left[line]) for line in lines}
    credit = valued(order, terms, own, pieces, day_price_of(order, pieces, received)[0])
    approved, rejected = approval(order, case), is_rejected(order, terms, case)
    decision: Decision = "refused" if rejected else "pending" if approved is None else "accepted"
    reason = "packaging" if rejected and approved is None else decision
    unbroken = own.packaging if rejected or approved else None
    because = Because(
        rule=f"sales_return.{reason}",
        clauses=distinct(clauses_of(unbroken), credit.clauses),
        inputs={
            "rma": case.id,
            "lines": ", ".join(lines),
            "received": day_of(received.at).isoformat(),
            **(credit.figures if decision == "accepted" else {}),
        },
        readings=credit.readings,
    )
    reasons = () if decision == "accepted" else (reason,)
    owed.add(
        Ruling(about="return", decision=decision, reasons=reasons, rma=case.id, because=because)
    )
    fee = min(credit.fee, credit.goods)
    if decision != "accepted":
        return
    left |= {line: left[line] - count for line, count in pieces.items()}
    if credit.goods > fee:
        parts = (("goods", credit.goods), ("fee", -fee))
        owed.add(
            Refund(
                kind="credit", amount=credit.goods - fee, means="credit", rma=case.id,
                breakdown=parts if fee else parts[:1], because=because,
            )
        )  # fmt: skip


SALES_RETURN = Policy(
    "sales_return",
    sales_return,
    reads=(*READS, *rma_case.READS, *seller_return.READS),
    starts=(RmaReceived, ReturnReceived),
    sections=("seller_return",),
    sentences={
        "sales_return.accepted": (
            "The goods {lines} of case {rma} are taken back and credited.",
            "Varorna {lines} i ärende {rma} tas tillbaka och krediteras.",
        ),
        "sales_return.refused": (
            "The goods {lines} of case {rma} were assessed and are not taken back.",
            "Varorna {lines} i ärende {rma} har bedömts och tas inte tillbaka.",
        ),
        "sales_return.packaging": (
            "The goods {lines} of case {rma} did not come complete in unbroken packaging.",
            "Varorna {lines} i ärende {rma} kom inte kompletta i obrutet emballage.",
        ),
        "sales_return.pending": (
            "The goods {lines} of case {rma}, received on {received}, are to be assessed.",
            "Varorna {lines} i ärende {rma}, mottagna {received}, ska bedömas.",
        ),
    },
)
