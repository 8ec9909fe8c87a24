"""A dated value, once closed, is never changed or removed: orders have pinned it."""

from tests.domain.terms.closed import closed, values


def test_no_closed_value_was_changed_or_removed() -> None:
    now = values()
    changed = [name for name, digest in closed().items() if now.get(name) != digest]
    assert not changed, f"closed values differ: {changed}; add a later date instead"


def test_every_value_is_closed() -> None:
    """`make terms-close` records new values, so that the next change of them is noticed."""
    assert sorted(set(values()) - set(closed())) == []
