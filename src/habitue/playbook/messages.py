"""`messages/*.yaml`: what is to be said, on which channels, in templates."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

import yaml

from habitue.model.message import EmailContent, Message, OnsiteContent
from habitue.playbook.form import Field, Form, Page, Schema, Template, Values
from habitue.playbook.kinds import EVENT_PATH, Choice, Length, Name, Text, text_of
from habitue.playbook.problem import did_you_mean
from habitue.playbook.shop import Mailbox


@dataclass(frozen=True)
class LiquidText:
    """A Liquid template, in place. `field` is the place in the message it fills, such as `email.subject`."""

    field: str

    def read(self, node: yaml.Node, page: Page) -> str | None:
        text = text_of(node, page, "text")
        if text is not None:
            page.templates[self.field] = Template(text, page.file, node)
        return text

    def schema(self) -> Schema:
        return {"type": ["string", "number"]}


@dataclass(frozen=True)
class LiquidFile:
    """A Liquid template in place, or the name of a file beside this one when it ends in the suffix."""

    field: str
    suffix: str

    def read(self, node: yaml.Node, page: Page) -> str | None:
        if not isinstance(node, yaml.ScalarNode) or "\n" in node.value or not node.value.endswith(self.suffix):
            return LiquidText(self.field).read(node, page)
        path = posixpath.normpath(posixpath.join(posixpath.dirname(page.file), node.value))
        if path not in page.files:
            near = did_you_mean(path, (known for known in page.files if known.endswith(self.suffix)))
            page.problem(node, f'there is no file "{path}" in this playbook.{near}')
            return None
        page.templates[self.field] = Template(page.files[path], path)
        return page.files[path]

    def schema(self) -> Schema:
        return {"type": "string", "minLength": 1}


EMAIL = Form(
    "the e-mail",
    (
        Field("subject", LiquidText("email.subject"), "The subject line. Liquid.", required=True),
        Field(
            "mjml",
            LiquidFile("email.mjml", ".mjml"),
            "The e-mail in MJML with Liquid: in place, or a file such as cart.mjml.",
            required=True,
        ),
        Field("preheader", LiquidText("email.preheader"), "What mail programs show beside the subject. Liquid."),
        Field(
            "text",
            LiquidFile("email.text", ".txt"),
            "The plain-text part: in place, or a .txt file. Made from the e-mail when left out.",
        ),
        Field("from", Mailbox(), "Another sender than the channel's."),
        Field("reply_to", Mailbox(), "Where answers go."),
    ),
    lambda values: EmailContent(
        subject=values["subject"],
        mjml=values["mjml"],
        sender=values.get("from"),
        **values.given("preheader", "text", "reply_to"),
    ),
)

ONSITE = Form(
    "the on-site piece",
    (
        Field("type", Choice(("banner", "popup")), "A bar at the edge of the page, or a card over it.", required=True),
        Field("title", LiquidText("onsite.title"), "Its first line. Liquid.", required=True),
        Field("body", LiquidText("onsite.body"), "A sentence or two. Liquid."),
        Field("button", LiquidText("onsite.button"), "The button's words. Liquid."),
        Field("url", LiquidText("onsite.url"), "Where the button leads. Liquid."),
        Field("image", LiquidText("onsite.image"), "The address of a picture. Liquid."),
    ),
    lambda values: OnsiteContent(**values),
)


def _message(values: Values) -> Message | None:
    page = values.page
    if "email" not in values and "onsite" not in values:
        page.problem(values.node, 'a message needs something to say: the field "email" or "onsite", or both')
        return None
    onsite = values.get("onsite")
    if onsite is not None and bool(onsite.button) != bool(onsite.url):
        values.problem("onsite", 'a button needs a "url" to lead to, and a "url" a "button" to press')
        return None
    for channel in ("email", "onsite"):
        if channel in values:
            page.mention("channel", channel, values.nodes[channel])
    return Message(
        name=values["message"],
        **values.given("title", "topic", "kind", "ttl", "about", "duplicate_within", "email", "onsite"),
    )


MESSAGE = Form(
    "a message",
    (
        Field("message", Name(), "The message's name; journeys send it by this name.", required=True),
        Field("title", Text(), "What the console calls it.", required=True),
        Field(
            "topic",
            Name(refers="topic"),
            "The topic it belongs to; whoever refuses the topic does not get it.",
            required=True,
        ),
        Field(
            "kind",
            Choice(("offer", "news", "transactional")),
            "transactional messages skip consent, caps and quiet hours. Default offer.",
        ),
        Field("ttl", Length(), "How long it is worth sending; held longer than this, it is dropped. Default 1d."),
        Field("about", EVENT_PATH, "What makes two of it the same, such as event.product_id."),
        Field("duplicate_within", Length(), "Not twice about the same thing within this time. Default 1d."),
        Field("email", EMAIL, "What it says by e-mail."),
        Field("onsite", ONSITE, "What it says on the shop's page."),
    ),
    _message,
)
