"""What was found of logos, among the measurements of the stills, so that their filters know it."""

from django.db import connection, transaction
from django.db.models import QuerySet

from ava.models import Video
from curation.models import BoardTable

AVOIDED, WANTED = "maturity.logos", "maturity.wanted_logos"

# Of a title that several teams see, nothing: one team's logos are none of another's business.
_TOLD = """
    SELECT still.id, jsonb_strip_nulls(jsonb_build_object(
               %(avoided)s::text, max(look.probability) FILTER (WHERE NOT logo.is_wanted),
               %(wanted)s::text, max(look.probability) FILTER (WHERE logo.is_wanted))) AS facts
    FROM curation_still still
    JOIN ava_video video ON video.id = still.video_id
    LEFT JOIN curation_logolook look ON look.video_id = still.video_id AND look.frame_index = still.frame_index
    LEFT JOIN curation_logo logo ON logo.id = look.logo_id AND logo.team_id = (
        SELECT max(seen.team_id) FROM ava_title_teams seen WHERE seen.title_id = video.title_id HAVING count(*) = 1)
    WHERE still.video_id = ANY(%(videos)s) AND NOT still.provisional
    GROUP BY still.id
"""
_NOTE = f"""
    UPDATE curation_still still SET signals = still.signals - %(names)s::text[] || told.facts
    FROM ({_TOLD}) told
    WHERE told.id = still.id AND still.signals IS DISTINCT FROM still.signals - %(names)s::text[] || told.facts
"""  # noqa: S608 (of constants)


@transaction.atomic
def note_logo_signals(videos: QuerySet[Video]) -> None:
    """Write the highest probability of a logo to be avoided, and of a wanted one, into the signals of stills.

    Only what was looked for is told. The measurements themselves are left as they are, whoever writes them meanwhile.
    """
    ids = videos.order_by().filter(stills__provisional=False).values("pk")
    # In one order for everybody, and held to the end, as a new proposal of stills holds its video.
    locked = Video.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    values = {"videos": list(locked.values_list("pk", flat=True)), "names": [AVOIDED, WANTED]}
    if values["videos"]:
        with connection.cursor() as cursor:
            cursor.execute(_NOTE, values | {"avoided": AVOIDED, "wanted": WANTED})
            is_news = cursor.rowcount > 0
        if is_news:  # tables repeat what stills say of logos, and are made anew when they are next read
            BoardTable.objects.filter(video__in=values["videos"]).update(version=0)
