"""The ledger (台账): lists of tasks and of assignments, their filters and counts, and the import of a workbook."""
