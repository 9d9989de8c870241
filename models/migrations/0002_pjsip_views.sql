-- What Asterisk reads: endpoints, their passwords, their addresses, and whom to ring while we are away.
--
-- * Column names are pjsip option names; an empty value is '' and never NULL.
-- * Asterisk asks for one id at a time, for every SIP message: each id is a real column with an index.
-- * Devices of a blocked tenant register all the same: emergency calls must be possible.
-- * {DEVICES_OF_EXTENSION} and {RANDOM_HEX} are what SQLite and PostgreSQL write differently.
-- * SQLite rebuilds a table to change it, and cannot while a view reads it: a later migration drops the
--   views first and makes them again at its end.

CREATE VIEW pjsip_constants AS SELECT
    'alaw,ulaw,g722,opus,gsm' AS allow,
    'no' AS allow_overlap,
    'no' AS allow_subscribe,
    'yes' AS allow_transfer,
    'no' AS direct_media,
    'auto' AS dtmf_mode,
    'yes' AS force_rport,
    'username' AS identify_by,
    'no' AS inband_progress,
    'en' AS language,
    'default' AS moh_suggest,
    'yes' AS rewrite_contact,
    '300' AS rtp_timeout,
    '7200' AS rtp_timeout_hold,
    'yes' AS rtp_symmetric,
    'no' AS send_diversion,
    'yes' AS send_pai,
    'yes' AS timers,
    'no' AS trust_id_inbound;

CREATE VIEW ps_endpoints AS SELECT
    device.endpoint AS id,
    device.endpoint AS aors,
    device.endpoint AS auth,
    'phones' AS context,
    CAST(tenant.id AS TEXT) AS tenantid,
    '<' || extension.number || '>' AS callerid,
    tenant.domain AS from_domain,
    pjsip_constants.*
FROM device
JOIN extension ON extension.id = device.extension_id
JOIN tenant ON tenant.id = device.tenant_id
CROSS JOIN pjsip_constants
UNION ALL SELECT
    tenant.stranger_id,
    '',
    tenant.stranger_id,
    'nobody',
    '',
    '',
    tenant.domain,
    pjsip_constants.*
FROM tenant
CROSS JOIN pjsip_constants;

CREATE VIEW ps_auths AS SELECT
    device.endpoint AS id,
    'digest' AS auth_type,
    device.name AS username,
    tenant.domain AS realm,
    'MD5:' || device.digest_md5 AS password_digest,
    'MD5' AS supported_algorithms_uas
FROM device
JOIN tenant ON tenant.id = device.tenant_id
UNION ALL SELECT
    tenant.stranger_id,
    'digest',
    'anonymous',
    tenant.domain,
    'MD5:' || {RANDOM_HEX},
    'MD5'
FROM tenant;

CREATE VIEW ps_aors AS SELECT
    device.endpoint AS id,
    '1' AS max_contacts,
    'yes' AS remove_existing,
    '30' AS qualify_frequency,
    '3.0' AS qualify_timeout,
    '600' AS default_expiration,
    '60' AS minimum_expiration,
    '3600' AS maximum_expiration,
    'no' AS support_path
FROM device;

CREATE VIEW ps_domain_aliases AS SELECT
    tenant_alias.domain AS id,
    tenant.domain AS domain
FROM tenant_alias
JOIN tenant ON tenant.id = tenant_alias.tenant_id;

CREATE VIEW pbx_dial_fallback AS SELECT
    extension.address AS id,
    COALESCE((
        SELECT {DEVICES_OF_EXTENSION}
        FROM device
        WHERE device.extension_id = extension.id
    ), '') AS devices
FROM extension;
