"""What shoppers meet: tracked links, the way out of a list, and pieces shown on the shop's pages."""
