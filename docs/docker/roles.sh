#!/bin/sh
# Runs once, when the database volume is empty: the two roles and the database.
set -e
: "${OWNER_DB_PASSWORD:?}" "${APP_DB_PASSWORD:?}"
# psql takes them from the environment: what it is called with, every process of the machine can read.
psql -v ON_ERROR_STOP=1 -U postgres <<'SQL'
\getenv owner OWNER_DB_PASSWORD
\getenv app APP_DB_PASSWORD
CREATE ROLE throughline_owner LOGIN PASSWORD :'owner';
CREATE ROLE throughline LOGIN PASSWORD :'app';
-- Whoever changes tables by hand holds nobody up for long; `migrate` itself waits shorter still, and tries again.
ALTER ROLE throughline_owner SET lock_timeout = '5s';
-- So that `migrate` can say who is in its way, and since when.
GRANT pg_read_all_stats TO throughline_owner;
-- So that an autovacuum in its way ends before it gives up waiting (PostgreSQL 15).
GRANT SET ON PARAMETER deadlock_timeout TO throughline_owner;
ALTER ROLE throughline SET lock_timeout = '3s';
ALTER ROLE throughline SET idle_in_transaction_session_timeout = '60s';
CREATE DATABASE throughline OWNER throughline_owner TEMPLATE template0 LOCALE 'C.UTF-8';
SQL
