-- The token that has replaced a used one, and the salt from which, with the used token's secret, its own secret follows:
-- so the same answer can be given once more to a client that has lost it, and nothing here gives away a token.
alter table refresh_token add column successor uuid, add column successor_salt bytea;
