"""What an operator sees of notices: rungs raised, and how long a signed document waits for its PDF."""

from prometheus_client import Counter, Histogram

ESCALATIONS = Counter("duban_escalations_total", "Rungs of the ladder drafted", ["rung", "reason"])
RENDER = Histogram(
    "duban_notice_render_seconds",
    "From the signature to the stored PDF",
    buckets=(0.03, 0.1, 0.3, 1, 2, 3, 5, 10, 30, 100, 300),
)
RENDER_FAILURES = Counter("duban_notice_render_failures_total", "Renderings that failed and are tried again")
