"""Segment's client for browsers as its `<script>` snippet loads it: served from here, the file itself unchanged."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

CLIENT = "analytics-next-1.84.3"

_HERE = """\
(function(script){
  var name=script&&script.getAttribute("data-global-segment-analytics-key")||"analytics",list=window[name];
  if(script&&list&&!list._cdn)list._cdn=script.src.split("/analytics.js/v1/")[0];
})(document.currentScript);
"""
"""Tells the client where it came from, which it finds out by itself only over https."""


@cache
def script() -> bytes:
    """What `analytics.min.js` answers. The same for every key: the client finds its key in the page."""
    folder = files("habitue.ingest").joinpath(f"static/vendor/{CLIENT}")
    return _HERE.encode() + folder.joinpath("standalone.js").read_bytes()


@cache
def bundles() -> dict[str, bytes]:
    """The parts that the client loads when it needs them, by name."""
    folder = files("habitue.ingest").joinpath(f"static/vendor/{CLIENT}/bundles")
    return {part.name: part.read_bytes() for part in folder.iterdir() if part.name.endswith(".js")}
