"""Documents (督办通知与三单一书) and their deliveries: the stored states, the pages and the API."""
