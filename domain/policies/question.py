"""Questions that several policies ask of the same order: answered once until the next fact."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from domain.state import OrderState
from domain.terms import Terms

Ask = TypeVar("Ask", bound=Callable[..., Any])


def question(ask: Ask) -> Ask:
    """Keep the answer of `ask(order, terms, *about)` until the order's facts or terms change.

    Lists and dictionaries are handed out as copies: who asked may change what it got.
    """

    @wraps(ask)
    def asked(order: OrderState, terms: Terms, *about: Any) -> Any:
        key = (ask, about) if about else ask
        kept = order.answers.get(key)
        if kept is None or kept[0] is not terms:
            kept = order.answers[key] = (terms, ask(order, terms, *about))
        answer = kept[1]
        return answer.copy() if isinstance(answer, (list, dict)) else answer

    return cast(Ask, asked)
