"""`/api/docs`: the OpenAPI document as one page people read, without anything from elsewhere."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

from habitue.model.api_key import SENTENCES

from .operation import BASE
from .problems import Kind

_HERE = Path(__file__).parent
_STYLE = (_HERE / "reference.css").read_text("utf-8")
_STYLE_HASH = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""Nothing but this page's own style is loaded."""


def page(document: Mapping[str, Any]) -> str:
    """The whole page."""
    template = _ENVIRONMENT.get_template("reference.html")
    return template.render(
        document=document,
        style=Markup(_STYLE),  # noqa: S704 - our own file
        groups=_groups(document),
        base=BASE,
        schemas=document["components"]["schemas"],
        scopes=[(scope.value, sentence) for scope, sentence in SENTENCES.items()],
        kinds=list(Kind),
    )


def _groups(document: Mapping[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """(tag, operations) in the order of the document."""
    groups: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                parameters = [*methods.get("parameters", ()), *operation.get("parameters", ())]
                groups[operation["tags"][0]].append(
                    {**operation, "method": method.upper(), "path": path, "parameters": parameters}
                )
    return list(groups.items())


def _words(text: str) -> Markup:
    """Paragraphs, `code` and **emphasis**: all that our own descriptions use."""
    said = str(escape(text))
    said = re.sub(r"`([^`]+)`", r"<code>\1</code>", said)
    said = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", said)
    return Markup("".join(f"<p>{part}</p>" for part in said.split("\n\n")))  # noqa: S704 - escaped above


def _shape(schema: Mapping[str, Any]) -> Markup:
    """A field's type in a few words; what has a name leads to it."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return Markup('<a href="#schema-{0}">{0}</a>').format(name)
    if "anyOf" in schema:
        return Markup(" or ").join(_shape(one) for one in schema["anyOf"])
    if "enum" in schema:
        return Markup(" · ").join(Markup("<code>{}</code>").format(one) for one in schema["enum"])
    kind = schema.get("type", "anything")
    if kind == "array":
        return Markup("list of {}").format(_shape(schema.get("items", {})))
    limits = [f"{word} {schema[name]}" for name, word in _LIMITS.items() if name in schema]
    named = "moment" if schema.get("format") == "date-time" else kind
    return escape(", ".join([str(named), *limits]))


_LIMITS = {"minimum": "from", "maximum": "to", "maxLength": "at most", "default": "otherwise"}


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _fields(schema: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any], bool]]:
    """(name, schema, whether it must be there)."""
    needed = schema.get("required", ())
    return [(name, field, name in needed) for name, field in schema.get("properties", {}).items()]


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_HERE),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters |= {"words": _words, "shape": _shape, "pretty": _pretty, "fields": _fields}
