"""The two streams of a node, as this version wants them."""

from contracts.envelope import COMMAND_STREAM, COMMANDS, EVENT_STREAM, EVENTS, QUEUED

SECOND = 1_000_000_000


def streams(replicas: int) -> tuple[dict[str, object], ...]:
    """Their configurations, the stream of events last: where that one is, both are."""
    return commands() | {"num_replicas": replicas}, events() | {"num_replicas": replicas}


def events() -> dict[str, object]:
    """All events, for ever: a rebuild reads them from the first."""
    return {
        "name": EVENT_STREAM,
        "subjects": [f"{EVENTS}.>"],
        "max_age": 0,
        "duplicate_window": 120 * SECOND,
        "discard": "new",
        "allow_atomic": True,
        "deny_delete": True,
        "deny_purge": True,
        "compression": "none",  # a compressed block that a killed server writes on is never read again
        "max_msg_size": 262_144,
        "max_consumers": 1_000,
    }


def commands() -> dict[str, object]:
    """The nodes' commands until each is answered, however long that takes: one that no longer fits is refused at its
    sender, and none is dropped in silence."""
    return {
        "name": COMMAND_STREAM,
        "subjects": [f"{COMMANDS}.>"],
        "retention": "workqueue",
        "duplicate_window": SECOND // 10,  # the least there is: a repeat is answered, and no foreign id is taken first
        "discard": "new",
        "discard_new_per_subject": True,
        "max_msgs_per_subject": QUEUED,
        "max_bytes": 268_435_456,  # what waits is read into memory
        "max_msg_size": 65_536,
    }
