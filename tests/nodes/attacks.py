"""What one county may try with a real credential: groups of attempts, each a subject, a body, a reply, headers."""

from typing import NamedTuple

from contracts.node import token_subject
from tests.nodes.conftest import COUNTY, SIBLING
from tests.nodes.scene import READER, THEIRS

UP = "up.API"
COMMAND = f"duban.cmd.v1.report.{COUNTY}"
NEXT = f"{UP}.CONSUMER.MSG.NEXT.EVENTS.{READER}"
TOKEN = token_subject(COUNTY)
ACK = f"$JS.ACK.EVENTS.{READER}.1.1.1.0.0"
OWN, FOREIGN, ALL = f"{COUNTY}.000.gov", f"{SIBLING}.000.gov", "14.00.00.000.all"


class Attempt(NamedTuple):
    """One message, published as it stands; `answered`: an answer is asked for at an inbox of its own."""

    subject: str
    body: bytes = b"{}"
    reply: str = ""
    headers: dict[str, str] | None = None
    answered: bool = False

    def __str__(self) -> str:
        reply = f", reply {self.reply}" if self.reply else ""
        return f"{self.subject} {self.body[:60].decode()}{reply} {self.headers or ''}"


SUBSCRIPTIONS = [
    *(">", "duban.>", "duban.evt.v1.>", f"duban.evt.v1.*.*.{SIBLING}.>", f"duban.evt.v1.*.*.{ALL}", "duban.cmd.>"),
    *(
        f"duban.cmd.v1.*.{SIBLING}",
        "duban.token.>",
        token_subject(SIBLING),
        "duban.rpc.>",
        "_INBOX.>",
        "_INBOX_tasks.>",
        "_INBOX_portal.>",
        "$JS.>",
        "$JS.API.>",
    ),
    *("$JS.EVENT.ADVISORY.>", "$JS.ACK.>", "$JS.FC.>", "$SYS.>", "$SYS.ACCOUNT.>", "$KV.>", "$O.>", "duban.handled.>"),
    *("duban.poke.>", "duban.progress.>", "duban.refill.>", "*.*.*.*", "*.*.*", "_R_.>", "_GR_.>", "up.>"),
]
QUEUES = [
    ("duban.token.v1.>", "portal"),
    ("duban.rpc.v1.tasks.read", "tasks"),
    ("duban.rpc.>", "portal"),
    (">", "alerts"),
    ("_INBOX.>", "q"),
]

VERBS: dict[str, bytes] = {
    "INFO": b"",
    "STREAM.NAMES": b"",
    "STREAM.LIST": b"",
    "STREAM.INFO.EVENTS": b"",
    "STREAM.INFO.COMMANDS": b"",
    "STREAM.DELETE.EVENTS": b"",
    "STREAM.PURGE.EVENTS": b"",
    "STREAM.PURGE.COMMANDS": b"",
    "STREAM.UPDATE.EVENTS": b'{"name":"EVENTS"}',
    "STREAM.CREATE.MINE": b'{"name":"MINE","subjects":["duban.evt.v1.>"]}',
    "STREAM.CREATE.TAP": b'{"name":"TAP","sources":[{"name":"EVENTS"}]}',
    "STREAM.MSG.GET.EVENTS": b'{"seq":1}',
    "STREAM.MSG.DELETE.EVENTS": b'{"seq":1}',
    "STREAM.SNAPSHOT.EVENTS": b'{"deliver_subject":"x"}',
    "STREAM.RESTORE.EVENTS": b'{"config":{"name":"EVENTS"},"state":{}}',
    "STREAM.LEADER.STEPDOWN.EVENTS": b"",
    "DIRECT.GET.EVENTS": b'{"seq":1}',
    f"DIRECT.GET.EVENTS.duban.evt.v1.assignment.issued.{FOREIGN}": b"",
    "CONSUMER.NAMES.EVENTS": b"",
    "CONSUMER.LIST.EVENTS": b"",
    f"CONSUMER.INFO.EVENTS.{READER}": b"",
    f"CONSUMER.INFO.EVENTS.{THEIRS}": b"",
    "CONSUMER.INFO.EVENTS.alerts": b"",
    "CONSUMER.MSG.NEXT.EVENTS.alerts": b"1",
    f"CONSUMER.MSG.NEXT.EVENTS.{THEIRS}": b"1",
    "CONSUMER.MSG.NEXT.EVENTS.*": b"1",
    "CONSUMER.MSG.NEXT.COMMANDS.tasks": b"1",
    f"CONSUMER.DELETE.EVENTS.{READER}": b"",
    f"CONSUMER.DELETE.EVENTS.{THEIRS}": b"",
    "CONSUMER.DELETE.EVENTS.alerts": b"",
    f"CONSUMER.RESET.EVENTS.{READER}": b"",
    f"CONSUMER.RESET.EVENTS.{THEIRS}": b"",
    "CONSUMER.RESET.EVENTS.alerts": b"",
    "CONSUMER.PAUSE.EVENTS.alerts": b'{"pause_until":"2037-01-01T00:00:00Z"}',
    f"CONSUMER.UNPIN.EVENTS.{READER}": b"{}",
    "CONSUMER.CREATE.EVENTS": b'{"stream_name":"EVENTS","config":{"ack_policy":"none"}}',
    f"CONSUMER.CREATE.EVENTS.{READER}": b'{"stream_name":"EVENTS","config":{"durable_name":"%b"}}' % READER.encode(),
    f"CONSUMER.DURABLE.CREATE.EVENTS.{READER}": b'{"stream_name":"EVENTS","config":{"durable_name":"%b"}}'
    % READER.encode(),
    f"CONSUMER.CREATE.EVENTS.push.{'duban.evt.v1.>'}": b'{"stream_name":"EVENTS","config":{"name":"push",'
    b'"deliver_subject":"x","filter_subject":"duban.evt.v1.>"}}',
    "META.LEADER.STEPDOWN": b"",
    "ACCOUNT.PURGE.$G": b"",
    "SERVER.REMOVE": b"{}",
}


