"""`python -m tests.chaos SEED SECONDS`: facts under faults, and what must hold whatever happens.

A broker, a Postgres, four workers with their relay lanes, and everything that goes wrong between
them, drawn from the seed (schedule.py, told.py). Then all comes to rest, and is compared:

- **facts**: each that was told is in the log once, and nothing else is.
- **the log against the topic**: every outcome of the log was seen once by a reader of its own
  (seen.py: `read_committed`, running all the time), with the bytes that it should have, in the
  order of the log's partition and so of its order. The log is what was decided; that it was decided
  rightly is for the next.
- **what stands against the oracle**: the same facts in order through one writer without Kafka
  (oracle.py). Arrival decides which outcomes come and go in between, so histories differ; it must
  not decide what stands in the end. That is compared thrice: as the topic tells it to somebody who
  only folds what he saw, as the log tells it, and in ledger balances and read models (but for an
  order's status: a fact told ahead of its time comes into a row with the order's next event).
  Recorded time is told by a clock that runs through months in the run and then stands still, so
  that all lapses that must lapse; no money is paid back, the one thing that depends on when a cost
  became known.
- **the rest**: bad messages parked once, in Postgres and on their topic; `verify`,
  `rebuild --check` and the ledger without difference; nothing left in the inbox or overdue; workers
  end in good order.

A run of 95 s or more counts only if every kind of fault fired three times, and a zombie's commit
was refused at least once by Postgres and once by Kafka. `--break` leaves out one thing on purpose
(broken.py). The last line of output is JSON. The exit code is 0 where all held, else 1.
"""

import argparse
import asyncio
import logging
import sys
from dataclasses import asdict
from pathlib import Path

import msgspec

from adapters.log import configure
from tests.chaos.broken import NOTHING, WITHOUT
from tests.chaos.report import table
from tests.chaos.run import run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description="Chaos, seeded.")
    parser.add_argument("seed", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--break", dest="broken", choices=sorted(WITHOUT), default=NOTHING)
    parser.add_argument("--logs", type=Path, help="keep the workers' logs here")
    told = parser.parse_args()
    configure("json:info")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # the broker is killed on purpose
    if told.logs is not None:
        told.logs.mkdir(parents=True, exist_ok=True)
    done = asyncio.run(run(told.seed, told.seconds, told.broken, told.logs))
    print(table(done))
    print(msgspec.json.encode(asdict(done) | {"passed": done.passed}).decode())
    return 0 if done.passed else 1


if __name__ == "__main__":
    sys.exit(main())
