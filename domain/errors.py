"""Every error that Villkor raises on purpose; a class's docstring is its default message."""


class VillkorError(Exception):
    """Something went wrong."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (self.__doc__ or "").strip())


class Refused(VillkorError):
    """No order could take this message."""

    reason = "refused"
    """What kind of refusal it is, for grouping what was parked."""


class Unreadable(Refused):
    """These bytes are no message."""

    reason = "unreadable"


class UnknownType(Refused):
    """A fact of this type is not known."""

    reason = "unknown_type"


class Conflict(Refused):
    """The same message was told before and said something else."""

    reason = "conflict"


class TermsError(VillkorError):
    """A terms file cannot be used as it stands."""


class Missing(VillkorError):
    """There is nothing of that name."""


class Unanswerable(VillkorError):
    """The question has no answer: nobody knew, or nobody knows yet."""


class Corrupt(VillkorError):
    """The log contradicts itself; the partition is stopped until a person has looked."""


class Fenced(VillkorError):
    """Another writer owns this partition now; nothing was written."""


class Swapped(VillkorError):
    """The read models were rebuilt and swapped meanwhile; nothing was written: load again."""

    def __init__(self, models: dict[int, int]) -> None:
        super().__init__()
        self.models = models
        """The generation of the read models by now, by partition."""


class Guarded(VillkorError):
    """A guard refused this; nothing was changed."""


class Uncertain(VillkorError):
    """It is not known whether the batch was committed; claim again and tell it again."""
