"""Webhooks (推送): addresses that a unit wants events sent to, and the secrets that sign what is sent."""
