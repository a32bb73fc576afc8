"""On site: the message waits for the customer's page to fetch it."""
