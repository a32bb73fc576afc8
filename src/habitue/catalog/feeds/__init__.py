"""Reading feeds: from a file of any of the usual forms to products or articles, one at a time."""

from .articles import read_articles
from .problem import FeedUnreadable, ItemUnreadable
from .products import read_products

__all__ = ["FeedUnreadable", "ItemUnreadable", "read_articles", "read_products"]
