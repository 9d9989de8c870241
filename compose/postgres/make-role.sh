# Runs once, when the database is made: an ordinary role for the exchange, which owns its database and nothing else.
# The superuser is left without a password and so can be reached in this container alone:
# docker compose exec postgres psql -U postgres
psql --no-psqlrc --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres <<'SQL'
\getenv password POSTGRES_PASSWORD
CREATE ROLE pbx LOGIN PASSWORD :'password';
CREATE DATABASE pbx OWNER pbx;
ALTER ROLE postgres PASSWORD NULL;
SQL
