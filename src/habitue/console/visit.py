"""A visit: one request of one person to one page, with everything a page needs to answer it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from habitue.console import addresses, wording
from habitue.console.accounts import User
from habitue.console.discretion import FEWEST, DiscreetPast, coarse_chart
from habitue.console.drafts import Draft
from habitue.console.figures import Figures
from habitue.console.gate import POLICY
from habitue.console.pages import PAGES
from habitue.console.ports import Past, Services
from habitue.console.roles import OWNERS, WITH_ENGINE, WITH_FIGURES, WITH_PEOPLE, WITH_PLAYBOOK, Role
from habitue.console.templates import TEMPLATES
from habitue.errors import HabitueError
from habitue.model.customer import Customer
from habitue.model.instant import Instant, to_iso
from habitue.playbook.playbook import Playbook, Shop

_DECODER = msgspec.msgpack.Decoder(Customer)
_NO_SHOP = Shop(name="your shop")
TAG_HEADER = "X-Tag"


class NotThere(HabitueError):
    """There is no such page, person, segment, journey or message."""


class Visit:
    """What a page's handler is given. `form` holds a POST's fields; its token was checked before."""

    def __init__(
        self, request: Request, services: Services, user: User | None, form_token: str, form: Mapping[str, str]
    ) -> None:
        self.request = request
        self.services = services
        self.user = user
        self.form_token = form_token
        self.form = form
        self.now: Instant = services.clock.now()
        self._people: dict[str, Customer | None] = {}

    @cached_property
    def playbook(self) -> Playbook | None:
        """The newest version; None before the first was applied."""
        versions = self.services.playbooks.playbooks()
        return self.services.load_playbook(int(versions[0]["version"])) if versions else None

    @cached_property
    def book(self) -> Playbook:
        """The newest playbook, or an empty one before the first was applied."""
        return self.playbook or Playbook(name="", shop=_NO_SHOP)

    @cached_property
    def draft(self) -> Draft | None:
        """What is being edited and not in force yet."""
        return self.services.drafts.get()

    @cached_property
    def edited(self) -> Playbook:
        """The playbook as the draft has it; without a draft, the one in force."""
        return self.services.drafts.playbook(self.draft) if self.draft is not None else self.book

    @cached_property
    def figures(self) -> Figures:
        return Figures(self.book.shop, self.now, fewest=0 if self.may_know else FEWEST)

    @property
    def may_know(self) -> bool:
        """Whether who visits may see who somebody is. A stranger sees no figures either."""
        return self.user is None or self.may(WITH_PEOPLE)

    @property
    def past(self) -> Past:
        """The past as who visits may ask it."""
        services = self.services
        return services.past if self.may_know else DiscreetPast(services.past, services.identifying)

    @cached_property
    def words(self) -> wording.Words:
        return wording.Words(self.book, self.figures)

    @property
    def is_fragment(self) -> bool:
        """Whether htmx asks for a part of the page only; going back in history it wants the whole."""
        headers = self.request.headers
        return headers.get("hx-request") == "true" and headers.get("hx-history-restore-request") != "true"

    def query(self, name: str) -> str:
        """A parameter of the address, cut to a length no honest filter reaches."""
        return self.request.query_params.get(name, "").replace("\x00", "")[:500]

    def query_number(self, name: str) -> int | None:
        text = self.query(name)
        # Sequence numbers are SQLite integers: eighteen digits always fit.
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None

    def part(self, name: str) -> str:
        return str(self.request.path_params[name])

    def person(self, customer: str) -> Customer | None:
        """A customer by id, tombstones included; looked up once per visit."""
        if customer not in self._people:
            state = self.services.view.person(customer)
            self._people[customer] = _DECODER.decode(state) if state is not None else None
        return self._people[customer]

    def may(self, roles: frozenset[Role]) -> bool:
        """Whether the one who visits has one of these roles."""
        return self.user is not None and self.user.role in roles

    def name(self, customer: str) -> str:
        """How a person is called; for those who may not know, by the end of her id."""
        if not self.may(WITH_PEOPLE):
            return f"Person {customer[-6:]}"
        return wording.name_of(self.person(customer), customer)

    def page(self, template: str, *, status: int = 200, **given: Any) -> Response:
        """A whole page, or one of its parts."""
        body = TEMPLATES.get_template(template).render(self._context(given))
        pictures = addresses.origin(self.book.shop.url)
        policy = POLICY.format(pictures=f" {pictures}" if pictures else "")
        return HTMLResponse(body, status_code=status, headers={"Content-Security-Policy": policy})

    def live(self, template: str, **given: Any) -> Response:
        """A part that is asked for again and again: nothing is sent while it stays the same as what the page shows.

        So what a person has unfolded or selected is left alone until there is news.
        """
        body = TEMPLATES.get_template(template).render(self._context(given))
        tag = blake2b(body.encode(), digest_size=8).hexdigest()
        headers = {TAG_HEADER: tag, "X-Now": to_iso(self.now)}
        if self.request.headers.get(TAG_HEADER) == tag:
            return Response(status_code=204, headers=headers)
        return HTMLResponse(body, headers=headers)

    def data(self, answer: Any) -> Response:
        """For a page's own script."""
        return Response(msgspec.json.encode(answer), media_type="application/json")

    def redirect(self, address: str) -> Response:
        return RedirectResponse(address, status_code=303)

    def _context(self, given: dict[str, Any]) -> dict[str, Any]:
        figures = self.figures
        return {
            "visit": self,
            "to": addresses.to,
            "BASE": addresses.BASE,
            "PAGES": [page for page in PAGES if self.may(page.roles)],
            "may": self.may,
            "WITH_PEOPLE": WITH_PEOPLE,
            "OWNERS": OWNERS,
            "WITH_ENGINE": WITH_ENGINE,
            "WITH_PLAYBOOK": WITH_PLAYBOOK,
            "WITH_FIGURES": WITH_FIGURES,
            "user": self.user,
            "form_token": self.form_token,
            "playbook": self.playbook,
            "has_draft": lambda: self.draft is not None,
            "shop": self.book.shop,
            "figures": figures,
            "words": self.words,
            "now_iso": to_iso(self.now),
            "when": figures.when,
            "ago": figures.ago,
            "number": figures.number,
            "exact": figures.exact,
            "FEWEST": FEWEST,
            "money": figures.money,
            "price": figures.price,
            "percent": figures.percent,
            **(given if self.may_know else {name: coarse_chart(value) for name, value in given.items()}),
        }


Handler = Callable[[Visit], Response]


@dataclass(frozen=True, slots=True)
class Door:
    """An address, who answers there, and for whom. `public` doors open without signing in."""

    path: str
    handler: Handler
    roles: frozenset[Role]
    method: Literal["GET", "POST"] = "GET"
    public: bool = False
