"""The war room (作战室): figures over what the reader's office issued, each of which opens to exactly its list."""
