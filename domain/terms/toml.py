"""Reads the TOML of a terms file, which may come from anybody who may ask what other terms change.

The standard library's reader takes time with the square of a dotted key's length: a line of 30 kB
holds it up for seconds. What no terms file is like is refused before it is read.
"""

import re
import tomllib
from decimal import Decimal
from typing import Any

UNREADABLE = (ValueError, ArithmeticError, RecursionError)
"""What is raised for a text that is none: also for numbers and nesting beyond all measure."""
LONGEST = 200_000
"""Letters of a terms file; the longest that is installed has 29,000."""
DOTS = 5
"""Dots in a key; in the files that are installed there is one at most."""
# A string that does not end goes on to the end here, and is an error to the reader.
ASIDE = re.compile(
    r'''"""(?:\\.|[^\\])*?(?:"{3,5}|\\?\Z)|\'{3}.*?(?:\'{3,5}|\Z)'''
    r"""|"(?:\\.|[^"\\\n])*+"?|'[^'\n]*+'?|#[^\n]*+""",
    re.DOTALL,
)
"""Strings and comments."""
LONG_KEY = re.compile(rf"(?:\.[^.=,\[\]{{}}\n]*+){{{DOTS + 1}}}")


def read(text: str) -> dict[str, Any]:
    """What a terms file says, its numbers exact. Raises one of `UNREADABLE`."""
    if len(text) > LONGEST:
        raise ValueError(f"it has {len(text)} letters; a terms file has {LONGEST} at most")
    bare = ASIDE.sub(lambda found: "s" + "\n" * found[0].count("\n"), text)
    if found := LONG_KEY.search(bare):
        line = bare.count("\n", 0, found.start()) + 1
        raise ValueError(f"a key has {DOTS} dots at most (at line {line})")
    return tomllib.loads(text, parse_float=Decimal)
