"""The demo province: the sample ledger, imported as of two months ago, and what its units did since."""

from deploy.local.demo.loader import WELCOME, load

__all__ = ["WELCOME", "load"]
