"""The demo's mailbox: a real SMTP server that keeps what it gets, and a page to read it. Nothing leaves the machine."""
