"""Reels handed on: the files of every kind, and the film that a worker renders, decoded against its sources."""

from __future__ import annotations

import io
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import opentimelineio
import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ava.celery import app
from ava.deletion import delete_videos
from ava.exclusive import exclusive
from ava.handoff.clip_sound import SAMPLE_RATE_HZ, ClipSound
from ava.handoff.film_render import render_film
from ava.handoff.picture_fit import fitted_size
from ava.handoff.render_plan import RenderSource, RenderSpan, canvas_size, frames_played, lay_out_render
from ava.media.decode import UndecodableFrame, decode_frames
from ava.media.probe import probe
from ava.media.source import UnusableVideo
from ava.models import Team, User, Video
from search import reel_render_work
from search.models import Reel, ReelRender
from search.reel_exports import EXPORT_KINDS, RENDER_TASK, cancel_render, request_render
from search.reel_render_work import render_reel, resend_lost_renders
from search.reels import InvalidReel, add_clips, create_reel
from tests.films import make_title, make_user, store_video
from tests.footage import read_number, write_film
from tests.world import make_world

State = ReelRender.State


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> list[RenderSource]:
    """25 frames a second with sound; square at 23.976; ProRes in ten bits; of variable rate; turned by a quarter."""
    folder = tmp_path_factory.mktemp("films")
    uneven = [Fraction(int(tick), 1000) for tick in np.cumsum([0] + [20, 60, 40] * 13)]
    films = [
        write_film(folder / "a.mp4", frames=60, width=160, height=90, audio=True),
        write_film(folder / "b.mp4", frames=60, width=96, height=96, fps=Fraction(24000, 1001)),
        write_film(folder / "c.mov", frames=20, width=160, height=90, codec="prores_ks", pixel_format="yuv422p10le"),
        write_film(folder / "d.mp4", frames=40, width=160, height=90, times_s=uneven),
        write_film(folder / "e.mp4", frames=30, width=160, height=90, rotation_deg=90),
    ]
    return [RenderSource(path, probe(path)) for path in films]


def rendered(sources: list[RenderSource], spans: list[RenderSpan], target: Path) -> list[np.ndarray]:
    render_film(sources, spans=spans, target=target, most_bytes=10**8)
    info = probe(target)
    assert not info.is_vfr and info.pixel_format == "yuv420p" and info.codec == "h264"
    return [frame.rgb for frame in decode_frames(target, info=info)]


def test_every_frame_of_the_film_is_the_one_that_was_asked_for(sources: list[RenderSource], tmp_path: Path) -> None:
    spans = [RenderSpan(0, 7, 23), RenderSpan(1, 10, 40), RenderSpan(2, 5, 6), RenderSpan(0, 59, 60),
             RenderSpan(3, 4, 30), RenderSpan(4, 2, 9), RenderSpan(0, 0, 12)]  # fmt: skip
    frames = rendered(sources, spans, tmp_path / "out.mp4")
    layout = lay_out_render(sources, spans)
    assert len(frames) == layout.frame_count
    size = canvas_size(sources[0].info)
    for event, span in zip(layout.events, spans, strict=True):
        info = sources[span.source].info
        width, height = fitted_size(info, size=size)
        left, top = (size[0] - width) // 2, (size[1] - height) // 2
        shown = frames[event.record_in : event.record_out]
        read = [read_number(rgb[top : top + height, left : left + width]) for rgb in shown]
        assert read == list(frames_played(event, layout, info))
    assert [read_number(rgb) for rgb in frames[:16]] == list(range(7, 23))


def test_colours_are_those_of_the_source(sources: list[RenderSource], tmp_path: Path) -> None:
    for source in (0, 2):
        (tmp_path / str(source)).mkdir()
        frames = rendered(sources, [RenderSpan(source, 3, 9)], tmp_path / str(source) / "out.mp4")
        truth = decode_frames(sources[source].path, info=sources[source].info, start_frame=3, end_frame=9)
        for frame, rgb in zip(truth, frames, strict=True):
            assert np.abs(frame.rgb.astype(int) - rgb).mean() < 2.5
    with av.open(str(tmp_path / "2" / "out.mp4")) as film:
        stream = film.streams.video[0]
        assert (stream.codec_context.colorspace, stream.codec_context.color_range) == (1, 1), "BT.709, limited"


def test_other_shapes_get_black_bars(sources: list[RenderSource], tmp_path: Path) -> None:
    frames = rendered(sources, [RenderSpan(0, 0, 2), RenderSpan(1, 0, 8)], tmp_path / "out.mp4")
    assert frames[4].shape == (90, 160, 3)
    assert frames[4][:, :30].max() <= 12 and frames[4][:, -30:].max() <= 12
    assert frames[4][:, 45:115].max() > 180


