"""E-mail: the letter, the answers of mail servers, and SMTP."""
