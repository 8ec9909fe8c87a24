"""What an examined item costs the customer, or who has still to say so."""

from datetime import datetime

from domain.facts import InspectionCompleted, ReturnReceived, RmaReceived
from domain.outcomes import Because, Fee, Owed, Vat
from domain.policies import findings
from domain.policies.claims import Claim, claims
from domain.policies.discretion import Question, ask, decided, refuse
from domain.policies.findings import Case, Ground, grounds
from domain.policies.policy import Policy
from domain.policies.verdict import accepted
from domain.state import OrderState, Rma
from domain.terms import Terms
from domain.terms.rma import InspectionTerms


def inspection(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """The fees of every case whose goods were looked at."""
    owed = Owed()
    own = terms.inspection
    if own is None:
        return owed
    found = claims(order, terms)
    for rma in order.rmas.values():
        if not rma.id:
            continue
        about = tuple(claim for claim in found if _is_about(rma, claim))
        justified = tuple(one for one in about if accepted(order, terms, one, now))
        case = Case(rma, about, justified)
        for ground in grounds(order, terms, own, case, now):
            _charge(owed, order, terms, own, rma, ground)
    return owed


def _is_about(rma: Rma, claim: Claim) -> bool:
    return rma.id in claim.rmas or any(told.fact.rma == rma.id for told in claim.inspections)


def _charge(
    owed: Owed, order: OrderState, terms: Terms, own: InspectionTerms, rma: Rma, ground: Ground
) -> None:
    """The fee, or the question whether and how much, unless a person has answered it."""
    question = _question(terms, rma, ground)
    told, amount = decided(order, question), ground.amount
    if amount is None and told is not None:
        amount = question.amount(told)
    because = Because(
        rule=f"inspection.{ground.kind}" if amount is not None else "inspection.open",
        clauses=ground.clauses,
        inputs={"rma": rma.id, **dict(ground.figures)},
        steps=ground.steps if ground.amount is not None else ((ground.kind, amount or 0),),
        readings=tuple(dict.fromkeys(ground.readings)),
    )
    if ground.amount is None:
        refuse(owed, order, question, because, rma=rma.id)
    if told is not None and told.fact.decision == "waive":
        return
    if amount is None:
        ask(owed, question, because, rma=rma.id, cause=ground.cause)
    elif amount > 0:
        vat: Vat = own.vat.value if own.vat and ground.amount is not None else "unspecified"
        fee = Fee(
            kind=ground.kind, amount=amount, vat=vat, rma=rma.id, cause=ground.cause,
            because=because,
        )  # fmt: skip
        owed.add(fee)


def _question(terms: Terms, rma: Rma, ground: Ground) -> Question:
    """Where no amount is said it is the printed one, else the tariff's, else all that may be."""
    tariff, usual = terms.tariff.get(ground.kind), ground.amount
    if usual is None and tariff is not None:
        usual = tariff.value
    if ground.bounds is not None:
        usual = ground.bounds[1] if usual is None else min(usual, ground.bounds[1])
    return Question(
        about=ground.kind, choices=("charge", "waive"), subject=rma.id, bounds=ground.bounds,
        usual=usual,
    )  # fmt: skip


INSPECTION = Policy(
    "inspection",
    inspection,
    reads=findings.READS,
    starts=(RmaReceived, ReturnReceived, InspectionCompleted),
    sentences={
        "inspection.faultless": (
            "The item of case {rma} was tested and has no fault.",
            "Varan i ärende {rma} testades och är felfri.",
        ),
        "inspection.warranty_faultless": (
            "The item of the warranty case {rma} was tested and has no fault.",
            "Varan i garantiärende {rma} testades och är felfri.",
        ),
        "inspection.technician": (
            "Technicians searched the faultless item of case {rma}, by the started hour.",
            "Tekniker felsökte den felfria varan i ärende {rma}, per påbörjad timme.",
        ),
        "inspection.unjustified_complaint": (
            "What was found in case {rma} is no fault of the goods.",
            "Det som påträffades i ärende {rma} är inget fel på varan.",
        ),
        "inspection.handling": (
            "Case {rma} could not be handled as it was sent in.",
            "Ärende {rma} kunde inte hanteras så som det sändes in.",
        ),
        "inspection.partner_cost": (
            "The service partner's cost in case {rma} is passed on.",
            "Servicepartnerns kostnad i ärende {rma} förs vidare.",
        ),
        "inspection.examination": (
            "A system not bought here was searched in case {rma}.",
            "Ett system som inte köpts här felsöktes i ärende {rma}.",
        ),
        "inspection.return_freight": (
            "The item of case {rma} goes back at the customer's expense.",
            "Varan i ärende {rma} återsänds på kundens bekostnad.",
        ),
        "inspection.open": (
            "Whether case {rma} costs the customer anything, and how much, is for a person to say.",
            "Om och hur mycket ärende {rma} kostar kunden avgör en människa.",
        ),
    },
)
