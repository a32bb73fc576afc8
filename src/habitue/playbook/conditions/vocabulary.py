"""The events of a shop, and how each is said in English."""

from __future__ import annotations

from typing import NamedTuple


class Phrase(NamedTuple):
    """`looked at` · `looked at` · `a product` · `products` · `product view` · (`product views` unless given) · tail."""

    past: str
    participle: str
    one: str
    many: str
    noun: str
    tail: str = ""
    nouns: str = ""

    @property
    def plural(self) -> str:
        return self.nouns or f"{self.noun}s"


PHRASES: dict[str, Phrase] = {
    # Browsing
    "Products Searched": Phrase("searched", "searched", "for products", "for products", "search", nouns="searches"),
    "Product List Viewed": Phrase("looked at", "looked at", "a product list", "product lists", "product list view"),
    "Product List Filtered": Phrase("filtered", "filtered", "a product list", "product lists", "product list filter"),
    "Product Clicked": Phrase("clicked on", "clicked on", "a product", "products", "product click"),
    "Product Viewed": Phrase("looked at", "looked at", "a product", "products", "product view"),
    "Product Details Opened": Phrase(
        "opened", "opened", "details of a product", "details of products", "opening of details", nouns="details opened"
    ),
    "Page Viewed": Phrase("visited", "visited", "a page", "pages", "page view"),
    "Screen Viewed": Phrase("opened", "opened", "a screen", "screens", "screen view"),
    # Promotions
    "Promotion Viewed": Phrase("saw", "seen", "a promotion", "promotions", "promotion view"),
    "Promotion Clicked": Phrase("clicked on", "clicked on", "a promotion", "promotions", "promotion click"),
    # Cart and checkout
    "Product Added": Phrase(
        "put", "put", "a product", "products", "addition to the cart", "into the cart", "additions to the cart"
    ),
    "Product Removed": Phrase(
        "took", "taken", "a product", "products", "removal from the cart", "out of the cart", "removals from the cart"
    ),
    "Cart Viewed": Phrase("looked at", "looked at", "the cart", "the cart", "cart view"),
    "Cart Cleared": Phrase(
        "emptied", "emptied", "the cart", "the cart", "emptying of the cart", nouns="emptyings of the cart"
    ),
    "Checkout Started": Phrase("started", "started", "the checkout", "the checkout", "checkout"),
    "Checkout Step Viewed": Phrase(
        "saw", "seen", "a checkout step", "checkout steps", "checkout step seen", nouns="checkout steps seen"
    ),
    "Checkout Step Completed": Phrase(
        "completed", "completed", "a checkout step", "checkout steps", "completed checkout step"
    ),
    "Payment Info Entered": Phrase(
        "entered",
        "entered",
        "payment details",
        "payment details",
        "entry of payment details",
        nouns="entries of payment details",
    ),
    # Orders
    "Order Completed": Phrase("ordered", "ordered", "", "", "order"),
    "Order Claimed": Phrase("claimed", "claimed", "an order", "orders", "claimed order"),
    "Order Updated": Phrase("changed", "changed", "an order", "orders", "order change"),
    "Order Refunded": Phrase("had", "had", "an order", "orders", "refund", "refunded"),
    "Order Cancelled": Phrase("had", "had", "an order", "orders", "cancelled order", "cancelled"),
    # Coupons
    "Coupon Entered": Phrase("entered", "entered", "a coupon", "coupons", "coupon entered", nouns="coupons entered"),
    "Coupon Applied": Phrase("used", "used", "a coupon", "coupons", "coupon used", nouns="coupons used"),
    "Coupon Denied": Phrase("had", "had", "a coupon", "coupons", "coupon denied", "denied", "coupons denied"),
    "Coupon Removed": Phrase(
        "took back", "taken back", "a coupon", "coupons", "coupon taken back", nouns="coupons taken back"
    ),
    # Wishlist
    "Product Added to Wishlist": Phrase(
        "put",
        "put",
        "a product",
        "products",
        "addition to the wishlist",
        "on the wishlist",
        "additions to the wishlist",
    ),
    "Product Removed from Wishlist": Phrase(
        "took",
        "taken",
        "a product",
        "products",
        "removal from the wishlist",
        "off the wishlist",
        "removals from the wishlist",
    ),
    "Wishlist Product Added to Cart": Phrase(
        "moved",
        "moved",
        "a product",
        "products",
        "move from the wishlist to the cart",
        "from the wishlist to the cart",
        "moves from the wishlist to the cart",
    ),
    # Sharing and reviewing
    "Product Shared": Phrase("shared", "shared", "a product", "products", "shared product"),
    "Cart Shared": Phrase("shared", "shared", "the cart", "the cart", "shared cart"),
    "Product Reviewed": Phrase("reviewed", "reviewed", "a product", "products", "review"),
    # Accounts
    "Identified": Phrase("gave", "given", "details of themselves", "details of themselves", "identification"),
    "Group Joined": Phrase("joined", "joined", "a group", "groups", "group joined", nouns="groups joined"),
    "Aliased": Phrase("got", "got", "another id", "other ids", "change of id", nouns="changes of id"),
    "Signed Up": Phrase("signed up", "signed up", "", "", "sign-up"),
    "Signed In": Phrase("signed in", "signed in", "", "", "sign-in"),
    "Signed Out": Phrase("signed out", "signed out", "", "", "sign-out"),
    # Messages
    "Email Sent": Phrase("was", "been", "sent an e-mail", "sent e-mails", "e-mail sent", nouns="e-mails sent"),
    "Email Delivered": Phrase("got", "got", "an e-mail", "e-mails", "e-mail delivered", nouns="e-mails delivered"),
    "Email Opened": Phrase("opened", "opened", "an e-mail", "e-mails", "e-mail opened", nouns="e-mails opened"),
    "Email Link Clicked": Phrase(
        "clicked", "clicked", "a link in an e-mail", "links in e-mails", "click in an e-mail", nouns="clicks in e-mails"
    ),
    "Email Bounced": Phrase("had", "had", "an e-mail", "e-mails", "bounced e-mail", "bounce"),
    "Email Marked as Spam": Phrase(
        "marked", "marked", "an e-mail", "e-mails", "e-mail marked as spam", "as spam", "e-mails marked as spam"
    ),
    "Unsubscribed": Phrase("unsubscribed", "unsubscribed", "", "", "unsubscription"),
    "Message Displayed": Phrase(
        "was", "been", "shown a message", "shown messages", "message shown", nouns="messages shown"
    ),
    "Message Clicked": Phrase("clicked on", "clicked on", "a message", "messages", "message click"),
    "Message Dismissed": Phrase("closed", "closed", "a message", "messages", "message closed", nouns="messages closed"),
    "Message Failed": Phrase("had", "had", "a message", "messages", "failed message", "fail"),
    "Message Expired": Phrase("had", "had", "a message", "messages", "expired message", "expire"),
    "Message Unknown": Phrase("had", "had", "a message", "messages", "lost message", "get lost"),
    # Consent and requests
    "Consent Granted": Phrase("gave", "given", "consent", "consent", "consent given", nouns="consents given"),
    "Consent Requested": Phrase(
        "asked for", "asked for", "letters", "letters", "request for letters", nouns="requests for letters"
    ),
    "Consent Withdrawn": Phrase(
        "withdrew", "withdrawn", "consent", "consent", "withdrawal of consent", nouns="withdrawals of consent"
    ),
    "Messages Paused": Phrase("paused", "paused", "messages", "messages", "pause"),
    "Messages Resumed": Phrase("resumed", "resumed", "messages", "messages", "end of a pause", nouns="ends of a pause"),
    # The catalogue
    "Product Price Dropped": Phrase(
        "had", "had", "a product of interest", "products of interest", "price drop", "get cheaper"
    ),
    "Product Back in Stock": Phrase(
        "had",
        "had",
        "a product of interest",
        "products of interest",
        "return to stock",
        "come back into stock",
        "returns to stock",
    ),
    "Product Low in Stock": Phrase(
        "had",
        "had",
        "a product of interest",
        "products of interest",
        "product running low",
        "run low",
        "products running low",
    ),
    "Product New in Category": Phrase(
        "had",
        "had",
        "a new product",
        "new products",
        "new product in a category of interest",
        "appear in a category of interest",
        "new products in categories of interest",
    ),
    "Article Published": Phrase(
        "had",
        "had",
        "an article",
        "articles",
        "new article on a category of interest",
        "appear on a category of interest",
        "new articles on categories of interest",
    ),
    "Journey Requested": Phrase(
        "was",
        "been",
        "asked into a journey",
        "asked into a journey",
        "request for a journey",
        nouns="requests for a journey",
    ),
}

KNOWN_EVENTS: frozenset[str] = frozenset(PHRASES)
"""The names of Segment's e-commerce specification, version 2, and those Habitue gives events itself."""


def phrase(event: str) -> Phrase:
    """How the event is said; a shop's own event is quoted by its name."""
    known = PHRASES.get(event)
    if known is not None:
        return known
    quoted = f'"{event}"'
    return Phrase("did", "done", quoted, quoted, f"{quoted} event")
