-- Lines of the consent ledger go with the person; their numbers are not given again either.
ALTER TABLE floors ADD COLUMN consent INTEGER NOT NULL DEFAULT 0;
