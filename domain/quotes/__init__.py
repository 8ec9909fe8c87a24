"""Quotes: what the terms say of a cart, a credit or a dispute, without any facts."""

from domain.quotes.credit import CreditQuote
from domain.quotes.delivery import CartQuote
from domain.quotes.dispute import DisputeQuote

AnyQuote = CartQuote | CreditQuote | DisputeQuote
SENTENCES = {
    "quote.delivery": (
        "The goods come to {goods}, and their delivery ({method}) costs {delivery_price}.",
        "Varorna kostar {goods}, och frakten ({method}) {delivery_price}.",
    ),
    "quote.delivery_free": (
        "The goods come to {goods}, more than {limit}: delivery ({method}) is free.",
        "Varorna kostar {goods}, mer än {limit}: frakten ({method}) är fri.",
    ),
    "quote.delivery_in_price": (
        "The goods come to {goods}, delivery ({method}) included.",
        "Varorna kostar {goods}, frakten ({method}) inräknad.",
    ),
    "quote.collected": (
        "The goods come to {goods}; whoever collects them pays for no delivery.",
        "Varorna kostar {goods}; den som hämtar dem betalar ingen frakt.",
    ),
    "quote.delivery_no_rate": (
        "Delivery is free over {limit}, and what that comes to is not known without a rate.",
        "Frakten är fri över {limit}, och vad det blir går inte att veta utan en kurs.",
    ),
    "quote.delivery_no_price": (
        "No price is known for delivery ({method}); nothing is charged until somebody sets it.",
        "Det finns inget pris för frakten ({method}); inget tas ut förrän någon bestämt det.",
    ),
    "quote.delivery_silent": (
        "The terms say nothing of what delivery costs.",
        "Villkoren säger inget om vad frakten kostar.",
    ),
    "quote.credit": (
        "{amount} over {months} months at {rate} %: {instalment_amount} a month, {total_amount} in "
        "all, an effective rate of {effective_rate} %.",
        "{amount} på {months} månader till {rate} %: {instalment_amount} i månaden, {total_amount} "
        "totalt, en effektiv ränta på {effective_rate} %.",
    ),
    "quote.credit_otherwise_printed": (
        "{amount} over {months} months at {rate} %: {instalment_amount} a month, {total_amount} in "
        "all, an effective rate of {effective_rate} %, where the terms print {printed_rate} %.",
        "{amount} på {months} månader till {rate} %: {instalment_amount} i månaden, {total_amount} "
        "totalt, en effektiv ränta på {effective_rate} %, där villkoren anger {printed_rate} %.",
    ),
    "quote.period_not_offered": (
        "{amount} cannot be paid over {months} months: the terms print no such period.",
        "{amount} kan inte betalas på {months} månader: villkoren anger ingen sådan tid.",
    ),
    "quote.value_too_low": (
        "{months} months are for order values over {limit_amount}, which {amount} is not.",
        "{months} månader är för ordervärden över {limit_amount}, och {amount} är inte det.",
    ),
    "quote.eaten_by_setup": (
        "{amount} is not more than the set-up fee of {fee}.",
        "{amount} är inte mer än uppläggningsavgiften {fee}.",
    ),
    "quote.general_court": (
        "A dispute over {amount} {currency} is settled by a general court.",
        "En tvist om {amount} {currency} avgörs av allmän domstol.",
    ),
    "quote.court_below": (
        "A dispute over {amount} {currency}, less than {limit}, is settled by a general court.",
        "En tvist om {amount} {currency}, mindre än {limit}, avgörs av allmän domstol.",
    ),
    "quote.arbitration": (
        "A dispute over {amount} {currency} is settled by arbitration.",
        "En tvist om {amount} {currency} avgörs genom skiljeförfarande.",
    ),
    "quote.arbitration_from": (
        "A dispute over {amount} {currency}, not less than {limit}, is settled by arbitration.",
        "En tvist om {amount} {currency}, inte mindre än {limit}, avgörs genom skiljeförfarande.",
    ),
    "quote.dispute_no_rate": (
        "Who settles it depends on {limit}, and what that comes to is not known without a rate.",
        "Vem som avgör tvisten beror på {limit}, och vad det blir går inte att veta utan en kurs.",
    ),
    "quote.board": (
        "The terms name no court, and a board to which a consumer may go.",
        "Villkoren nämner ingen domstol, och en nämnd som en konsument kan vända sig till.",
    ),
}
"""Rule of a quote -> the sentence in English and in Swedish."""
