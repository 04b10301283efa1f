"""One task and its assignments: the stored states, the page, the actions, registration, and the API."""
