"""The tenant file: one YAML file is one tenant, whole; read, checked, compared, written.

Nothing here asks a database. `document` turns rows into what stands in a file and back, `reading`
and `writing` are the YAML, `schema` is what editors are told, `patch` compares two documents. What
a file does to the database is `models.provisioning.whole`.
"""
