"""The command line: `villkor`. Data go to stdout, talk to stderr (INTERFACE.md)."""

import sys
import traceback
from collections.abc import Sequence

import asyncpg
import typer
from typer.exceptions import TyperException

from adapters.cli import across, act, acts, look
from adapters.cli.parcel import parcel
from adapters.cli.dead_letters import dead_letters
from adapters.cli.decide import decide
from adapters.cli.export import export
from adapters.cli.ledger import ledger
from adapters.cli.quote import quote
from adapters.cli.relay import relay
from adapters.cli.schemas import schemas
from adapters.cli.session import options
from adapters.cli.show import show
from adapters.cli.terms import terms
from adapters.cli.verify import verify
from adapters.cli.what_if import what_if
from adapters.cli.why import explain
from adapters.postgres.connect import GONE
from adapters.settings import Settings
from domain.errors import Guarded, VillkorError

DONE, FAILED, USAGE, GUARDED, INTERRUPTED = 0, 1, 2, 4, 130
app = typer.Typer(
    no_args_is_help=True,
    help="What is owed under the terms of sale, and why.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def common(
    verbose: bool = typer.Option(False, "--verbose", "-v", help="Show tracebacks."),
) -> None:
    options.verbose = verbose
    Settings.read()  # a setting that is not understood is an error whatever the command


act.add_to(app)
look.add_to(app)
acts.add_to(app)
app.command()(show)
app.command()(explain)
app.command()(decide)
app.command()(what_if)
across.add_to(app)
app.command()(verify)
app.command()(parcel)
app.command()(quote)
app.add_typer(relay, name="relay", help="What goes out to Kafka, once more.")
app.add_typer(schemas, name="schemas", help="The contract of messages, and what changed in it.")
app.add_typer(dead_letters, name="dead-letters", help="Parked messages, with their reasons.")
app.add_typer(export, name="export", help="A seller's books of a month, for other programs.")
app.add_typer(ledger, name="ledger", help="Balances, statements, subledgers, months and close.")
app.add_typer(terms, name="terms", help="Terms in force, and where each clause is at work.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code. An error is one sentence, a traceback only with -v."""
    try:
        result = app(args=arguments, prog_name="villkor", standalone_mode=False)
        return result if isinstance(result, int) else DONE
    except typer.Exit as done:
        return done.exit_code
    except TyperException as error:
        asked = getattr(error, "ctx", None)
        command = "villkor" if asked is None else asked.command_path
        sentence = error.format_message().rstrip(".")
        sys.stderr.write(f"villkor: {sentence}; `{command} --help` helps\n")
        return USAGE
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        return DONE
    except VillkorError as error:
        return _failed(str(error), GUARDED if isinstance(error, Guarded) else FAILED)
    except GONE as error:
        return _failed(f"the database went away ({error}); `villkor doctor` looks", FAILED)
    except asyncpg.PostgresError as error:
        return _failed(f"the database refused: {error}", FAILED)


def _failed(sentence: str, code: int) -> int:
    if options.verbose:
        traceback.print_exc()
    sys.stderr.write(f"villkor: {sentence}\n")
    return code


def run() -> None:
    """The entry point of the installed command."""
    sys.exit(main())
