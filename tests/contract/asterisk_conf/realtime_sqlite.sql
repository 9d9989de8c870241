-- The rows that Asterisk reads, over the plainest tables that can carry them.
PRAGMA journal_mode = WAL;

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
CREATE TABLE tenant_alias (id TEXT PRIMARY KEY, domain TEXT NOT NULL);

CREATE TABLE opened (id TEXT PRIMARY KEY, tenantid TEXT NOT NULL);
CREATE VIEW pbx_direct_sip AS SELECT id, tenantid FROM opened;

CREATE VIEW ps_endpoints AS
WITH constant AS (
    SELECT
        'username' AS identify_by, 'alaw,ulaw,g722,opus,gsm' AS allow, 'no' AS trust_id_inbound,
        'yes' AS send_pai, 'no' AS direct_media, 'yes' AS rtp_symmetric, 'yes' AS force_rport,
        'yes' AS rewrite_contact, 'auto' AS dtmf_mode, 'yes' AS timers, '300' AS rtp_timeout,
        '7200' AS rtp_timeout_hold, 'default' AS moh_suggest, 'en' AS language,
        'yes' AS allow_transfer, 'no' AS allow_subscribe, 'no' AS allow_overlap,
        'no' AS inband_progress, 'no' AS send_diversion
)
SELECT
    device.id AS id, device.id AS aors, device.id AS auth, 'phones' AS context,
    CAST(tenant.id AS TEXT) AS tenantid, '<' || device.number || '>' AS callerid, constant.*
FROM device JOIN tenant ON tenant.domain = device.domain JOIN constant
UNION ALL
SELECT stranger_id, '', stranger_id, 'nobody', '', '', constant.* FROM tenant JOIN constant
UNION ALL
SELECT 'anonymous', '', '', 'strangers', '', '', constant.* FROM constant
WHERE EXISTS (SELECT 1 FROM opened);

CREATE VIEW ps_auths AS
SELECT
    id, 'digest' AS auth_type, name AS username, domain AS realm,
    'MD5:' || ha1 AS password_digest, 'MD5' AS supported_algorithms_uas
FROM device
UNION ALL
SELECT
    stranger_id, 'digest', 'anonymous', domain, 'MD5:' || lower(hex(randomblob(16))), 'MD5'
FROM tenant;

CREATE VIEW ps_aors AS
SELECT
    id, '1' AS max_contacts, 'yes' AS remove_existing, '30' AS qualify_frequency,
    '3.0' AS qualify_timeout, '600' AS default_expiration, '60' AS minimum_expiration,
    '3600' AS maximum_expiration, 'no' AS support_path
FROM device;

CREATE VIEW ps_domain_aliases AS SELECT id, domain FROM tenant_alias;

CREATE VIEW pbx_dial_fallback AS
SELECT number || '@' || domain AS id, group_concat('PJSIP/' || id, '&') AS devices
FROM device GROUP BY number, domain;

CREATE TABLE emergency (id TEXT PRIMARY KEY, dials TEXT NOT NULL);
CREATE VIEW pbx_emergency_line AS SELECT id, dials FROM emergency;
CREATE TABLE emergency_caller (id TEXT PRIMARY KEY, caller TEXT NOT NULL);
CREATE VIEW pbx_emergency_caller AS SELECT id, caller FROM emergency_caller;
CREATE TABLE outside_lock (id TEXT PRIMARY KEY, limits TEXT NOT NULL);
CREATE VIEW pbx_outside_lock AS SELECT id, limits FROM outside_lock;

INSERT INTO tenant (id, domain) VALUES (1, 'acme.test'), (2, 'beta.test');
INSERT INTO tenant_alias VALUES ('127.0.0.1', 'acme.test');
