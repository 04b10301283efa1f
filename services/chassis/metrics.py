"""What an operator sees; labels are service, event, command, job, reason, and nothing that grows."""

from prometheus_client import Counter, Gauge, Histogram

QUICK = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10)

LETTERS = Counter("duban_letters_total", "Events taken from the mailbox", ["service", "event", "reason"])
GAPS = Counter("duban_gaps_total", "Versions of an aggregate that never came", ["service", "event"])
BATCH = Histogram("duban_batch_seconds", "One batch, one transaction", ["service"], buckets=QUICK)
COMMANDS = Histogram("duban_command_seconds", "One command, answered", ["service", "event"], buckets=QUICK)
REFUSALS = Counter("duban_refusals_total", "Commands refused", ["service", "event", "reason"])
PUBLISHED = Counter("duban_published_total", "Events the stream acknowledged", ["service"])
LEADING = Gauge("duban_leading", "1 where this process holds the lock", ["service", "job"])
OUTBOX_AGE = Gauge("duban_outbox_oldest_age_seconds", "Age of the oldest unpublished event", ["service"])
LAG = Gauge("duban_mailbox_lag", "Events waiting in the mailbox", ["service"])
DEAD = Counter("duban_dead_letters_total", "Events parked because they could not be handled", ["service", "event"])
