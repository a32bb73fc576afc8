"""Follows the log: prints what came in since the last time, and remembers where it stopped in a file.

HABITUE_ADDRESS=http://127.0.0.1:8080 HABITUE_API_KEY=hab_… python follow_events.py place.txt
"""

import os
import sys
from pathlib import Path

from habitue_client import Client


def main(place: Path) -> None:
    cursor = place.read_text() if place.exists() else None
    with Client(os.environ["HABITUE_ADDRESS"], os.environ["HABITUE_API_KEY"]) as habitue:
        while True:
            page = habitue.event_page(cursor)
            for event in page.data:
                print(event.occurred_at.isoformat(), event.name, event.user_id or event.anonymous_id or "")
            cursor = page.resume
            if cursor is not None:
                place.write_text(cursor)
            if page.next is None:
                return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
