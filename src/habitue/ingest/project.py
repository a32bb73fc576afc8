"""The settings clients fetch before they send: where to send to, and how to behave when they may not."""

from __future__ import annotations

from typing import Any

_HTTP_CONFIG: dict[str, Any] = {
    "rateLimitConfig": {"enabled": True, "maxRetryCount": 10, "maxRetryInterval": 300},
    "backoffConfig": {
        "enabled": True,
        "maxRetryCount": 10,
        "baseBackoffInterval": 0.5,
        "maxBackoffInterval": 60,
        "default4xxBehavior": "drop",
    },
}
"""Makes the mobile clients heed Retry-After and back off; without it they fall back to their old ways."""


def project_settings(write_key: str, api_host: str, protocol: str) -> dict[str, Any]:
    """`api_host` has no scheme and ends in `/v1`.

    Exactly one integration, or the browser client loads code for the others. Empty objects where Kotlin's model expects
    objects. A sample rate of 0 stops the client's own measurements.
    """
    return {
        "integrations": {
            "Segment.io": {
                "apiKey": write_key,
                "apiHost": api_host,
                "protocol": protocol,
                "addBundledMetadata": True,
                "httpConfig": _HTTP_CONFIG,
            }
        },
        "plan": {"track": {"__default": {"enabled": True, "integrations": {}}}},
        "edgeFunction": {},
        "middlewareSettings": {"routingRules": []},
        "enabledMiddleware": {},
        "metrics": {"sampleRate": 0},
        "legacyVideoPluginsEnabled": False,
        "remotePlugins": [],
        "analyticsNextEnabled": True,
        "consentSettings": {},
    }
