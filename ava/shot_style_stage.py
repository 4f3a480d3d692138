"""The "style" stage: what only the whole film tells of its shots and of what was found in them."""

from ava.annotate.film_text import settle_kinds
from ava.annotate.inspect import join_detections
from ava.annotate.text import Text
from ava.findings import load_detections, unpack_detections
from ava.models import Detection, Shot, Video
from ava.packing import pack_values
from ava.picture_area import known_area
from ava.shots.scenes import SIGNALS as SCENE_SIGNALS
from ava.shots.scenes import find_scenes
from ava.shots.style import describe_style
from ava.signals import load_signals, measured_columns
from ava.stages import StageRun


def describe_shots(run: StageRun) -> None:
    """Judge scale, camera and scene of the shots of a film that has been looked into, and what its letters are for."""
    video = run.video
    shots = list(video.shots.all())
    _settle_text(video, [shot.start_frame for shot in shots])
    signals = load_signals(
        video, columns=[name for name in measured_columns() if name.startswith(("motion.", *SCENE_SIGNALS))]
    )
    styles = describe_style(
        signals,
        framing=load_detections(video, "framing"),
        shots=shots,
        fps=video.fps,
    )
    scenes = find_scenes(signals, shots=shots, fps=video.fps)
    for shot, style, scene in zip(shots, styles, scenes.tolist(), strict=True):
        shot.scene = scene
        shot.camera, shot.camera_confidence = style.camera or "", _confidence(style.camera, style.camera_confidence)
        shot.scale, shot.scale_confidence = style.scale or "", _confidence(style.scale, style.scale_confidence)
        shot.scale_by = style.scale_by or ""
    Shot.objects.bulk_update(
        shots, ["camera", "camera_confidence", "scale", "scale_by", "scale_confidence", "scene"], batch_size=500
    )
    run.report(len(shots), len(shots))


def _confidence(kind: str | None, value: float) -> float | None:
    return round(value, 3) if kind else None


def _settle_text(video: Video, shot_starts: list[int]) -> None:
    """Tell subtitles, titles, credits and signs apart by all frames, and save that with each inspection's lines."""
    rows = list(
        Detection.objects.filter(
            inspection__video=video, detector=Text.name, version=Text.version
        ).order_by("inspection__start_frame")
    )  # fmt: skip
    tables = [unpack_detections(row) for row in rows]
    lines = join_detections(tables, columns=len(Text.columns))
    settled = settle_kinds(lines, area=known_area(video), shot_starts=shot_starts).values
    first = 0
    for row, table in zip(rows, tables, strict=True):
        row.values = pack_values(settled[first : first + len(table.values)])
        first += len(table.values)
    Detection.objects.bulk_update(rows, ["values"], batch_size=100)
