"""The `habitue` command: a file per verb."""

from __future__ import annotations

import sys

import typer

from habitue.cli import (
    alarms,
    api_key,
    apply,
    backtest,
    backup,
    catalog,
    check,
    clock,
    consents,
    dead_letters,
    deliveries,
    demo,
    doctor,
    import_history,
    journeys,
    key,
    language,
    ledger,
    merges,
    people,
    plan,
    privacy,
    prove,
    pull,
    rfm,
    segments,
    serve,
    simulate,
    suppressions,
    test,
    user,
    version,
    versions,
)
from habitue.cli.output import say_error
from habitue.errors import HabitueError

app = typer.Typer(
    name="habitue",
    help="Turns an online shop's browsers into buyers, and its buyers into habitués.",
    no_args_is_help=True,
    # A traceback is for developers; people get one line that says what to do.
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.command("serve")(serve.serve)
app.command("demo")(demo.demo)
app.add_typer(key.app, name="key")
app.add_typer(api_key.app, name="api-key")
app.add_typer(user.app, name="user")
app.add_typer(catalog.app, name="catalog")
app.add_typer(import_history.app, name="import")
app.command("check")(check.check)
app.command("plan")(plan.plan)
app.command("apply")(apply.apply)
app.command("pull")(pull.pull)
app.command("versions")(versions.versions)
app.command("rollback")(versions.rollback)
app.command("test")(test.test)
app.command("simulate")(simulate.simulate)
app.command("backtest")(backtest.backtest)
app.add_typer(people.app, name="people")
people.app.command("merges")(merges.merges)
people.app.command("split")(merges.split)
people.app.command("export")(privacy.export)
people.app.command("erase")(privacy.erase)
people.app.command("erasures")(privacy.erasures)
people.app.command("requests")(privacy.requests)
app.command("audit")(privacy.audit)
app.add_typer(segments.app, name="segments")
app.add_typer(journeys.app, name="journeys")
app.add_typer(rfm.app, name="rfm")
app.command("language")(language.language)
app.add_typer(consents.app, name="consents")
app.add_typer(suppressions.app, name="suppressions")
app.command("ledger")(ledger.ledger)
app.command("deliveries")(deliveries.deliveries)
app.command("dead-letters")(dead_letters.dead_letters)
app.command("doctor")(doctor.doctor)
app.add_typer(alarms.app, name="alarms")
app.add_typer(clock.app, name="clock")
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("prove")(prove.prove)
app.command("version")(version.version)


def main() -> None:
    """Run the command line. Exit codes: 0 well, 1 something is wrong and was said, 2 the command was misspelt."""
    try:
        app()
    except HabitueError as error:
        say_error(str(error))
        sys.exit(1)
    except BrokenPipeError:
        # `habitue ledger | head` is no error.
        sys.stderr.close()
        sys.exit(0)
    except RuntimeError as error:
        if str(error) != "Query interrupted":  # So DuckDB calls Ctrl-C.
            raise
        sys.exit(130)
