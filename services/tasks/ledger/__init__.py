"""An office's ledger workbook, read, judged and registered."""
