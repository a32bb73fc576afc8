"""The shop's products: found by id, by words, and by how well they sell."""
