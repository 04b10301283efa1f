"""Kinds of value that several events carry."""

from contracts.kinds import Percent, Sha256

__all__ = ["Percent", "Sha256"]
