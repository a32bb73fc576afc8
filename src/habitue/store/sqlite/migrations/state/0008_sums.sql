-- CRC-32 of the customer's id and state; null for states of before, until they are written again.
ALTER TABLE customers ADD COLUMN sum INTEGER;