def api() -> list[Attempt]:
    """JetStream's API under its own name, under the imported prefix, and under what a domain would be called."""
    prefixes = ("$JS.API", UP, "$JS.duban-local.API")
    streams = {verb: body for verb, body in VERBS.items() if not verb.startswith("CONSUMER")}
    return [
        Attempt(f"{prefix}.{verb}", body, answered=True)
        for prefix in prefixes
        for verb, body in (streams if prefix == prefixes[2] else VERBS).items()
    ]


def system(province: str, own_account: str) -> list[Attempt]:
    """The server's own subjects; `own_account`: the JWT of the county's account, which it does not have."""
    subjects = ["SERVER.PING", "ACCOUNT.PING.CONNZ", "USER.INFO", "CLAIMS.LIST", "CLAIMS.PACK", "SERVER.PING.KICK"]
    subjects += [f"ACCOUNT.{province}.{what}" for what in ("CONNZ", "JSZ", "INFO", "SUBSZ", "CLAIMS.LOOKUP")]
    subjects += ["CLAIMS.DELETE", f"ACCOUNT.{province}.CLAIMS.UPDATE"]
    update = Attempt("$SYS.REQ.CLAIMS.UPDATE", own_account.encode(), answered=True)
    return [*(Attempt(f"$SYS.REQ.{subject}", b"", answered=True) for subject in subjects), update]


def publications() -> list[Attempt]:
    """Events, questions, signals, acknowledgements and answers that are not its own."""
    subjects = [
        *(f"duban.evt.v1.light.changed.{OWN}", f"duban.evt.v1.assignment.noted.{OWN}"),
        *(
            f"duban.evt.v1.assignment.issued.{FOREIGN}",
            f"duban.evt.v1.policy.published.{ALL}",
            "duban.rpc.v1.tasks.close",
        ),
        *("duban.rpc.v1.search.search", "duban.handled.portal", "duban.poke.tasks", "duban.refill.tasks"),
        *("duban.progress.x", "duban.renewed.tasks", "_INBOX_portal.forged", "_INBOX.forged", "$JS.EVENT.ADVISORY.x"),
        *("$JS.FC.EVENTS.alerts.x", "$SYS.x", "$JS.ACK.EVENTS.alerts.1.1.1.0.0", "$JS.ACK.EVENTS.ranking.1.15.15.0.0"),
        *(f"$JS.ACK.EVENTS.{THEIRS}.1.1.1.0.0", "$JS.ACK.COMMANDS.tasks.1.1.1.0.0", "_R_.abcdef.1", "_GR_.x"),
        *("$JS.ACK._.x.EVENTS.alerts.1.1.1.0.0.x", "$KV.x.y", "$O.x", "up.x", f"{UP}.STREAM.DELETE.EVENTS"),
    ]
    return [Attempt(subject, b"+ACK" if "ACK" in subject else b"{}") for subject in subjects]


