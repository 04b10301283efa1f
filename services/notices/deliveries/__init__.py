"""Deliveries (送达): a document on its way to one unit, its receipt, its withdrawal. R6, R10."""
