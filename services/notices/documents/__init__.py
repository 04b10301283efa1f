"""Documents (公文): drafted by the ladder or a person, signed, rendered by GB/T 9704-2012, sent, made void. R3, R10."""
