"""What an alarm can be about: the closed list, each kind with what it means and what to do."""

from __future__ import annotations

from typing import NamedTuple


class AlarmKind(NamedTuple):
    """`halts`: while one of these stands the system does not do its whole work, and `/readyz` answers 503."""

    title: str
    advice: str
    halts: bool = False


ALARM_KINDS: dict[str, AlarmKind] = {
    "disk_low": AlarmKind(
        "The disk is nearly full.",
        "Make room, or move the data directory to a larger disk; below the last reserve, events are refused.",
    ),
    "disk_full": AlarmKind(
        "The disk is full: events are refused until there is room.",
        "Make room. Nothing that was answered for is lost; clients send again and everything goes on by itself.",
        halts=True,
    ),
    "clock_jumped": AlarmKind(
        "The machine's clock jumped: nothing is decided or sent until it is right.",
        "Set the clock right, or say that it is right now with `habitue clock accept`.",
        halts=True,
    ),
    "file_damaged": AlarmKind(
        "A file of the data directory is damaged.",
        "Stop, keep a copy, look after the disk, and bring the newest backup back with `habitue restore`.",
        halts=True,
    ),
    "file_missing": AlarmKind(
        "A file that cannot be made anew is gone.",
        "Bring it back from the newest backup with `habitue restore`, or put it back where it was.",
        halts=True,
    ),
    "files_readable": AlarmKind(
        "Files of the data directory can be read by other accounts of this machine.",
        "Take the rights away: `chmod -R go= DIR`, with the data directory for DIR.",
    ),
    "process_failing": AlarmKind(
        "A process ends again and again.",
        "Read its last lines on standard error; `habitue doctor` looks at everything it needs.",
    ),
    "backup_old": AlarmKind(
        "The newest backup is older than it should be.",
        "Make one with `habitue backup DIR`, and look why the last one did not come.",
    ),
    "channel_rests": AlarmKind(
        "A channel rests, since its provider refuses our set-up.",
        "Correct its settings, or the account with the provider; messages wait, and then go by themselves.",
    ),
    "many_refusals": AlarmKind(
        "Many different recipients in a row were refused.",
        "Read the answers with `habitue deliveries --state failed`; the sender may be on a block list.",
    ),
    "many_addresses": AlarmKind(
        "One source brings more new addresses than people would.",
        "Look who uses the key, and withdraw it with `habitue key revoke` if it is abused.",
    ),
    "many_guesses": AlarmKind(
        "Many wrong passwords were tried at the console.",
        "Look at where they come from, and shut the console to that network; accounts stay open to their owners.",
    ),
    "secret_key_in_a_page": AlarmKind(
        "A secret key stands in a page, where anybody can read it.",
        "Make a key of kind browser for the pages and another for the server, then withdraw this one.",
    ),
    "prices_held": AlarmKind(
        "Prices fell by more than is likely, and wait for an answer.",
        "Look at the feed or the file they came from, then let them in or refuse them.",
    ),
    "products_held": AlarmKind(
        "A feed left out more products than it may.",
        "Look at the feed; `habitue catalog feed fetch NAME --force` takes it as it is.",
    ),
    "test": AlarmKind("This is a test.", "Nothing: an operator asked for it with `habitue alarms test`."),
}
"""A kind nobody wrote down here is kept all the same: who reports trouble must not fall over it. Tests refuse it."""

UNLISTED = AlarmKind("Something is wrong.", "Read the detail.")


def kind_of(name: str) -> AlarmKind:
    return ALARM_KINDS.get(name, UNLISTED)
