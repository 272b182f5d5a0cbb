#!/bin/sh
# Makes the roles of the API, of an installation new or old; running it again changes no more than
# the password of guanche_api.
#
#   guanche_system  sees every tenant; nobody logs in as it. guanche, who owns the tables, is a member.
#   guanche_app     sees the tenant it acts for; nobody logs in as it.
#   guanche_api     logs in for `guanche api`: a member of guanche_app, and of nothing else.
#
# Run it as a superuser, before `guanche migrate` where the tables are older than the API; roles.sh
# ends with it. It needs libpq's PGHOST and so on where they differ, and
#   POSTGRES_USER       the superuser [postgres]
#   POSTGRES_DB         the database [guanche]
#   API_ROLE_PASSWORD   becomes the password of guanche_api, the one in GUANCHE_API_DATABASE_URL
set -eu
: "${API_ROLE_PASSWORD:?set it to the password guanche_api is to have}"
export API_ROLE_PASSWORD

# psql takes the password from the environment: an argument would show in the list of processes.
psql -v ON_ERROR_STOP=1 -q -U "${POSTGRES_USER:-postgres}" -d "${POSTGRES_DB:-guanche}" <<'SQL'
\getenv api_password API_ROLE_PASSWORD
SET client_min_messages = warning;
BEGIN;
SELECT format('CREATE ROLE %I NOLOGIN', missing)
FROM unnest(ARRAY['guanche_system', 'guanche_app', 'guanche_api']) AS missing
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = missing) \gexec
ALTER ROLE guanche_api LOGIN PASSWORD :'api_password';
GRANT guanche_system TO guanche;
GRANT guanche_app TO guanche_api;
SELECT format('GRANT CONNECT ON DATABASE %I TO guanche_api', current_database()) \gexec
COMMIT;
SQL
