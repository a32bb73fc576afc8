-- Each channel has its own queue, so that a slow one holds up no other.
CREATE INDEX deliveries_channel_due ON deliveries (channel, due) WHERE due IS NOT NULL;
