"""Files of history, customers and products: read row by row, made canonical, handed to the log or the catalogue."""
