"""The "style" stage: how near the picture of each shot is, and how the camera moves."""

from ava.findings import load_detections
from ava.models import Shot
from ava.shots.style import describe_style
from ava.signals import load_signals, measured_columns
from ava.stages import StageRun


def describe_shots(run: StageRun) -> None:
    """Judge scale and camera of every shot of a film whose shots have been looked into."""
    video = run.video
    shots = list(video.shots.all())
    styles = describe_style(
        load_signals(video, columns=[name for name in measured_columns() if name.startswith("motion.")]),
        framing=load_detections(video, "framing"),
        shots=shots,
        fps=video.fps,
    )
    for shot, style in zip(shots, styles, strict=True):
        shot.camera, shot.camera_confidence = style.camera or "", _confidence(style.camera, style.camera_confidence)
        shot.scale, shot.scale_confidence = style.scale or "", _confidence(style.scale, style.scale_confidence)
        shot.scale_by = style.scale_by or ""
    Shot.objects.bulk_update(
        shots, ["camera", "camera_confidence", "scale", "scale_by", "scale_confidence"], batch_size=500
    )
    run.report(len(shots), len(shots))


def _confidence(kind: str | None, value: float) -> float | None:
    return round(value, 3) if kind else None