def commands() -> list[Attempt]:
    """Commands and requests for tokens of others, of other tiers, of units below, with other verbs, other prefixes."""
    places = [SIBLING, "14.10.00", "14.10.03", "14.00.00", "14.10.0*", OWN, f"{COUNTY}.", f"{COUNTY}.>", "*", ">"]
    verbs = [
        "register",
        "close",
        "decide_request",
        "import_ledger",
        "register_person",
        "publish",
        "sign",
        "nosuchverb",
        "*",
    ]
    subjects = [f"duban.cmd.v1.report.{place}" for place in places] + [f"duban.cmd.v1.{v}.{COUNTY}" for v in verbs]
    subjects += [f"duban.token.v1.{place}" for place in places]
    subjects += [f"duban.token.v2.{COUNTY}", "duban.token.v1", f"up.{TOKEN}", f"prov.{TOKEN}", f"duban.rpc.{TOKEN}"]
    subjects += [f"duban.cmd.v2.report.{COUNTY}", f"up.{COMMAND}", f"prov.{COMMAND}", f"{UP}.{COMMAND}"]
    return [Attempt(subject, answered=True) for subject in subjects]


REPLIES = [
    *("$JS.API.STREAM.DELETE.EVENTS", "$JS.API.STREAM.PURGE.COMMANDS", "$JS.API.CONSUMER.DELETE.EVENTS.ranking"),
    *("$JS.API.CONSUMER.RESET.EVENTS.alerts", f"duban.evt.v1.assignment.issued.{FOREIGN}"),
    *(f"duban.evt.v1.light.changed.{OWN}", f"duban.evt.v1.policy.published.{ALL}", f"duban.cmd.v1.report.{SIBLING}"),
    *(f"duban.cmd.v1.register.{COUNTY}", "duban.rpc.v1.tasks.close", "duban.handled.portal", "_INBOX_portal.x"),
    *("_INBOX.x", "$JS.ACK.EVENTS.alerts.1.1.1.0.0", f"$JS.ACK.EVENTS.{THEIRS}.1.1.1.0.0", "$JS.FC.EVENTS.alerts.x"),
    *("$SYS.REQ.SERVER.PING", "_R_.x", f"{UP}.CONSUMER.MSG.NEXT.EVENTS.{THEIRS}", f"{UP}.STREAM.DELETE.EVENTS"),
]
ROADS = [
    (COMMAND, b"{}"),
    (TOKEN, b"{}"),
    (NEXT, b'{"batch":1,"no_wait":true}'),
    (ACK, b"+ACK"),
    (ACK, b"+NXT"),
    (ACK, b"+TERM"),
]


def replies() -> list[Attempt]:
    """Every subject that an import takes, with every reply that would hurt; and answers that lead back to a request."""
    chains = [(COMMAND, NEXT), (COMMAND, COMMAND), (NEXT, COMMAND), (NEXT, NEXT), (ACK, COMMAND), (COMMAND, ACK)]
    chains += [(TOKEN, COMMAND), (TOKEN, NEXT), (TOKEN, TOKEN), (TOKEN, ACK), (COMMAND, TOKEN), (NEXT, TOKEN)]
    return [Attempt(road, body, reply) for road, body in ROADS for reply in REPLIES] + [
        Attempt(road, b'{"batch":1,"no_wait":true}', reply) for road, reply in chains
    ]


def answered_with_an_event() -> list[Attempt]:
    """A request that a real event of its own answers, sent on to somebody else."""
    return [Attempt(NEXT, b'{"batch":1}', reply) for reply in REPLIES]


HEADERS = [
    {"Nats-Expected-Stream": "EVENTS"},
    {"Nats-Rollup": "all"},
    {"Nats-Rollup": "sub"},
    {"Nats-TTL": "1s"},
    {"Nats-Batch-Id": "b", "Nats-Batch-Sequence": "1"},
    {"Nats-Batch-Id": "b", "Nats-Batch-Sequence": "1", "Nats-Batch-Commit": "1"},
    {"Nats-Incr": "5"},
    {"Nats-Msg-Id": "x" * 5000},
    {"Nats-Stream-Source": "EVENTS:x:y 1 > > a b"},
    {"Nats-Schedule": "@at 2020-01-01T00:00:00Z", "Nats-Schedule-Target": f"duban.cmd.v1.report.{SIBLING}"},
    {"Nats-Required-Api-Level": "9"},
    {"Nats-Request-Info": '{"acc":"PROV"}'},
    {"Nats-Subject": f"duban.cmd.v1.report.{SIBLING}", "ce-subject": "assignment/x"},
    {"Nats-Expected-Last-Sequence": "1"},
    {"Status": "409", "Description": "Consumer Deleted"},
    {"Status": "404"},
    {"Status": "100"},
    {"traceparent": "a-b-c-\0"},
    {"traceparent": "-" * 60_000},
    {"duban-lane": "bulk"},
]


def headers() -> list[Attempt]:
    """A command of its own with headers that mean something to a stream."""
    return [Attempt(COMMAND, b"{}", headers=head, answered=True) for head in HEADERS]
