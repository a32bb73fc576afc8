"""`make docs`: the README and every page of docs/ as HTML in build/docs, and a look at every link within them.

A link to a file, picture or heading that is not there is an error: documentation that leads nowhere is worse than none.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from html import escape
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "build" / "docs"
FRAME = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Habitue</title><style>
:root {{ color-scheme: light dark; }}
body {{ font: 17px/1.6 system-ui, sans-serif; max-width: 76ch; margin: 2rem auto; padding: 0 1rem; }}
nav {{ font-size: 14px; }} nav a {{ margin-right: .8em; white-space: nowrap; }}
:root {{ --line: 1px solid color-mix(in srgb, currentColor 18%, transparent); }}
pre {{ overflow-x: auto; padding: .8em 1em; border: var(--line); border-radius: 6px; }}
code {{ font-size: .88em; }} img {{ max-width: 100%; }}
table {{ border-collapse: collapse; display: block; overflow-x: auto; }}
td, th {{ text-align: left; vertical-align: top; padding: .3em .8em .3em 0; border-bottom: var(--line); }}
</style></head><body><nav>{menu}</nav><main>{body}</main></body></html>
"""


def pages() -> list[Path]:
    """What is built: the README and all of docs/."""
    return [path for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))] if path.is_file()]


def problems() -> list[str]:
    """Links that lead nowhere, as `file: what is wrong`."""
    anchors = {page: set(_anchors(page)) for page in pages()}
    found = []
    for page in pages():
        for target in _links(page):
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue  # Another site's address; no test may depend on the network.
            path, _, anchor = unquote(target).partition("#")
            file = (page.parent / path).resolve() if path else page
            if not file.exists():
                found.append(f"{page.relative_to(ROOT)}: links to {target}, which is not there")
            elif anchor and file in anchors and anchor not in anchors[file]:
                found.append(f"{page.relative_to(ROOT)}: links to {target}, but there is no such heading")
    return found


def build() -> int:
    """Write the pages; returns how many."""
    shutil.rmtree(OUT, ignore_errors=True)
    names = {page: f"{page.stem.lower().replace('readme', 'index')}.html" for page in pages()}
    menu = "".join(f'<a href="{name}">{escape(_title(page))}</a>' for page, name in names.items())
    for page, name in names.items():
        body = _markdown().render(page.read_text(encoding="utf-8"))
        body = re.sub(r'href="(?:docs/|\.\./)?([\w-]+)\.md(#[\w-]*)?"', _to_html, body)
        OUT.mkdir(parents=True, exist_ok=True)
        (OUT / name).write_text(FRAME.format(title=escape(_title(page)), menu=menu, body=body), encoding="utf-8")
        for target in _links(page):
            picture = page.parent / target
            if picture.suffix in (".png", ".svg", ".jpg") and picture.is_file():
                (OUT / target).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(picture, OUT / target)
    return len(names)


def _to_html(match: re.Match[str]) -> str:
    return f'href="{match[1].lower().replace("readme", "index")}.html{match[2] or ""}"'


def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")


def _tokens(page: Path) -> Iterator[Token]:
    for token in _markdown().parse(page.read_text(encoding="utf-8")):
        yield token
        yield from token.children or ()


def _links(page: Path) -> Iterator[str]:
    for token in _tokens(page):
        target = token.attrGet("href") or token.attrGet("src")
        if isinstance(target, str):
            yield target


def _anchors(page: Path) -> Iterator[str]:
    """The anchors that code hosts give to headings."""
    tokens = list(_markdown().parse(page.read_text(encoding="utf-8")))
    for token, following in pairwise(tokens):
        if token.type == "heading_open":
            yield re.sub(r"[^\w\- ]", "", following.content.lower()).replace(" ", "-")


def _title(page: Path) -> str:
    heading = re.search(r"^# (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return heading[1] if heading else page.stem


def main() -> int:
    for problem in (found := problems()):
        print(problem, file=sys.stderr)
    print(f"{build()} pages in {OUT.relative_to(ROOT)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
