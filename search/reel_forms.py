"""What forms and scripts say of a reel, read: numbers of clips, frames or timecodes, spans."""

from collections.abc import Callable

from ava.form_numbers import KEY_DIGITS, read_number
from ava.media.timecode import BadTimecode, film_timecode, parse_timecode
from ava.media.video_info import VideoInfo
from ava.models import Video
from ava.video_facts import video_info
from search.models import Reel, ReelClip
from search.reels import MOST_AT_ONCE, ClipSpan, InvalidReel


def read_clip(reel: Reel, text: str) -> ReelClip:
    """A clip of the reel by its number; raises InvalidReel where it has none."""
    found = reel.clips.filter(pk=read_number(text, digits=KEY_DIGITS)).first()
    if found is None:
        raise InvalidReel("Choose a clip of this reel; its film may have been deleted meanwhile.")
    return found


def read_before(text: str) -> int | None:
    """The number of the clip that follows; None for nothing."""
    if not text:
        return None
    number = read_number(text, digits=KEY_DIGITS)
    if number is None:
        raise InvalidReel("Say before which clip it goes by that clip's number, or nothing for the end.")
    return number


def read_spans(texts: list[str]) -> list[ClipSpan]:
    """Spans written VIDEO:START:END, as the search page collects them."""
    spans = []
    for text in texts[: MOST_AT_ONCE + 1]:
        numbers = [read_number(part) for part in text.split(":")]
        if len(numbers) != 3 or None in numbers:
            raise InvalidReel("A span is written VIDEO:START:END, in numbers.")
        spans.append(ClipSpan(*numbers))
    return spans


def frame_reader(video: Video) -> Callable[[str], int | None]:
    """Reads a frame of a film as people write it, "1234" or its timecode; None for nothing said.

    Not cut to the film: an end may lie behind its last frame. Raises InvalidReel for what is neither.
    """
    known: list[VideoInfo] = []

    def read(text: str) -> int | None:
        text = text.strip()
        if not text:
            return None
        if (number := read_number(text)) is not None:
            return number
        if not known:
            known.append(video_info(video))
        try:
            return _frame_labelled(known[0], text)
        except BadTimecode as error:
            raise InvalidReel(str(error)) from error

    return read


def _frame_labelled(info: VideoInfo, text: str) -> int:
    if info.is_vfr:
        whole, _, milliseconds = text.replace(",", ".").rpartition(".")
        fraction = read_number(milliseconds, digits=3)
        if not whole or fraction is None or len(milliseconds) != 3:
            raise BadTimecode(f"“{text[:20]}” is no time of this film of variable rate; write it as HH:MM:SS.mmm.")
        time_s = parse_timecode(f"{whole}:00", fps=info.fps) / round(info.fps) + fraction / 1000
        frame = info.frame_at(time_s)
        is_behind = frame == info.frame_count - 1 and time_s > info.time_s(frame) + 0.001
        return frame + is_behind
    # The label of the first frame is the film's own start where its rate has that label, and zero elsewhere.
    first = parse_timecode(film_timecode(info, 0), fps=info.fps)
    return parse_timecode(text, fps=info.fps) - first
