"""What is said: Liquid, MJML, links, products, from a message's template to a letter for one person."""
