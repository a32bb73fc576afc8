"""From an effect to what is said: finds the message in the version the run is pinned to, compiles it once, fills it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from habitue.errors import RenderFailed
from habitue.model.effect import Effect
from habitue.model.instant import Instant
from habitue.model.occasion import of_send
from habitue.model.rendered import Rendered
from habitue.playbook.playbook import Playbook

from .compiled import CompiledMessage, compile_message
from .data import frame_for
from .email import render_email
from .hearsay import believed
from .links import Links
from .onsite import render_onsite
from .ports import Catalog

COMPILED_MAX = 500


class Renderer:
    """Implements `run.ports.Content`. `playbooks` gives a version's playbook, or None where it is not known."""

    def __init__(self, playbooks: Callable[[int], Playbook | None], catalog: Catalog, links: Links) -> None:
        self._playbooks = playbooks
        self._catalog = catalog
        self._links = links
        self._compiled: OrderedDict[tuple[int, str], CompiledMessage] = OrderedDict()
        self._lock = Lock()

    def render(self, effect: Effect, now: Instant) -> Rendered:
        """Raises RenderFailed when the template cannot be made into a message for this person."""
        compiled = self.compiled(effect.version, effect.message)
        frame = frame_for(effect.data, compiled.shop, self._catalog, now)
        data = believed(effect.data, frame)
        match effect.channel:
            case "email":
                return render_email(compiled, data, self._links, of_send(effect), frame)
            case "onsite":
                return render_onsite(compiled, data, frame)
            case other:
                raise RenderFailed(f'the message "{effect.message}" cannot be written for the channel "{other}"')

    def compiled(self, version: int, message: str) -> CompiledMessage:
        """Compiling takes some ten milliseconds, filling one; so the compiled form is kept."""
        key = (version, message)
        with self._lock:
            if known := self._compiled.get(key):
                self._compiled.move_to_end(key)
                return known
            made = self._compile(version, message)
            self._compiled[key] = made
            while len(self._compiled) > COMPILED_MAX:
                self._compiled.popitem(last=False)
            return made

    def _compile(self, version: int, message: str) -> CompiledMessage:
        playbook = self._playbooks(version)
        if playbook is None:
            raise RenderFailed(f"the playbook version {version} is not there any more")
        if message not in playbook.messages:
            raise RenderFailed(f'the playbook version {version} has no message "{message}"')
        return compile_message(playbook.messages[message], playbook)
