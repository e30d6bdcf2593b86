"""The field's word for what goes into a provider's own calendar: a push, and the events it wrote there."""

import django.db.models.deletion
from django.db import migrations, models

KEYS = [
    (
        "calendarpush",
        f"calendarwriting_{parent}_stays_in_its_practice",
        f"calendarpush_{parent}_stays_in_its_practice",
    )
    for parent in ("provider", "calendar")
] + [
    ("pushedevent", f"calendarcopy_{old}_stays_in_its_practice", f"pushedevent_{new}_stays_in_its_practice")
    for old, new in (("writing", "push"), ("appointment", "appointment"))
]
# A constraint is renamed in place: built anew, it would read the whole table under a lock.
CONSTRAINTS = [
    ("calendarpush", "a_calendar_writing_belongs_to_one_practice", "a_calendar_push_belongs_to_one_practice"),
    ("calendarpush", "a_provider_writes_into_one_calendar", "a_provider_pushes_into_one_calendar"),
    ("calendarpush", "a_failing_writing_says_why", "a_failing_push_says_why"),
    (
        "pushedevent",
        "an_appointment_is_copied_once_into_a_calendar",
        "an_appointment_is_pushed_once_into_a_calendar",
    ),
    ("pushedevent", "a_written_copy_says_when", "a_pushed_event_says_when"),
]
# Jobs that wait are known by the task's name and its argument; without this they would fail as unknown after an upgrade.
# In a fresh database the queue's own tables may come after ours.
CODES = """
UPDATE raincheck_calendarpush SET fault = '{new_fault}' WHERE fault = '{old_fault}';
DO $$ BEGIN IF to_regclass('procrastinate_jobs') IS NOT NULL THEN
    UPDATE procrastinate_jobs SET task_name = '{new_task}', args = jsonb_build_object('{new}', args -> '{old}')
        WHERE task_name = '{old_task}' AND status = 'todo';
END IF; END $$;
"""
FORMER = {"fault": "copies_refused", "task": "copy_appointments", "": "writing"}
PRESENT = {"fault": "events_refused", "task": "push_appointments", "": "push"}


def codes(old: dict[str, str], new: dict[str, str]) -> str:
    return CODES.format(
        old_fault=old["fault"],
        old_task=old["task"],
        old=old[""],
        new_fault=new["fault"],
        new_task=new["task"],
        new=new[""],
    )


ONE_CALENDAR = models.UniqueConstraint(fields=["provider"], name="a_provider_pushes_into_one_calendar")
SAYS_WHY = models.CheckConstraint(
    condition=models.Q(failing_since__isnull=True, fault="")
    | (models.Q(failing_since__isnull=False) & ~models.Q(fault="")),
    name="a_failing_push_says_why",
)
IN_ITS_PRACTICE = models.UniqueConstraint(
    fields=["practice", "id"], name="a_calendar_push_belongs_to_one_practice"
)
ONCE = models.UniqueConstraint(
    fields=["push", "appointment"], name="an_appointment_is_pushed_once_into_a_calendar"
)
SAYS_WHEN = models.CheckConstraint(
    condition=models.Q(sequence__isnull=True, written_at__isnull=True)
    | models.Q(sequence__isnull=False, written_at__isnull=False),
    name="a_pushed_event_says_when",
)


def renamed(table: str, old: str, new: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"ALTER TABLE raincheck_{table} RENAME CONSTRAINT {old} TO {new}",
        f"ALTER TABLE raincheck_{table} RENAME CONSTRAINT {new} TO {old}",
    )


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0017_facts_of_notices")]

    operations = [
        migrations.RenameModel("CalendarWriting", "CalendarPush"),
        migrations.RenameModel("CalendarCopy", "PushedEvent"),
        migrations.RenameField("pushedevent", "writing", "push"),
        migrations.AlterField(
            "pushedevent",
            "push",
            models.ForeignKey(
                "raincheck.calendarpush",
                django.db.models.deletion.PROTECT,
                db_constraint=False,
                related_name="events",
            ),
        ),
        *(renamed(*names) for names in KEYS),
        migrations.SeparateDatabaseAndState(
            database_operations=[renamed(*names) for names in CONSTRAINTS],
            state_operations=[
                *(migrations.RemoveConstraint(table, old) for table, old, _new in CONSTRAINTS),
                migrations.AddConstraint("calendarpush", IN_ITS_PRACTICE),
                migrations.AddConstraint("calendarpush", ONE_CALENDAR),
                migrations.AddConstraint("calendarpush", SAYS_WHY),
                migrations.AddConstraint("pushedevent", ONCE),
                migrations.AddConstraint("pushedevent", SAYS_WHEN),
            ],
        ),
        migrations.RunSQL(codes(FORMER, PRESENT), codes(PRESENT, FORMER)),
    ]
