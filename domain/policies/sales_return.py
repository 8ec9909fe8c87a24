"""Wrongly ordered goods that a company gives back under a number: approved, they are credited."""

from datetime import datetime

from domain.calendar import day_of
from domain.facts import RmaReceived
from domain.outcomes import Because, Owed, Refund, Ruling
from domain.policies import rma_case, seller_return
from domain.policies.claims import READS, at_seller, case_kind, case_lines
from domain.policies.policy import Policy
from domain.policies.rma_case import approval, disapproval, late_application
from domain.policies.seller_return import day_price_of, valued
from domain.policies.verdict import Decision
from domain.state import OrderState, Rma
from domain.terms import Terms
from domain.terms.seller_return import SellerReturnTerms


def sales_return(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """A ruling on every sales return whose goods came, and the credit of the approved ones."""
    owed = Owed()
    if terms.rma is None or terms.seller_return is None:
        return owed
    for case in order.rmas.values():
        asked = case_kind(case) == "sales_return" and at_seller(case)
        late = late_application(order, terms.rma, case)
        if asked and late is None and disapproval(order, terms, case) is None:
            _ruled(owed, order, terms.seller_return, case)
    return owed


def _ruled(owed: Owed, order: OrderState, own: SellerReturnTerms, case: Rma) -> None:
    """Pending until the goods are assessed; the last assessment of a line counts."""
    received, lines = at_seller(case)[0], case_lines(order, case)
    credit = valued(order, own, lines, day_price_of(order, lines, received)[0])
    approved = approval(order, case)
    decision: Decision = "pending" if approved is None else "accepted" if approved else "refused"
    because = Because(
        rule=f"sales_return.{decision}",
        clauses=credit.clauses,
        inputs={
            "rma": case.id,
            "lines": ", ".join(lines),
            "received": day_of(received.at).isoformat(),
        },
        readings=credit.readings,
    )
    reasons = () if decision == "accepted" else (decision,)
    owed.add(
        Ruling(about="return", decision=decision, reasons=reasons, rma=case.id, because=because)
    )
    fee = min(credit.fee, credit.goods)
    if decision == "accepted" and credit.goods > fee:
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
    starts=(RmaReceived,),
    sentences={
        "sales_return.accepted": (
            "The goods {lines} of case {rma} are taken back and credited.",
            "Varorna {lines} i ärende {rma} tas tillbaka och krediteras.",
        ),
        "sales_return.refused": (
            "The goods {lines} of case {rma} were assessed and are not taken back.",
            "Varorna {lines} i ärende {rma} har bedömts och tas inte tillbaka.",
        ),
        "sales_return.pending": (
            "The goods {lines} of case {rma}, received on {received}, are to be assessed.",
            "Varorna {lines} i ärende {rma}, mottagna {received}, ska bedömas.",
        ),
    },
)
