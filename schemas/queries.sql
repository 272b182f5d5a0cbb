-- name: insert_entry
-- One thing done; its number and digest are given by the trigger.
INSERT INTO audit_entries (organisation_id, no, at, actor_kind, actor_name, action, object_kind,
    object_key, before, after, ip, request_id, previous_digest, digest)
VALUES (%(organisation_id)s, 0, %(at)s, %(actor_kind)s, %(actor_name)s, %(action)s,
    %(object_kind)s, %(object_key)s, %(before)s, %(after)s, %(ip)s, %(request_id)s, '', '');
