"""Files as rows: CSV, JSON lines and Parquet, read a piece at a time, whatever their size."""
