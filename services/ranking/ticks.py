"""What ranking does by itself, where the chassis finds it."""

from services.ranking.rankings.ticks import rank as rank
