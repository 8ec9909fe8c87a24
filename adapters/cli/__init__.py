"""The command line: `villkor`. Data go to stdout, talk to stderr (INTERFACE.md)."""

import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass

import typer
from typer.exceptions import TyperException

from adapters.cli.commands import Commands, list_in
from adapters.settings import Settings
from domain.errors import Guarded, VillkorError

DONE, FAILED, USAGE, GUARDED, INTERRUPTED = 0, 1, 2, 4, 130
app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    help="What is owed under the terms of sale, and why.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
list_in(app)


@dataclass(slots=True)
class Options:
    """What is said before the command's name."""

    verbose: bool = False


options = Options()


@app.callback()
def common(
    verbose: bool = typer.Option(False, "--verbose", "-v", help="Show tracebacks."),
) -> None:
    options.verbose = verbose
    Settings.read()  # a setting that is not understood is an error whatever the command


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
    except Exception as error:
        if (said := _of_the_database(error)) is None:
            raise
        return _failed(said, FAILED)


def _of_the_database(error: Exception) -> str | None:
    """What it means where the database went away, or refused."""
    from asyncpg import PostgresError  # not every command asks it, and it takes time to import

    from adapters.postgres.connect import GONE

    if isinstance(error, GONE):
        return f"the database went away ({error}); `villkor doctor` looks"
    return f"the database refused: {error}" if isinstance(error, PostgresError) else None


def _failed(sentence: str, code: int) -> int:
    if options.verbose:
        traceback.print_exc()
    sys.stderr.write(f"villkor: {sentence}\n")
    return code


def run() -> None:
    """The entry point of the installed command."""
    sys.exit(main())
