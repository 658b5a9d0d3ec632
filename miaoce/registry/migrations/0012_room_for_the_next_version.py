"""How PostgreSQL keeps children and claims; nothing of it on SQLite.

A child is written three times in its first days (submitted, approved, numbered). With half of each page left free the next
version lies beside the one before, so that no index is touched and the old one goes with the next visit: the table ends up
smaller than a full one with its dead versions. Claims are asked for by the whole digest; an index for the beginnings of
digests served nobody.
"""

from django.db import migrations

CLAIMS = ("documentclaim", "numberclaim")


def leave_room(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE registry_child SET (fillfactor = 50)")
        for name in CLAIMS:
            index = like_index(schema_editor, apps.get_model("registry", name))
            schema_editor.execute(f"DROP INDEX {index.parts['name']}")


def fill_up(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE registry_child RESET (fillfactor)")
        for name in CLAIMS:
            schema_editor.execute(like_index(schema_editor, apps.get_model("registry", name)))


def like_index(schema_editor, model):
    return schema_editor._create_like_index_sql(model, model._meta.get_field("digest"))


class Migration(migrations.Migration):
    dependencies = [("registry", "0011_fewer_indexes")]
    operations = [migrations.RunPython(leave_room, fill_up)]
