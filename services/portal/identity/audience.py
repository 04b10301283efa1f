"""For whom an event is meant."""

from contracts.envelope import Event


def audience_of(event: Event) -> list[str]:
    """Its audience and its address, where everybody who is there receives it on the bus anyway."""
    return sorted({event.address, *event.audience})
