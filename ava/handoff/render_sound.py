"""The sound of spans of films, written in step with their pictures and without a click where they meet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from av.container import OutputContainer

from ava.handoff.clip_sound import ClipSound, Samples, add_sound_stream, silence, sound_frame
from ava.handoff.cut_list import Layout
from ava.handoff.render_plan import RenderSource, RenderSpan
from ava.media.proxy_sound import SAMPLE_RATE_HZ

FADE_S = 0.005
"""A wave cut off in the middle is heard as a click; over so long it is let go, which nobody hears as a fade."""


class RenderedSound:
    """Writes the first sound stream of each span's film, silence where it has none, as stereo AAC at 48 kHz.

    Sample for sample from where a span begins to where the next one does. Spans fade in and out over 5 ms, but where
    one goes on where the one before it ended.
    """

    def __init__(
        self,
        container: OutputContainer,
        *,
        layout: Layout,
        sources: Sequence[RenderSource],
        spans: Sequence[RenderSpan],
    ) -> None:
        self.container = container
        self.stream = add_sound_stream(container)
        self.layout, self.sources, self.spans = layout, sources, spans
        self.written = 0
        self.place = 0
        self.clip: ClipSound | None = None

    @contextmanager
    def of_span(self, place: int) -> Iterator[None]:
        """Have the sound of the span at this place among the spans written."""
        source = self.sources[self.spans[place].source]
        start_s = self.layout.events[place].cut.span.start_s
        self.place = place
        self.clip = ClipSound(source.path, info=source.info, start_s=start_s) if source.info.audio_streams else None
        try:
            yield
        finally:
            if self.clip is not None:
                self.clip.close()

    def write_until(self, frames: int) -> None:
        """Write what belongs to so many frames of the film."""
        count = self._samples(frames) - self.written
        if count <= 0:
            return
        heard = self._faded(self.clip.read(count)) if self.clip is not None else silence(count)
        self.container.mux(self.stream.encode(sound_frame(heard, first=self.written)))
        self.written += count

    def finish(self) -> None:
        """Write what the encoder still holds."""
        self.container.mux(self.stream.encode(None))

    def _samples(self, frames: int) -> int:
        """The number of the first sample of a frame of the film."""
        return round(frames * SAMPLE_RATE_HZ / self.layout.rate)

    def _faded(self, heard: Samples) -> Samples:
        event = self.layout.events[self.place]
        start, end = self._samples(event.record_in), self._samples(event.record_out)
        ramp = max(min(FADE_S * SAMPLE_RATE_HZ, (end - start) / 2), 1)
        middle = np.arange(self.written, self.written + heard.shape[1]) + 0.5
        gain = np.ones(heard.shape[1])
        if not self._goes_on(self.place):
            gain = np.minimum(gain, (middle - start) / ramp)
        if not self._goes_on(self.place + 1):
            gain = np.minimum(gain, (end - middle) / ramp)
        return heard * (np.sin(gain.clip(0, 1) * (np.pi / 2)) ** 2).astype(np.float32)

    def _goes_on(self, place: int) -> bool:
        """Whether a span begins where the one before it ends."""
        if not 0 < place < len(self.spans):
            return False
        before, after = self.spans[place - 1], self.spans[place]
        return before.source == after.source and before.end_frame == after.start_frame
