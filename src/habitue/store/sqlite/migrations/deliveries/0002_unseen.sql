-- What nobody was shown in time is looked for several times a second, so finding none must cost nothing.
CREATE INDEX deliveries_unseen ON deliveries (expires_at) WHERE channel = 'onsite' AND state = 'accepted';