def test_sound_comes_along_sample_for_sample(sources: list[RenderSource], tmp_path: Path) -> None:
    clicks = tmp_path / "clicks.mp4"
    write_clicks(clicks, every_s=0.4, seconds=4)
    film = RenderSource(clicks, probe(clicks))
    spans = [RenderSpan(0, 10, 30), RenderSpan(1, 0, 24), RenderSpan(0, 50, 75)]
    target = tmp_path / "out.mp4"
    render_film([film, sources[1]], spans=spans, target=target, most_bytes=10**8)
    info = probe(target)
    sound = ClipSound(target, info=info, start_s=0.0)
    heard = np.abs(sound.read(round(info.duration_s * SAMPLE_RATE_HZ))).max(axis=0)
    sound.close()
    loud = np.flatnonzero(heard > 0.25) / SAMPLE_RATE_HZ
    starts = loud[np.concatenate(([True], np.diff(loud) > 0.1))].tolist()
    layout = lay_out_render([film, sources[1]], spans)
    gone_s = layout.events[2].record_in / 25
    assert starts == pytest.approx([0.0, 0.4, gone_s, gone_s + 0.4, gone_s + 0.8], abs=0.012)


def write_clicks(path: Path, *, every_s: float, seconds: int) -> None:
    """A film of 25 frames a second that sounds for 20 ms every so often."""
    with av.open(str(path), "w") as output:
        picture = output.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        picture.width, picture.height, picture.pix_fmt = 160, 90, "yuv420p"
        sound = output.add_stream("aac", rate=SAMPLE_RATE_HZ)
        sound.layout = "stereo"
        for number in range(seconds * 25):
            frame = av.VideoFrame.from_ndarray(np.full((90, 160, 3), number % 200, np.uint8), format="rgb24")
            frame.pts = number
            output.mux(picture.encode(frame))
        output.mux(picture.encode(None))
        times = np.arange(seconds * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
        tone = np.sin(2 * np.pi * 1000 * times) * (times % every_s < 0.02) * 0.8
        samples = np.ascontiguousarray(np.tile(tone.astype(np.float32), (2, 1)))
        whole = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
        whole.sample_rate, whole.pts, whole.time_base = SAMPLE_RATE_HZ, 0, Fraction(1, SAMPLE_RATE_HZ)
        output.mux(sound.encode(whole))
        output.mux(sound.encode(None))


def test_without_any_sound_there_is_no_sound_stream(sources: list[RenderSource], tmp_path: Path) -> None:
    rendered(sources, [RenderSpan(1, 0, 8)], tmp_path / "out.mp4")
    assert probe(tmp_path / "out.mp4").audio_streams == 0


def test_what_fails_leaves_no_file(sources: list[RenderSource], tmp_path: Path) -> None:
    target = tmp_path / "out.mp4"
    with pytest.raises(UnusableVideo, match="larger than"):
        render_film(sources, spans=[RenderSpan(0, 0, 60)], target=target, most_bytes=0)
    broken = tmp_path / "broken.mp4"
    content = bytearray(sources[1].path.read_bytes())
    start = content.find(b"mdat") + 4
    size = int.from_bytes(content[start - 8 : start - 4], "big") - 8
    content[start : start + size] = bytes(size)
    broken.write_bytes(content)
    with pytest.raises(UndecodableFrame, match=r"broken.mp4 are damaged"):
        source = RenderSource(broken, sources[1].info)
        render_film([source], spans=[RenderSpan(0, 0, 4)], target=target, most_bytes=10**8)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.mp4"]


# --- asked for, made by a worker, and had -----------------------------------------------------------------------------


@pytest.fixture
def team(hints) -> Team:
    return Team.objects.create(name="Team")


@pytest.fixture
def user(team: Team) -> User:
    return make_user("anna", team=team)


@pytest.fixture
def reel(team: Team, user: User, sources: list[RenderSource]) -> Reel:
    """Of two films of other sizes and rates, with the frames 7–22, 10–39 and 30–49."""
    title = make_title("Zwölf", team=team)
    first, second = (store_video(source.path, title=title) for source in sources[:2])
    reel = create_reel(team, name="Best / of", user=user)
    add_clips(reel, [(first.pk, 7, 23), (second.pk, 10, 40), (first.pk, 30, 50)], user=user)
    return reel


@pytest.fixture
def client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.django_db
def test_a_worker_makes_the_film_and_the_page_sends_it(client: Client, reel: Reel, tmp_path: Path) -> None:
    address = reverse("reel-export", args=[reel.pk, "mp4"])
    assert client.get(address).status_code == 404
    asked = client.post(address, headers={"Accept": "application/json"}).json()
    assert asked["frames"] == 67
    render = reel.renders.get()
    render_reel(render.pk)
    render.refresh_from_db()
    assert (render.state, render.error, render.done_count) == (State.DONE, "", 67)
    assert any("96 × 96 are fitted into 160 × 90" in each for each in render.remarks)
    response = client.get(address)
    assert response.headers["Content-Disposition"] == 'attachment; filename="Best _ of.mp4"'
    copy = tmp_path / "film.mp4"
    copy.write_bytes(response.getvalue())
    read = [read_number(frame.rgb) for frame in decode_frames(copy, info=probe(copy), end_frame=16)]
    assert read == list(range(7, 23))
    page = client.get(reverse("reel", args=[reel.pk])).content.decode()
    assert "Download the MP4" in page and "Make a new MP4" in page


def test_workers_know_the_task_that_films_are_made_by() -> None:
    app.loader.import_default_modules()
    assert RENDER_TASK in app.tasks and app.conf.task_routes[RENDER_TASK] == {"queue": "chunks"}


@pytest.mark.django_db
def test_a_preview_is_made_of_the_same_frames(client: Client, reel: Reel) -> None:
    asked = client.post(reverse("reel-export", args=[reel.pk, "mp4"]), {"preview": "1"})
    assert asked.status_code == 302
    render = reel.renders.get()
    assert render.is_preview
    render_reel(render.pk)
    render.refresh_from_db()
    assert (render.state, render.done_count) == (State.DONE, 67)
    assert "Download the preview" in client.get(reverse("reel", args=[reel.pk])).content.decode()
    address = reverse("api-reel-film", args=[reel.pk])
    for body, status in (({"is_preview": "perhaps"}, 400), ({"is_preview": True}, 201), ({}, 409)):
        assert client.post(address, body, content_type="application/json").status_code == status
    assert client.get(address).json()["is_preview"] is True


@pytest.mark.django_db
def test_handles_widen_every_clip_as_far_as_its_film_goes(client: Client, reel: Reel) -> None:
    address = reverse("reel-export", args=[reel.pk, "json"])
    told = client.get(address, {"handles": "10"}).json()
    assert [(clip["start_frame"], clip["end_frame"]) for clip in told["clips"]] == [(0, 33), (0, 50), (20, 60)]
    assert "Every clip has up to 10 frames more at both ends." in told["remarks"]
    for handles in ("-1", "1001", "x", "9" * 40, "1\x00", "٣"):
        refused = client.get(address, {"handles": handles}, headers={"Accept": "application/json"})
        assert refused.status_code == 409 and refused.json()["detail"].startswith("Handles are a number"), handles


@pytest.mark.django_db
def test_a_second_film_waits_for_the_first_and_both_have_limits(reel: Reel, user: User, monkeypatch) -> None:
    render = request_render(reel, user=user)
    with pytest.raises(InvalidReel, match="waiting already"):
        request_render(reel, user=user)
    assert cancel_render(render) and not cancel_render(render)
    monkeypatch.setattr("search.reel_exports.LONGEST_FILM_S", 1)
    with pytest.raises(InvalidReel, match="minutes long"):
        request_render(reel, user=user)
    monkeypatch.setattr("search.reel_exports.MOST_OPEN", 0)
    with pytest.raises(InvalidReel, match="in the making"):
        request_render(reel, user=user)
    other = make_user("b", team=reel.team)
    monkeypatch.setattr("search.reel_exports.MOST_OPEN", 3)
    with pytest.raises(InvalidReel, match="no clip"):
        request_render(create_reel(reel.team, name="Empty", user=other), user=other)


@pytest.mark.django_db
def test_a_cancelled_film_is_not_made_and_one_under_way_stops(reel: Reel, user: User, monkeypatch) -> None:
    render = request_render(reel, user=user)
    cancel_render(render)
    render_reel(render.pk)
    render.refresh_from_db()
    assert (render.state, render.file.name) == (State.CANCELLED, "")
    render = request_render(reel, user=user)
    progress = reel_render_work._progress
    monkeypatch.setattr(reel_render_work, "_progress", lambda row, done: (cancel_render(row), progress(row, done)))
    render_reel(render.pk)
    render.refresh_from_db()
    assert render.state == State.CANCELLED and not default_storage.exists(f"reels/{reel.pk}/{render.pk}.mp4")


@pytest.mark.django_db
def test_a_film_that_fails_says_why(reel: Reel, user: User) -> None:
    render = request_render(reel, user=user)
    clip = reel.clips.order_by("position").first()
    default_storage.delete(clip.video.file.name)
    render_reel(render.pk)
    render.refresh_from_db()
    assert render.state == State.FAILED and render.error.endswith(".") and "There is no file" in render.error


@pytest.mark.django_db
def test_who_loses_a_film_gets_no_picture_of_it_not_even_one_already_asked_for(reel: Reel, user: User) -> None:
    render = request_render(reel, user=user)
    reel.clips.first().video.title.teams.clear()
    render_reel(render.pk)
    render.refresh_from_db()
    assert render.state == State.FAILED and "no longer to be seen" in render.error


@pytest.mark.django_db
def test_a_deleted_film_takes_its_clips_and_films_of_reels_along_and_the_reel_says_so(
    client: Client, reel: Reel, user: User, monkeypatch, django_capture_on_commit_callbacks
) -> None:
    made = request_render(reel, user=user)
    render_reel(made.pk)
    made.refresh_from_db()
    late = request_render(reel, user=user)
    store = reel_render_work._seen_films

    def delete_while_it_is_made(render: ReelRender) -> object:
        found = store(render)
        with django_capture_on_commit_callbacks(execute=True):
            delete_videos(Video.objects.filter(pk=reel.clips.first().video_id))
        return found

    monkeypatch.setattr(reel_render_work, "_seen_films", delete_while_it_is_made)
    monkeypatch.setattr(reel_render_work.DecoderProcess, "ask", lambda *_, **__: monkeypatch.undo() or {"frames": 1})
    render_reel(late.pk)
    late.refresh_from_db()
    assert late.state == State.FAILED and "is gone" in late.error and not late.file
    assert made.file and not default_storage.exists(made.file.name)
    assert "2 clips went with their films, which have been deleted." in client.get(
        reverse("reel", args=[reel.pk])
    ).content.decode()
    told = client.get(reverse("reel-export", args=[reel.pk, "json"])).content.decode()
    assert "2 clips went with their films" in told


@pytest.mark.django_db
def test_lost_films_are_sent_again_and_old_ones_deleted_with_their_file(reel: Reel, user: User, hints) -> None:
    render = request_render(reel, user=user)
    ReelRender.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    with exclusive(f"reel film {render.pk}"):
        resend_lost_renders()
    render_reel(render.pk)
    render.refresh_from_db()
    assert render.state == State.DONE and default_storage.exists(render.file.name)
    ReelRender.objects.update(finished_at=timezone.now() - timedelta(days=8))
    resend_lost_renders()
    assert not ReelRender.objects.exists()


@pytest.mark.django_db
def test_files_of_every_kind_read_back_to_the_reels_frames(client: Client, reel: Reel) -> None:
    otio = client.get(reverse("reel-export", args=[reel.pk, "otio"])).content.decode()
    (track,) = opentimelineio.adapters.read_from_string(otio, "otio_json").video_tracks()
    read = [(clip.source_range.start_time.value, clip.source_range.end_time_exclusive().value) for clip in track]
    assert read == [(7, 23), (10, 40), (30, 50)]
    told = client.get(reverse("reel-export", args=[reel.pk, "csv"]))
    assert told.headers["Cache-Control"] == "private, no-store" and told.content.decode().count("\n") == 4
    assert client.get(reverse("reel-export", args=[reel.pk, "edl"])).status_code == 302, "two rates: back, and why"
    for kind, known in EXPORT_KINDS.items():
        if kind != "edl":
            sent = client.get(reverse("reel-export", args=[reel.pk, kind]))
            assert sent.status_code == 200 and "Best _ of" + known.suffix in sent.headers["Content-Disposition"]
    assert client.get(reverse("reel-export", args=[reel.pk, "exe"])).status_code == 404
    film = client.get(reverse("reel-export", args=[reel.pk, "fcpxml"])).content
    assert film.startswith(b"<?xml") and b"<!DOCTYPE fcpxml>" in film
    assert io.BytesIO(film).read()


@pytest.mark.django_db
def test_a_films_maker_or_an_editor_cancels_it_and_nobody_else(hints) -> None:
    world = make_world("here")
    render = ReelRender.objects.create(reel=world.reel, spans=[[world.video.pk, 0, 5]], created_by=world.editor)
    other = Client()
    other.force_login(world.reviewer)
    address = reverse("reel-film-cancel", args=[world.reel.pk])
    assert other.post(address).status_code == 403
    ReelRender.objects.update(created_by=world.reviewer)
    assert other.post(address, headers={"Accept": "application/json"}).status_code == 200
    render.refresh_from_db()
    assert render.state == State.CANCELLED
    assert other.post(address, headers={"Accept": "application/json"}).status_code == 409
