"""Retrying a letter in a test that has a writer."""

from datetime import datetime

from adapters.app import App
from adapters.bodies import Intake
from adapters.dead_letters import Retry, by_own
from adapters.postgres.letters import Settling
from adapters.report import Report
from adapters.senders import Senders


async def retry(app: App, id: int, at: datetime) -> Report:
    """Tell one letter again by the writer that owns every partition."""
    intake = Intake(app.store, Senders(), app.clock)
    return await Retry(intake, by_own(app, at), Settling(at)).all_of([id])
