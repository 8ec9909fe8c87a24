"""Logs: structlog to stderr, as JSON lines or for people. Nothing about persons is ever logged.

What libraries say comes in the same form. Kafka's and Postgres' clients are silent: what they meet
they also raise, and who asked them says so, once and not hundreds of times a second.
"""

import logging
import sys

import structlog

SILENT = ("aiokafka", "asyncpg")


def configure(setting: str) -> None:
    """`json` or `console`, and after a colon the least level: `json:info`."""
    form, _, level = setting.partition(":")
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    common: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    for name in SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if logging.lastResort is not None:  # who tells the standard library's log
        logging.lastResort.setFormatter(
            structlog.stdlib.ProcessorFormatter(renderer, foreign_pre_chain=common)
        )
    structlog.configure(
        processors=[*common, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[(level or "info").upper()]
        ),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,  # stderr may be another one by then
    )
