"""From text to Python's syntax tree, safely: bounded in length, nesting and size, and every node knows its place."""

from __future__ import annotations

import ast
import re

from .error import ConditionError

TEXT_MAX = 5_000
NODES_MAX = 1_500
DEPTH_MAX = 40
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")  # str.splitlines knows more line ends than Python's reader does.
_SINGLE_EQUALS = re.compile(r"(?<![=!<>])=(?!=)")
_EACH = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\#[^\r\n]*)|(?<=[\w\]])\[\s*\](?=\s*[.\[)\s=!<>,]|$)""")
"""`[]` after a name, which Python's reader does not know; quoted text and comments are passed over."""


class Source:
    """The text, and where it stands in its file (`line` and `column` of its first character)."""

    def __init__(self, text: str, line: int = 1, column: int = 1) -> None:
        self.text = text
        self._line = line
        self._column = column
        # `products[].price` is read as `products[:].price`; `_added` tells where our colons stand.
        self._python, self._added = _with_slices(text)
        self._lines = _LINE.findall(self._python) or [""]

    def expression(self) -> ast.expr:
        """Python's tree of the text. Raises ConditionError."""
        if len(self.text) > TEXT_MAX:
            raise self.wrong_at(
                TEXT_MAX, f"the condition has {len(self.text):,} characters; at most {TEXT_MAX:,} are taken"
            )
        if not self.text.strip():
            raise self.wrong_at(0, 'the condition is empty; write one, such as did("Order Completed", within="30d")')
        self._check_brackets()
        try:
            # In brackets, a line may end anywhere; the newline keeps a comment from swallowing the closing one.
            root = ast.parse(f"({self._python}\n)", mode="eval").body
        except SyntaxError as error:
            raise self._unreadable(error) from None
        except (ValueError, RecursionError, MemoryError):
            unreadable = "the condition cannot be read; it is nested too deeply, or holds characters that are no text"
            raise self.wrong_at(0, unreadable) from None
        self._check_size(root)
        return root

    def _check_brackets(self) -> None:
        """Refuse what would close our own bracket, and nesting that Python's reader would stumble over."""
        open_brackets: list[tuple[str, int]] = []
        quote, index = "", 0
        while index < len(self.text):
            character = self.text[index]
            if quote:
                if character == "\\":
                    index += 1
                elif character == quote:
                    quote = ""
                elif character in "\r\n":
                    raise self.wrong_at(index, f"the line ends within a text; close it with {quote}")
            elif character in "\"'":
                quote = character
            elif character == "#":
                index = self._end_of_line(index)
                continue
            elif character in "([{":
                open_brackets.append((character, index))
                if len(open_brackets) > DEPTH_MAX:
                    raise self.wrong_at(index, f"nested deeper than {DEPTH_MAX} levels; split it into segments")
            elif character in ")]}":
                if not open_brackets or open_brackets[-1][0] != _BRACKETS[character]:
                    raise self.wrong_at(index, f'"{character}" closes nothing')
                open_brackets.pop()
            index += 1
        if quote:
            raise self.wrong_at(len(self.text), f"the text ends within quotes; close it with {quote}")
        if open_brackets:
            raise self.wrong_at(open_brackets[-1][1], f'"{open_brackets[-1][0]}" is never closed')

    def _end_of_line(self, index: int) -> int:
        while index < len(self.text) and self.text[index] not in "\r\n":
            index += 1
        return index

    def _check_size(self, root: ast.expr) -> None:
        waiting: list[tuple[ast.AST, int]] = [(root, 1)]
        seen = 0
        while waiting:
            node, depth = waiting.pop()
            seen += 1
            if depth > DEPTH_MAX:
                raise self.wrong_at(
                    self._offset_near(node), f"nested deeper than {DEPTH_MAX} levels; split it into segments"
                )
            if seen > NODES_MAX:
                raise self.wrong_at(0, f"the condition has more than {NODES_MAX:,} parts; split it into segments")
            waiting.extend((child, depth + 1) for child in ast.iter_child_nodes(node))

    def _offset_near(self, node: ast.AST) -> int:
        return self.offset(node) if isinstance(node, (ast.expr, ast.keyword)) else 0

    def offset(self, node: ast.expr | ast.keyword) -> int:
        """How many characters stand before the node."""
        # Python counts columns in bytes of UTF-8, and our bracket is one of them on the first line.
        before = sum(len(line) for line in self._lines[: node.lineno - 1])
        if node.lineno > len(self._lines):
            return len(self.text)
        column = node.col_offset - (1 if node.lineno == 1 else 0)
        inside = len(self._lines[node.lineno - 1].encode()[: max(column, 0)].decode(errors="ignore"))
        return self._written_at(before + inside)

    def _written_at(self, offset: int) -> int:
        """Where the author wrote what Python's reader found at the offset."""
        return offset - sum(1 for added in self._added if added < offset)

    def written(self, node: ast.expr) -> str:
        """The node as the author wrote it, shortened."""
        text = " ".join((ast.get_source_segment(f"({self._python}\n)", node) or "").split())
        text = text.replace("[:]", "[]")
        return text if len(text) <= 60 else text[:57] + "…"

    def wrong(self, node: ast.expr | ast.keyword, message: str) -> ConditionError:
        return self.wrong_at(self.offset(node), message)

    def wrong_at(self, offset: int, message: str) -> ConditionError:
        before = self.text[:offset]
        line = len(_LINE.findall(f"{before}."))
        column = len(before) - max(before.rfind("\n"), before.rfind("\r"))
        return ConditionError(message, offset=offset, line=self._line + line - 1, column=self._column + column - 1)

    def _unreadable(self, error: SyntaxError) -> ConditionError:
        line, column = error.lineno or 1, (error.offset or 1) - 1
        if line == 1:
            column -= 1
        before = sum(len(part) for part in self._lines[: line - 1])
        offset = max(0, min(self._written_at(before + column), len(self.text)))
        if "assign" in error.msg or "==" in error.msg:
            single = _SINGLE_EQUALS.search(self.text, offset)
            offset = single.start() if single else offset
        if self.text[max(offset - 1, 0) : offset + 1] in ("&&", "||"):
            offset -= 1
        return self.wrong_at(offset, _syntax_message(self.text[offset:], error.msg))


def _with_slices(text: str) -> tuple[str, list[int]]:
    added: list[int] = []

    def slice_of(match: re.Match[str]) -> str:
        if match[1] is not None:
            return match[1]
        added.append(match.end() - 1 + len(added))
        return f"{match[0][:-1]}:]"

    return _EACH.sub(slice_of, text), added


def _syntax_message(rest: str, said: str) -> str:
    found = rest.split(maxsplit=1)[0][:20] if rest.strip() else "the end of the text"
    if rest.startswith("=") and not rest.startswith("=="):
        return 'found "="; to compare, write "=="'
    for wrong, right in (("&&", "and"), ("||", "or"), ("!", "not"), ("&", "and"), ("|", "or")):
        if rest.startswith(wrong):
            return f'found "{wrong}"; write "{right}"'
    if "invalid syntax" in said or "unexpected EOF" in said or "forget a comma" in said:
        shown = found if found == "the end of the text" else f'"{found}"'
        return f"cannot read on at {shown}; expected a comparison, a function such as count(…), and, or, not"
    return f"this is not an expression: {said}"
