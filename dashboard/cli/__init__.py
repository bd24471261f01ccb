"""The command line: ``python -m dashboard <command>``; one module per command."""

import typer

from dashboard.cli import access, areas, cases, data, lists, region
from dashboard.cli.backup import back_up, put_back
from dashboard.cli.erase import erase_case
from dashboard.cli.figures import figures
from dashboard.cli.lifecycle import print_lifecycle
from dashboard.cli.locate import locate
from dashboard.cli.pack import pack
from dashboard.cli.reattribute import reattribute
from dashboard.cli.rebuild import rebuild_cases
from dashboard.cli.roles import print_roles
from dashboard.cli.serve import serve
from dashboard.cli.simulate import simulate
from dashboard.cli.snapshot import snapshot
from dashboard.cli.verify import verify_all

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command()(serve)
app.command()(simulate)
app.command()(snapshot)
app.command()(pack)
# West and south are negative, and would be taken for options.
app.command(context_settings={"ignore_unknown_options": True})(locate)
app.command()(reattribute)
app.command()(figures)
app.command("verify")(verify_all)
app.command("backup")(back_up)
app.command("restore")(put_back)
cases.app.command("lifecycle")(print_lifecycle)
cases.app.command("rebuild")(rebuild_cases)
cases.app.command("erase")(erase_case)
access.user.command("roles")(print_roles)
app.add_typer(areas.app, name="areas")
app.add_typer(cases.app, name="cases")
app.add_typer(data.app, name="data")
app.add_typer(lists.app, name="lists")
app.add_typer(region.app, name="region")
app.add_typer(access.user, name="user")
app.add_typer(access.kiosk, name="kiosk")
app.add_typer(access.key, name="key")


@app.callback()
def main() -> None:
    """OneMap 属地一张图: one live map for county-level governance."""
