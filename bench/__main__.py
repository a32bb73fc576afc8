"""`make bench`: the figures of the README, as a table and as JSON in build/bench.json.

Those in `LONG` have to be asked for, as in `python -m bench history`.
Each measurement has a process of its own, so that none inherits another's memory. About thirteen minutes.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import machine
from bench.figures import LONG, MEASUREMENTS


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in MEASUREMENTS]
    if unknown:
        print(f"nothing is called {unknown[0]}; there is: {', '.join(MEASUREMENTS)}", file=sys.stderr)
        return 2
    facts, figures = machine.facts(), []
    console = Console()
    for name in names or [name for name in MEASUREMENTS if name not in LONG]:
        with console.status(f"measuring {name} …"), ProcessPoolExecutor(1, get_context("spawn")) as alone:
            figures += alone.submit(MEASUREMENTS[name]).result()
    table = Table(title=", ".join(f"{name} {value}" for name, value in facts.items()), title_justify="left")
    for column in ("figure", "measured", "target", ""):
        table.add_column(column, justify="left" if column == "figure" else "right")
    for figure in figures:
        table.add_row(figure.name, figure.value, figure.target, "" if not figure.target else "✓" if figure.met else "✗")
    console.print(table)
    build = Path("build")
    build.mkdir(exist_ok=True)
    written = {"machine": facts, "figures": [figure._asdict() for figure in figures]}
    (build / "bench.json").write_text(json.dumps(written, indent=2, ensure_ascii=False), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
