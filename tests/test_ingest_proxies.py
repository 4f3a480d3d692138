"""Proxies: made apart, swapped in whole, told when impossible."""

import errno
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone

from ava import proxies
from ava.decoder_process import DecoderDied, DecoderError, DecoderProcess
from ava.media.decode import decode_frames
from ava.media.probe import probe
from ava.models import Video
from ava.proxies import render_proxy, resend_missing_proxies
from tests.films import store_video
from tests.footage import read_number, write_film

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("hints")]


@pytest.fixture
def video(tmp_path) -> Video:
    film = write_film(tmp_path / "film.mkv", frames=30, audio=True, width=128, height=72)
    video = store_video(film)
    Video.objects.update(proxy_reason="Browsers cannot play this file: its container is matroska.")
    return video


def stored() -> list[Path]:
    return [path for folder in (settings.MEDIA_ROOT, settings.AVA_UPLOAD_DIR) for path in files_of(folder)]


def files_of(folder: Path) -> list[Path]:
    return [path for path in Path(folder).rglob("*") if path.is_file()]


def test_a_proxy_shows_the_same_frames_as_the_film(video):
    shares: list[float] = []
    render_proxy(video.pk, report=shares.append)
    video.refresh_from_db()
    path = Path(video.proxy.path)
    info = probe(path)
    assert [read_number(frame.rgb) for frame in decode_frames(path, info=info)] == list(range(30))
    assert info.codec == "h264" and shares[-1] == 1.0 and shares == sorted(shares)
    assert sorted(stored()) == sorted([Path(video.file.path), path])


def test_a_proxy_is_made_once_and_again_only_when_asked(video):
    render_proxy(video.pk)
    first = Video.objects.get().proxy.name
    render_proxy(video.pk)
    assert Video.objects.get().proxy.name == first
    render_proxy(video.pk, again=True)
    again = Video.objects.get().proxy
    assert again.name != first and len(stored()) == 2 and Path(again.path).exists()


def test_a_film_that_browsers_play_gets_no_proxy(tmp_path):
    video = store_video(write_film(tmp_path / "film.mp4", frames=12))
    render_proxy(video.pk)
    assert not Video.objects.get().proxy and len(stored()) == 1


def test_work_that_is_called_off_leaves_nothing_and_no_error(video):
    class Lost(Exception):
        pass

    def stop(share: float) -> None:
        raise Lost

    with pytest.raises(Lost):
        render_proxy(video.pk, report=stop)
    assert stored() == [Path(video.file.path)] and Video.objects.get().proxy_error == ""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (DecoderDied("the decoder crashed (signal 11)"), "signal 11"),
        (DecoderError("OSError: full", errno=errno.ENOSPC), "no room left"),
        (OSError(errno.ENOSPC, "No space left on device"), "no room left"),
    ],
)
def test_a_film_that_cannot_be_copied_says_why_and_is_not_tried_for_ever(error, said, video, monkeypatch):
    def fail(self: DecoderProcess, request: dict, **options: object) -> None:
        Path(request["target"]).write_bytes(b"half")
        raise error

    monkeypatch.setattr(DecoderProcess, "ask", fail)
    render_proxy(video.pk)
    assert said in Video.objects.get().proxy_error and stored() == [Path(video.file.path)]
    Video.objects.update(proxy_sent_at=timezone.now() - timedelta(days=1))
    assert resend_missing_proxies() == 0


def test_a_lost_message_about_a_proxy_is_sent_again(video, hints):
    Video.objects.update(proxy_sent_at=timezone.now())
    assert resend_missing_proxies() == 0
    Video.objects.update(proxy_sent_at=timezone.now() - proxies.UNHEARD_AFTER)
    assert resend_missing_proxies() == 1 and resend_missing_proxies() == 0
    assert hints == [("ava.tasks.render_proxy", video.pk)]
    video.proxy.save("proxy.mp4", ContentFile(b"proxy"))
    Video.objects.update(proxy_sent_at=timezone.now() - timedelta(days=1))
    assert resend_missing_proxies() == 0


def test_a_film_deleted_while_its_proxy_is_made_leaves_no_proxy(video, monkeypatch):
    swap_in = proxies._swap_in

    def delete_and_swap(row: Video, name: str) -> None:
        Video.objects.get().delete()
        swap_in(row, name)

    monkeypatch.setattr(proxies, "_swap_in", delete_and_swap)
    render_proxy(video.pk)
    assert [path for path in stored() if "prox" in str(path)] == []
    render_proxy(video.pk)  # and a message that comes late finds nothing to do
