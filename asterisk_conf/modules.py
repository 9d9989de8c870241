"""The modules that this exchange is made of, by name and by what they are for."""

from __future__ import annotations

SIP = (
    "res_pjproject",
    "res_pjsip",
    "res_pjsip_pubsub",
    "res_pjsip_session",
    "res_pjsip_sdp_rtp",
    "res_pjsip_registrar",
    "res_pjsip_authenticator_digest",
    "res_pjsip_outbound_authenticator_digest",
    "res_pjsip_outbound_registration",
    "res_pjsip_endpoint_identifier_user",
    "res_pjsip_endpoint_identifier_ip",
    "res_pjsip_endpoint_identifier_anonymous",
    "res_pjsip_nat",
    "res_pjsip_path",
    "res_pjsip_caller_id",
    "res_pjsip_diversion",
    "res_pjsip_rfc3326",
    "res_pjsip_dtmf_info",
    "res_pjsip_empty_info",
    "res_pjsip_dlg_options",
    "res_pjsip_header_funcs",
    "res_pjsip_notify",
    "chan_pjsip",
    "res_security_log",
)
"""Telephones and trunks: registration both ways, logins, calls, keys, causes, lamps."""

STORES = (
    "res_sorcery_config",
    "res_sorcery_memory",
    "res_sorcery_astdb",
    "res_sorcery_realtime",
    "func_realtime",
)
"""Where settings are read from; the database driver comes on top."""

ARI = (
    "res_http_websocket",
    "res_websocket_client",
    "res_stasis",
    "res_stasis_answer",
    "res_stasis_playback",
    "res_stasis_recording",
    "res_stasis_snoop",
    "res_stasis_device_state",
    "res_ari",
    "res_ari_model",
    "res_ari_applications",
    "res_ari_asterisk",
    "res_ari_bridges",
    "res_ari_channels",
    "res_ari_device_states",
    "res_ari_endpoints",
    "res_ari_events",
    "res_ari_playbacks",
    "res_ari_recordings",
    "res_ari_sounds",
    "app_stasis",
)
"""The door through which our application decides calls."""

MEDIA = (
    "res_rtp_asterisk",
    "res_srtp",
    "res_timing_timerfd",
    "res_musiconhold",
    "bridge_simple",
    "bridge_native_rtp",
    "bridge_holding",
    "bridge_softmix",
    "codec_alaw",
    "codec_ulaw",
    "codec_a_mu",
    "codec_g722",
    "codec_gsm",
    "codec_opus_open_source",
    "codec_resample",
    "res_format_attr_opus",
    "format_gsm",
    "format_pcm",
    "format_sln",
    "format_wav",
)
"""Voices: carried, joined, converted, played, recorded."""

FALLBACK = (
    "pbx_config",
    "app_dial",
    "app_playback",
    "func_callerid",
    "func_channel",
    "func_cut",
    "func_db",
    "func_devstate",
    "func_groupcount",
    "func_hangupcause",
    "func_logic",
    "func_strings",
)
"""The dialplan of a few lines: doors for phones, trunks, strangers; what it does alone."""

NOTES = ("res_cdrel_custom", "cel_custom")
"""When each channel ended, for the time in which our application does not see it."""

COMMON = (*SIP, *STORES, *ARI, *MEDIA, *FALLBACK, *NOTES)

SQLITE_DRIVER = "res_config_sqlite3"
POSTGRES_DRIVER = "res_config_pgsql"

EVERY = (*COMMON, SQLITE_DRIVER, POSTGRES_DRIVER)
"""What an Asterisk must bring to be of use here, whichever database it will read."""
