"""What was found in a boundary file, in the terminal."""

from collections import Counter

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dashboard.reports.boundary import metres
from data.boundary_import import Checked
from geo.exchange.findings import Finding, Level

SHOWN_OF_A_KIND = 10


def show(checked: Checked, console: Console) -> None:
    """Print every finding, of each kind the first ones, and every repair."""
    content = checked.content
    console.print(
        f"{content.file}, {content.layer} ({content.kind}): {content.counted} features in the file,"
        f" {len(content.features)} read, {len(checked.areas)} usable.",
        soft_wrap=True,
        markup=False,
    )
    # A pipe has no width; 80 columns would break every place and code.
    wide = Console(highlight=False, width=None if console.is_terminal else 200)
    if checked.findings:
        wide.print(_findings(checked.findings))
    if checked.repairs:
        table = Table("repaired", "what", "change m²", "area m²", show_lines=True)
        for repair in checked.repairs:
            who = f"{repair.feature or ''} {repair.code} {repair.name}".strip()
            change, area = metres(repair.change_m2, signed=True), metres(repair.area_m2)
            table.add_row(escape(who), escape(repair.says), change, area)
        wide.print(table)
    counts = ", ".join(f"{level}s {checked.count(level)}" for level in Level)
    console.print(f"{content.file}: {counts}, repairs {len(checked.repairs)}.", soft_wrap=True, markup=False)


def _findings(findings: tuple[Finding, ...]) -> Table:
    table, seen = Table("", "kind", "where", "what", "the way out", show_lines=True), Counter[str]()
    for finding in findings:
        seen[finding.kind] += 1
        if seen[finding.kind] <= SHOWN_OF_A_KIND:
            cells = (finding.level, finding.kind, finding.where, finding.says, finding.remedy)
            table.add_row(*map(escape, cells))
    for kind, count in seen.items():
        if count > SHOWN_OF_A_KIND:
            table.add_row("", kind, "", f"{count - SHOWN_OF_A_KIND} more: see --report or --json", "")
    return table
