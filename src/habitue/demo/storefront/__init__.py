"""A small gift shop on the web; its pages send events with the official, unmodified browser client."""
