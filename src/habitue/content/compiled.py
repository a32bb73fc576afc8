"""A message compiled once per playbook version: parsed templates, ready to be filled for each person."""

from __future__ import annotations

from dataclasses import dataclass

from liquid import BoundTemplate
from liquid.exceptions import LiquidError

from habitue.errors import RenderFailed
from habitue.model.instant import WEEK, Span
from habitue.model.message import EmailContent, Message, OnsiteContent
from habitue.playbook.playbook import Playbook, Shop

from .check import asks_to_confirm
from .environment import HTML, TEXT, ShopEnvironment, parse, where
from .mjml import compile_marked


@dataclass(frozen=True, slots=True)
class CompiledEmail:
    subject: BoundTemplate
    html: BoundTemplate
    is_marked: bool
    """The HTML's addresses are marked; else each letter is walked for them."""
    text: BoundTemplate | None
    sender: BoundTemplate
    reply_to: BoundTemplate
    confirm_within: Span | None = None
    """How long the link is good by which she confirms her consent; None where the e-mail has no such link."""


@dataclass(frozen=True, slots=True)
class CompiledOnsite:
    type: str
    title: BoundTemplate
    body: BoundTemplate
    button: BoundTemplate
    url: BoundTemplate
    image: BoundTemplate


@dataclass(frozen=True, slots=True)
class CompiledMessage:
    message: Message
    shop: Shop
    email: CompiledEmail | None
    onsite: CompiledOnsite | None


def compile_message(message: Message, playbook: Playbook) -> CompiledMessage:
    """Parse every template and turn the MJML into HTML. Raises RenderFailed naming the field and the line."""
    return CompiledMessage(
        message=message,
        shop=playbook.shop,
        email=_compile_email(message.email, playbook) if message.email else None,
        onsite=_compile_onsite(message.onsite) if message.onsite else None,
    )


def _compile_email(email: EmailContent, playbook: Playbook) -> CompiledEmail:
    channel = playbook.channels.get("email")
    sender = email.sender or (channel.sender if channel else "")
    reply_to = email.reply_to or (channel.reply_to if channel else "")
    html = compile_marked(email.mjml, email.preheader)
    return CompiledEmail(
        subject=_parse(TEXT, email.subject, "subject"),
        html=_parse(HTML, html.template, "html"),
        is_marked=html.is_marked,
        text=_parse(TEXT, email.text, "text") if email.text is not None else None,
        sender=_parse(TEXT, sender, "from"),
        reply_to=_parse(TEXT, reply_to, "reply_to"),
        confirm_within=(channel.confirm_within if channel else WEEK) if asks_to_confirm(email) else None,
    )


def _compile_onsite(onsite: OnsiteContent) -> CompiledOnsite:
    # Plain text: the page's script sets it as text, never as markup.
    return CompiledOnsite(
        type=onsite.type,
        title=_parse(TEXT, onsite.title, "title"),
        body=_parse(TEXT, onsite.body, "body"),
        button=_parse(TEXT, onsite.button, "button"),
        url=_parse(TEXT, onsite.url, "url"),
        image=_parse(TEXT, onsite.image, "image"),
    )


def _parse(environment: ShopEnvironment, text: str, field: str) -> BoundTemplate:
    try:
        return parse(environment, text)
    except LiquidError as error:
        raise RenderFailed(f"{field}{where(error)}: {error.message}") from error
