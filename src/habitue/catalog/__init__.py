"""Products and articles as shops describe them: in feeds, in webhooks, in files."""
