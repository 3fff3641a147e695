-- Many rules let a user see what he has created: of a large entity that must not cost reading all of it.
create index record_created_by on record (tenant_id, entity_id, created_by, id) where created_by is not null;
