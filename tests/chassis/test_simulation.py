"""Whatever crashes, repeats or is lost: once, in order, on 120 seeds; and every planted mistake is caught."""

import asyncio

import pytest

from tests.chassis.simulation import World

SEEDS = range(120)


def outcome(seed: int, variant: str = "") -> list[str]:
    world = World(seed, variant)
    asyncio.run(world.run())
    return world.wrong()


@pytest.mark.parametrize("seed", SEEDS)
def test_every_acknowledged_command_acts_once_and_is_handled_in_order(seed):
    assert outcome(seed) == []


@pytest.mark.parametrize("variant", ["ack before commit", "no inbox", "no outbox", "relay cursor", "no step check"])
def test_the_simulation_catches_a_planted_mistake(variant):
    assert any(outcome(seed, variant) for seed in SEEDS), f"{variant} went unnoticed"
