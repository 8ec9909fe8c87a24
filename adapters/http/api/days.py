"""Days and months in what is asked: ISO 8601 and nothing else, though Python would take more."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
MONTH = r"^[12][0-9]{3}-(0[1-9]|1[0-2])$"


def _day(told: Any) -> date:
    """A day as told. Raises ValueError where it is none."""
    try:
        if isinstance(told, str) and DAY.fullmatch(told):
            return date.fromisoformat(told)
    except ValueError:
        pass
    raise ValueError("is not a day, like 2026-09-30")


Day = Annotated[date, BeforeValidator(_day)]
Month = Annotated[str, Field(min_length=1, json_schema_extra={"pattern": MONTH})]
"""Read by `adapters.ledger.told`."""
