#!/bin/sh
# Makes the roles of an installation when the database is first initialised (the image runs this).
# guanche owns its database and is no superuser; guanche_grafana may connect, and reads what
# deploy/grafana/access.sql grants it; those of the API are made by access.sh. The extension is made
# where the server has it; plain PostgreSQL does without.
#
# Run by hand, as a superuser and once, it needs libpq's PGHOST and so on where they differ, and
#   POSTGRES_USER           the superuser
#   POSTGRES_DB             the database, which exists
#   OWNER_ROLE_PASSWORD     becomes the password of guanche, the one in GUANCHE_DATABASE_URL
#   API_ROLE_PASSWORD       becomes that of guanche_api, the one in GUANCHE_API_DATABASE_URL
#   GRAFANA_ROLE_PASSWORD   becomes that of guanche_grafana
#   ACCESS_SCRIPT           where access.sh is [beside this file]
set -eu
: "${API_ROLE_PASSWORD:?set it to the password guanche_api is to have}"
export OWNER_ROLE_PASSWORD GRAFANA_ROLE_PASSWORD

psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -v database="$POSTGRES_DB" <<'SQL'
\getenv guanche_password OWNER_ROLE_PASSWORD
\getenv grafana_password GRAFANA_ROLE_PASSWORD
SELECT count(*) = 1 AS has_timescaledb FROM pg_available_extensions WHERE name = 'timescaledb' \gset
\if :has_timescaledb
CREATE EXTENSION IF NOT EXISTS timescaledb;
\endif
CREATE ROLE guanche LOGIN PASSWORD :'guanche_password';
CREATE ROLE guanche_grafana LOGIN PASSWORD :'grafana_password';
ALTER ROLE guanche_grafana SET default_transaction_read_only = on;
ALTER ROLE guanche_grafana SET statement_timeout = '15s';
ALTER DATABASE :"database" OWNER TO guanche;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO guanche_grafana;
SQL

sh "${ACCESS_SCRIPT:-$(dirname "$0")/access.sh}"
