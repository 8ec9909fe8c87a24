"""What lies there to be read and is not read on makes the process give up."""

from adapters.watchdog import Standing, Watchdog


class Time:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_lag_without_progress_is_told_once_patience_ends() -> None:
    time = Time()
    dog = Watchdog(300, time)
    for time.now, position in ((0, 5), (200, 6), (400, 6)):
        dog.look("facts", [Standing("facts", 3, position, 10)])
        assert dog.stalled() is None
    time.now = 501  # nobody could even look in between
    assert dog.stalled() == (
        "facts[3] has 4 messages to take and was not read on for 301 s: giving up, so that a new"
        " process begins"
    )


def test_where_nothing_is_to_be_read_nothing_is_stalled() -> None:
    """An idle night is no stall, and the first message after it has its own time."""
    time = Time()
    dog = Watchdog(300, time)
    for time.now, end in ((0, 10), (9000, 10), (9001, 11)):
        dog.look("facts", [Standing("facts", 3, 10, end)])
    time.now = 9200
    assert dog.stalled() is None
    time.now = 9400
    assert dog.stalled() is not None


def test_what_another_process_reads_by_now_is_not_watched() -> None:
    time = Time()
    dog = Watchdog(300, time)
    dog.look("facts", [Standing("facts", 3, 5, 10), Standing("facts", 4, 5, 10)])
    dog.look("facts", [Standing("facts", 4, 7, 10)])
    time.now = 301
    assert "facts[4]" in (dog.stalled() or "")


def test_a_part_that_does_not_know_how_it_stands_is_remembered() -> None:
    """Whoever lost its connections for good says nothing any more: that is a stall, too."""
    time = Time()
    dog = Watchdog(300, time)
    dog.look("facts", [Standing("facts", 3, 5, 10)])
    time.now = 301
    dog.look("relay", [Standing("outcomes", 3, 9, 9)])
    assert "facts[3]" in (dog.stalled() or "")


def test_what_was_stopped_until_a_person_looks_is_no_stall() -> None:
    time = Time()
    dog = Watchdog(300, time)
    dog.look("relay", [Standing("outcomes", 3, 5, 10, stopped=True)])
    time.now = 301
    assert dog.stalled() is None
