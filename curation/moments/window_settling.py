"""Which part of the film's picture a shot shows, to a fraction of a pixel, found on exact frames around a place."""

import numpy as np
from numpy.typing import NDArray

from curation.moments.film_window import Window, cut_window, find_window, refine_window
from curation.moments.passage_check import show_detail

REFINEMENTS = 2
LEAST_PIXELS = 64
SETTLED = 0.9
"""With this much agreement no other window is looked for."""
LOOK_AGAIN = 0.7
"""A place as likely as this is looked for anew on exact frames: where the camera pans, the film's small picture, which
is of another instant, lies aside of the right window."""
EVERY_FRAMES, NEIGHBOURS = 4, 3
LEAST_SHIFT_LEVELS = 1.5
"""Where the film's frames differ so much from one another, a window may be right at another instant, too."""
AS_GOOD = 0.005
"""The whole picture is taken unless another window agrees better by this."""
NEARLY = 0.1
"""And where it agrees nearly as well, it is refined, too."""


def settle_window(
    sample: NDArray[np.uint8],
    *,
    counts: NDArray[np.bool_],
    pictures: NDArray[np.uint8],
    likely: Window,
    score: float,
) -> tuple[Window, float]:
    """The window of the film's picture that a trailer's picture shows, and their agreement, −1 to 1.

    ``sample`` ``uint8 (h, w)`` and which of its pixels count, ``bool (h, w)``; ``pictures`` ``uint8 (N, H, W)``: the
    film's frames around the place; ``likely`` and its ``score``: what the film's small pictures tell.
    """
    if not len(pictures):
        return likely, -1.0
    look = _Look(sample, counts, pictures)
    look.try_window(likely)
    look.refine()
    if look.best < SETTLED and score >= LOOK_AGAIN:
        for place in range(EVERY_FRAMES // 2, len(pictures), EVERY_FRAMES):
            window, _ = find_window(pictures[place], sample, counts=counts, start=look.window)
            look.try_window(window, around=place)
        look.refine()
    if look.moves():
        look.follow()
    whole = _Look(sample, counts, pictures)
    whole.try_window(_whole(sample, pictures, mirrored=likely.mirrored))
    if whole.best >= look.best - AS_GOOD:
        return whole.window, whole.best
    if whole.best >= look.best - NEARLY:
        whole.refine()
        look = max(look, whole, key=lambda each: each.best)
    return look.window, look.best


class _Look:
    """The best window so far, and the frame on which it agrees best."""

    def __init__(self, sample: NDArray[np.uint8], counts: NDArray[np.bool_], pictures: NDArray[np.uint8]) -> None:
        self._sample, self._counts, self._pictures = sample, counts, pictures
        self.window, self.place, self.best = Window(0.0, 0.0, 1.0, 1.0, False), 0, -1.0

    def try_window(self, window: Window, *, around: int | None = None) -> bool:
        """Keep a window if it agrees better with any frame, or any near ``around``; tells whether it does."""
        first = 0 if around is None else max(around - NEIGHBOURS, 0)
        pictures = self._pictures[first : None if around is None else around + NEIGHBOURS + 1]
        cut, inside = cut_window(pictures, window, size_px=(self._sample.shape[1], self._sample.shape[0]))
        counts = self._counts & inside
        if counts.sum() < LEAST_PIXELS:
            return False
        scores = show_detail(cut, counts) @ show_detail(self._sample[None], counts)[0]
        place = int(np.argmax(scores))
        if self.best >= 0 and scores[place] <= self.best:
            return False
        self.window, self.place, self.best = window, first + place, float(scores[place])
        return True

    def refine(self) -> None:
        """Refine the best window while that makes it better."""
        for _ in range(REFINEMENTS):
            refined = refine_window(self._pictures[self.place], self._sample, counts=self._counts, start=self.window)
            if refined == self.window or not self.try_window(refined, around=self.place):
                break

    def moves(self) -> bool:
        """Whether the film's frames near the best one differ from it as where a camera pans."""
        own = self._pictures[self.place].astype(np.int16)
        ends = [max(self.place - EVERY_FRAMES, 0), min(self.place + EVERY_FRAMES, len(self._pictures) - 1)]
        return max(float(np.abs(self._pictures[end] - own).mean()) for end in ends) >= LEAST_SHIFT_LEVELS

    def follow(self) -> None:
        """Carry the window along with the picture to frames before and after: there it may agree better still."""
        window, origin = self.window, self.place
        for direction in (-1, 1):
            carried, place = window, origin + direction * EVERY_FRAMES
            while 0 <= place < len(self._pictures):
                carried = refine_window(self._pictures[place], self._sample, counts=self._counts, start=carried)
                self.try_window(carried, around=place)
                place += direction * EVERY_FRAMES
        self.refine()


def _whole(sample: NDArray[np.uint8], pictures: NDArray[np.uint8], *, mirrored: bool) -> Window:
    """As much of the middle of the film's picture as the trailer's shape has room for."""
    shape = sample.shape[1] / sample.shape[0] * pictures.shape[1] / pictures.shape[2]
    wide, tall = min(1.0, shape), min(1.0, 1 / shape)
    return Window((1 - wide) / 2, (1 - tall) / 2, (1 + wide) / 2, (1 + tall) / 2, mirrored)
