"""Acts of the people who run Villkor, as events of the log: what they did, who, and why.

They are told from inside only. Who did it and why lie beside the log, as all that is personal.
"""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from domain.fields import Name, PersonalText, Value

Month = Annotated[str, Field(pattern=r"^(19|20|21)\d{2}-(0[1-9]|1[0-2])$")]


@dataclass(slots=True, frozen=True, kw_only=True)
class PeriodClosed(Value):
    """The books of a seller are closed up to and including a month (`2024-03`).

    Told to every partition's register; what is posted later in that partition goes to the month
    after it (bokföringslagen 1999:1078, 5 kap. 5 §: a correction names itself as one).
    """

    seller: Name
    month: Month
    by: PersonalText = None


ACTS: tuple[type[Value], ...] = (PeriodClosed,)
