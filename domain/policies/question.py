"""Questions that several policies ask of the same order: answered once, for as long as it holds."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from domain.state import OrderState
from domain.terms import Terms

Ask = TypeVar("Ask", bound=Callable[..., Any])


def question(ask: Ask) -> Ask:
    """Keep the answer of `ask(order, terms, *about)` until what it looked at changes, or the terms.

    Lists and dictionaries are handed out as copies: who asked may change what it got.
    """

    @wraps(ask)
    def asked(order: OrderState, terms: Terms, *about: Any) -> Any:
        key = (ask, about) if about else ask
        kept = order.answers.get(key)
        if kept is not None and kept[0] is terms:
            answer = kept[1]
            order.looked.at |= kept[2]
        else:
            answer, looked = order.looked.while_asking(ask, order, terms, *about)
            order.answers[key] = (terms, answer, looked)
        return answer.copy() if isinstance(answer, (list, dict)) else answer

    return cast(Ask, asked)
