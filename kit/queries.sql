-- name: act_for
-- From here to the end of the transaction, rows of these organisations and all below are seen.
SELECT set_config('app.organisations', %(organisations)s, true);
