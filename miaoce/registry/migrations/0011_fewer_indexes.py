"""Each row written kept these up, and no statement follows them: an index that begins with the same column serves."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0010_rows_of_a_child'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='row',
            name='row_by_state',
        ),
        migrations.AlterField(
            model_name='proposal',
            name='kindergarten',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.kindergarten'),
        ),
        migrations.AlterField(
            model_name='proposal',
            name='office',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.office'),
        ),
    ]
