"""How tables came to be what they are, one file per step; a step that has been released never changes.

``tortoise -c models.config.TORTOISE_ORM makemigrations`` writes the next one after a change of the tables.
Read what it wrote: it forgets ``generated=False`` of primary keys that we choose ourselves. Write what it
cannot know (rows, views) by hand. `models.database.migrate` applies all that is missing in one transaction.
"""
