"""The verbs of the `evenday` command."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bot.errors import EvendayError

app = typer.Typer(
    help="Evenday: a coach for people who live with chronic pain.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
File = Annotated[str, typer.Argument(help="File of JSON lines, or - for standard input.")]


@app.command(epilog='Example: evenday answer - <<< \'{"ask": "pain_level", "text": "about six"}\'')
def answer(file: File) -> None:
    """Read answers to known questions: {"ask", "text"} -> {"value"}, null where it must be asked again."""
    from bot.cli.measure import answers

    answers(file)


@app.command(epilog='Example: evenday screen - <<< \'{"text": "my back is killing me"}\'')
def screen(
    file: File,
    evaluate: Annotated[
        bool, typer.Option("--evaluate", help="Lines have a tier, too: print recall and false alarms, with intervals.")
    ] = False,
    without: Annotated[
        list[str] | None, typer.Option(help="Leave a layer out, to see what it brings: rules, opinion or context.")
    ] = None,
) -> None:
    """Judge messages or conversations for danger: {"text"} -> {"tier", "kind", "evidence"}. Needs no server."""
    from bot.cli.measure import evaluated, screened

    (evaluated if evaluate else screened)(file, without or ())


@app.command(epilog="Example: evenday evaluation marked.jsonl")
def evaluation(file: Annotated[str, typer.Argument(help="File to write; must not exist.")]) -> None:
    """Write the messages that people marked as missed or as false alarms, for `evenday screen --evaluate`."""
    from bot.cli.measure import kept_lines

    kept_lines(file)


@app.command(epilog='Example: evenday nlu - <<< \'{"text": "how do I pace myself?"}\'')
def nlu(file: File) -> None:
    """Name the intents of messages by the trained model: {"text"} -> {"intent", "confidence", "entities"}."""
    from bot.cli.measure import understood

    understood(file)


@app.command(epilog="Example: evenday talk   or   evenday talk --fresh --channel sms --json talk.jsonl")
def talk(
    file: Annotated[str, typer.Argument(help="With --json: file of JSON lines, or -.")] = "-",
    fresh: Annotated[
        bool, typer.Option("--fresh", help="On a throw-away store, with a clock that can be turned.")
    ] = False,
    channel: Annotated[str, typer.Option(help="terminal, sms, telegram or web.")] = "terminal",
    json: Annotated[bool, typer.Option("--json", help="Lines in, lines out; for tests and measuring.")] = False,
) -> None:
    """Talk with the coach in this terminal, or play a conversation from a file."""
    from bot.cli.talk import chat, played

    if json:
        played(file, channel)
    else:
        chat(channel)


@app.command(epilog="Example: evenday check")
def check() -> None:
    """Check settings and all content; says file and line of what is wrong."""
    from bot.cli.operate import checked

    checked()


@app.command(epilog="Example: evenday run --port 8080")
def run(port: Annotated[int, typer.Option(help="Port of the gateway; the next free one if it is taken.")] = 0) -> None:
    """Start everything under one supervisor that restarts what dies; Ctrl-C ends it."""
    from bot.cli.operate import supervised

    supervised(port)


@app.command(hidden=True, epilog="Example: evenday serve")
def serve() -> None:
    """The gateway alone; `evenday run` starts it."""
    from bot.cli.operate import served

    served()


@app.command(epilog="Example: evenday train")
def train() -> None:
    """Train the dialogue model if its files changed."""
    from bot.cli.operate import trained

    trained()


@app.command(epilog="Example: evenday migrate")
def migrate() -> None:
    """Bring the database to the present schema."""
    from bot.cli.operate import migrated

    migrated()


@app.command(epilog="Example: evenday backup evenday-2026-11-23.backup")
def backup(file: Annotated[str, typer.Argument(help="File to write; must not exist.")]) -> None:
    """Write a whole copy of the database, while it runs."""
    from bot.cli.keep import back_up

    back_up(file)


@app.command(epilog="Example: evenday restore evenday-2026-11-23.backup")
def restore(file: Annotated[str, typer.Argument(help="File that `evenday backup` wrote.")]) -> None:
    """Put a copy back into an empty database."""
    from bot.cli.keep import put_back

    put_back(file)


keys = typer.Typer(help="Sealing keys.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(keys, name="key")


@keys.command("new", epilog="Example: evenday key new")
def key_new() -> None:
    """Print a fresh key for EVENDAY_KEYS."""
    from bot.crypto import new_key

    typer.echo(new_key())


@keys.command("rotate", epilog="Example: evenday key rotate")
def key_rotate() -> None:
    """Seal everything again with the newest key, so that older ones can be taken out."""
    from bot.cli.keep import rotate

    rotate()


@app.command(epilog='Example: evenday invite   or   evenday invite --team "North clinic, Day team"')
def invite(
    team: Annotated[
        str, typer.Option(help="Site and team of which they become a patient, as the console names it.")
    ] = "",
) -> None:
    """Make a single-use code with which one person can enrol."""
    from bot.cli.keep import invited

    invited(team)


@app.command(epilog="Example: evenday staff ana --role supervisor")
def staff(
    login: Annotated[str, typer.Argument(help="Login, without spaces.")],
    role: Annotated[str, typer.Option(help="supervisor, clinician, researcher or administrator.")] = "supervisor",
    name: Annotated[str, typer.Option(help="Name as colleagues see it; the login if left out.")] = "",
    without_factor: Annotated[
        bool,
        typer.Option(
            "--without-factor",
            help="Take codes and passkeys away, and nothing else: the phone and the recovery codes are lost.",
        ),
    ] = False,
    link: Annotated[
        bool, typer.Option("--link", help="Give a link, good once for 72 hours, on which they choose their password.")
    ] = False,
) -> None:
    """Add a member of staff, or give a new password; it is shown once."""
    from bot.cli.keep import staffed, staffed_by_link, unfactored

    if without_factor:
        unfactored(login)
    elif link:
        staffed_by_link(login, role, name)
    else:
        staffed(login, role, name)


@app.command(epilog="Example: evenday audit --verify   or   evenday audit --verify --file audit-20261124T090000Z.csv")
def audit(
    verify: Annotated[
        bool, typer.Option("--verify", help="Walk the whole chain; exit status 1 where it is broken.")
    ] = False,
    file: Annotated[
        str, typer.Option(help="With --verify: a file of the console's, each line of which must still stand there.")
    ] = "",
) -> None:
    """Tell how many entries the audit has and how it stood when it was last verified, or verify it."""
    from bot.cli.chained import told, verified

    if verify:
        verified(file)
    else:
        told(file)


demo = typer.Typer(help="Made-up people, to look at.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(demo, name="demo")


@demo.command("add", epilog="Example: evenday demo add")
def demo_add() -> None:
    """Put the made-up people in, dated back from now, in place of those that are there. Nobody is written to or called."""
    from bot.cli.demo import added

    added()


@demo.command("remove", epilog="Example: evenday demo remove")
def demo_remove() -> None:
    """Take the made-up people out, with all that is theirs."""
    from bot.cli.demo import removed

    removed()


rota = typer.Typer(help="Who is on duty when.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(rota, name="rota")


@rota.command("show", epilog="Example: evenday rota show --days 14")
def rota_show(days: Annotated[int, typer.Option(help="How many days ahead.")] = 7) -> None:
    """Print shifts and covers, and who is on duty now."""
    from bot.cli.duty import show

    show(days)


@rota.command("import", epilog="Example: evenday rota import december.csv")
def rota_import(file: Annotated[str, typer.Argument(help="CSV with the columns post, login, from, until.")]) -> None:
    """Put the shifts of a file in place of those that begin within its span."""
    from bot.cli.duty import imported

    imported(file)


@rota.command("gaps", epilog="Example: evenday rota gaps --days 30")
def rota_gaps(days: Annotated[int, typer.Option(help="How many days ahead.")] = 14) -> None:
    """Print the hours of cover in which nobody is on call; exit status 1 if there are any."""
    from bot.cli.duty import missing

    missing(days)


contacts = typer.Typer(help="How staff are reached.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(contacts, name="contacts")


@contacts.command("add", epilog="Example: evenday contacts add ana call +442071234567")
def contacts_add(
    login: Annotated[str, typer.Argument(help="Login of the member of staff.")],
    way: Annotated[str, typer.Argument(help="call, sms, telegram, apprise or webhook.")],
    address: Annotated[
        str, typer.Argument(help="Number (+44…), apprise URL or webhook URL; nothing for telegram, which gives a link.")
    ] = "",
) -> None:
    """Add a way to reach somebody, after those that are there."""
    from bot.cli.duty import contact_added

    contact_added(login, way, address)


@contacts.command("list", epilog="Example: evenday contacts list")
def contacts_list() -> None:
    """Print who is reached how, in order, and what came of the last page. No address is shown."""
    from bot.cli.duty import contacts_listed

    contacts_listed()


@contacts.command("remove", epilog="Example: evenday contacts remove 3f9a0c12")
def contacts_remove(contact: Annotated[str, typer.Argument(help="Beginning of its id, as listed.")]) -> None:
    """Take a way out."""
    from bot.cli.duty import contact_removed

    contact_removed(contact)


@contacts.command("test", epilog="Example: evenday contacts test ana")
def contacts_test(login: Annotated[str, typer.Argument(help="Login of the member of staff.")]) -> None:
    """Send a marked test page by every way of one person; exit status 1 if one failed."""
    from bot.cli.drilling import drilled

    drilled(login, 0)


@app.command(epilog="Example: evenday drill --wait 300")
def drill(
    wait: Annotated[int, typer.Option(help="Seconds to wait for somebody to acknowledge.")] = 0,
) -> None:
    """Send a marked test escalation by every way of everybody on duty; prints the times; exit status 1 on a failure."""
    from bot.cli.drilling import drilled

    drilled(None, wait)


def main() -> None:
    """Run a verb. What goes wrong on purpose is one line on standard error and exit status 1."""
    try:
        app(standalone_mode=True)
    except EvendayError as error:
        typer.echo(f"evenday: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)


if __name__ == "__main__":
    main()
