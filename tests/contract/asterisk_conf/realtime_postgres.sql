-- The rows that Asterisk reads, on PostgreSQL; see realtime_sqlite.sql.
CREATE TABLE tenant (
    id INTEGER PRIMARY KEY,
    domain TEXT NOT NULL UNIQUE,
    stranger_id TEXT GENERATED ALWAYS AS ('anonymous@' || domain) STORED UNIQUE
);
CREATE TABLE device (
    name TEXT NOT NULL,
    domain TEXT NOT NULL,
    number TEXT NOT NULL,
    ha1 TEXT NOT NULL,
    id TEXT GENERATED ALWAYS AS (name || '@' || domain) STORED UNIQUE
);

CREATE VIEW ps_endpoints AS
SELECT
    device.id AS id, device.id AS aors, device.id AS auth, 'phones' AS context,
    tenant.id::text AS tenantid, '<' || device.number || '>' AS callerid,
    'username' AS identify_by, 'alaw,ulaw' AS allow, 'yes' AS force_rport
FROM device JOIN tenant ON tenant.domain = device.domain
UNION ALL
SELECT stranger_id, '', stranger_id, 'nobody', '', '', 'username', 'alaw,ulaw', 'yes' FROM tenant;

CREATE VIEW ps_auths AS
SELECT
    id, 'digest' AS auth_type, name AS username, domain AS realm,
    'MD5:' || ha1 AS password_digest, 'MD5' AS supported_algorithms_uas
FROM device
UNION ALL
SELECT
    stranger_id, 'digest', 'anonymous', domain,
    'MD5:' || replace(gen_random_uuid()::text, '-', ''), 'MD5'
FROM tenant;

CREATE VIEW ps_aors AS
SELECT id, '1' AS max_contacts, 'yes' AS remove_existing FROM device;

CREATE VIEW ps_domain_aliases AS SELECT domain AS id, domain FROM tenant WHERE false;

CREATE VIEW pbx_direct_sip AS
SELECT 'info@' || domain AS id, id::text AS tenantid FROM tenant;

CREATE VIEW pbx_emergency_line AS SELECT ''::text AS id, ''::text AS dials WHERE false;

CREATE VIEW pbx_emergency_caller AS SELECT ''::text AS id, ''::text AS caller WHERE false;

CREATE VIEW pbx_outside_lock AS SELECT ''::text AS id, ''::text AS limits WHERE false;

CREATE VIEW pbx_dial_fallback AS
SELECT number || '@' || domain AS id, string_agg('PJSIP/' || id, '&') AS devices
FROM device GROUP BY number, domain;

INSERT INTO tenant (id, domain) VALUES (1, 'acme.test');
INSERT INTO device (name, domain, number, ha1)
VALUES ('100', 'acme.test', '100', md5('100:acme.test:a password'));
