"""What an operator sees; labels are service, event, command, job, lane, reason, and nothing that grows."""

from prometheus_client import Counter, Gauge, Histogram

QUICK = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10)

MESSAGES = Counter("duban_messages_total", "Events taken from the stream", ["service", "event", "reason"])
GAPS = Counter("duban_inbox_gaps_total", "Versions of an aggregate that never came", ["service", "event"])
BATCH = Histogram("duban_inbox_batch_seconds", "One batch, one transaction", ["service"], buckets=QUICK)
LAG = Gauge("duban_inbox_lag", "Events that wait for this service", ["service"])
DEAD = Counter("duban_dead_letters_total", "Events parked because they could not be handled", ["service", "event"])
DEAD_WAITING = Gauge("duban_dead_letters_waiting", "Events parked, and neither retried nor dropped", ["service"])
COMMANDS = Histogram("duban_command_seconds", "One command, answered", ["service", "event"], buckets=QUICK)
REFUSALS = Counter("duban_refusals_total", "Commands refused", ["service", "event", "reason"])
PUBLISHED = Counter("duban_outbox_published_total", "Events the stream acknowledged", ["service"])
COMMANDS_WAITING = Gauge("duban_command_queue_waiting", "Nodes' commands that wait for this service", ["service"])
COMMAND_AGE = Gauge("duban_command_queue_oldest_age_seconds", "Age of the oldest of these", ["service"])
OUTBOX_AGE = Gauge("duban_outbox_oldest_age_seconds", "Age of the oldest unpublished event", ["service", "lane"])
LEADING = Gauge("duban_leading", "1 where this process holds the lock", ["service", "job"])
