"""A sentence or two for each product page: the data has no descriptions, so these are made from the category."""

from __future__ import annotations

from .chance import pick

_OPENINGS: dict[str, tuple[str, ...]] = {
    "Christmas": (
        "Comes out of its box on the first of December and is hard to put back.",
        "For the tree, the window sill, and the last evenings of the year.",
        "A small piece of Christmas that looks as if it had always been in the family.",
    ),
    "Bags": (
        "Takes the shopping, the swimming things or a week of newspapers, and wipes clean afterwards.",
        "Light enough to forget, strong enough for a market day.",
        "Folds flat, opens wide, and cheers up a grey bus stop.",
    ),
    "Baking": (
        "For the sort of Sunday that smells of butter.",
        "Makes even a shop-bought sponge look home-made.",
        "Kitchen-table company for bakers of all sizes.",
    ),
    "Candles & Lights": (
        "Throws a soft, warm pattern on the wall once the evening comes.",
        "One on its own is pretty; five in a row are a small occasion.",
        "The cheapest way to make a room feel like a Friday.",
    ),
    "Mugs & Teaware": (
        "Holds exactly the right amount of tea, which is to say plenty.",
        "Made for slow mornings and second cups.",
        "Pretty enough to leave out, sturdy enough for every day.",
    ),
    "Clocks & Frames": (
        "Keeps a good moment where you can see it.",
        "An old-fashioned face for a shelf that needs a friend.",
        "Looks like a flea-market find, without getting up at six.",
    ),
    "Textiles & Comfort": (
        "For cold feet, draughty halls and long evenings on the sofa.",
        "A warm welcome, in the plainest sense.",
        "Soft where it should be and sturdy where it must be.",
    ),
    "Party": (
        "Hang it up and the party has begun, whether the guests know it or not.",
        "For birthdays, street parties and Tuesdays that deserve better.",
        "Comes out for every celebration and goes back in the drawer for the next.",
    ),
    "Toys & Games": (
        "No batteries, no screens, no instructions longer than one line.",
        "A proper toy of the kind that gets handed down.",
        "Keeps small hands busy and grown-ups secretly envious.",
    ),
    "Stationery & Craft": (
        "For letters, lists, and presents that are nearly too nice to open.",
        "A rainy afternoon's worth of good intentions.",
        "Makes the plainest parcel look like a present.",
    ),
    "Jewellery & Beauty": (
        "A little something for a handbag, a bedside table or a very good friend.",
        "Small, pretty, and an excuse to wear the nice coat.",
        "The kind of treat one buys for somebody else and keeps.",
    ),
    "Garden & Picnic": (
        "For herb beds, window boxes, and lunch on the grass.",
        "Looks better the more weather it sees.",
        "Pack a flask, take a blanket, and let the afternoon happen.",
    ),
    "Kitchen & Dining": (
        "Earns its place on the shelf every single day.",
        "From breakfast to the last biscuit of the evening.",
        "Cheerful, useful, and happy in a full sink.",
    ),
    "Storage & Hooks": (
        "A place for everything, and something pretty to put it in.",
        "Hides the clutter without hiding your taste.",
        "Tidies up a hall, a desk or a conscience.",
    ),
    "Home Decoration": (
        "Fills the bare spot on the wall you have been meaning to do something about.",
        "A small, warm touch for a shelf, a door or a window.",
        "Looks hand-made, hangs anywhere, and asks for nothing.",
    ),
}
_ANY = ("Hard to describe, easy to like.", "You did not know you needed one. Neither did we.")
_CLOSINGS = (
    "Packed in tissue paper by hand.",
    "A favourite of our regulars.",
    "Also makes a good present for people who have everything.",
    "Ready to give: no wrapping skills needed.",
    "Nicer still as a pair.",
)


def blurb_for(code: str, name: str, category: str) -> str:
    """The same product always gets the same words."""
    opening = pick(_OPENINGS.get(category, _ANY), "opening", code)
    closing = pick(_CLOSINGS, "closing", code, name)
    return f"{opening} {closing}"
