"""Vectors that tell people apart, from FaceNet, where an administrator has installed it."""

from collections.abc import Mapping
from pathlib import Path

from ava.annotate.face_alignment import ChipTemplate
from ava.annotate.face_embedding import FaceEmbedding
from ava.annotate.face_inception import CHIP_SIDE_PX, DIMENSIONS, FaceInception


class FaceVectorsFacenet(FaceEmbedding):
    """``v000`` … ``v511`` of ``FaceInception``, one row for each row of ``faces``; see ``FaceEmbedding``.

    ``ava.annotate.face_encoders.FACENET`` says what their distances mean.
    """

    name = "face_vectors_facenet"
    columns: tuple[str, ...] = tuple(f"v{place:03}" for place in range(DIMENSIONS))
    weights: tuple[str, ...] = ("facenet-vggface2",)
    template = ChipTemplate(
        CHIP_SIDE_PX,
        points=((53.5, 63.9), (106.5, 63.9), (80.0, 90.2), (58.9, 119.1), (101.1, 119.1)),
        stretch_x=1.277,
    )
    """The network was trained on MTCNN's boxes with a margin of about a tenth, made square: faces look wider than they
    are. These are the median places of the points in such boxes of 150 upright frontal faces, made symmetric, and the
    median height of the boxes by their width.
    """

    def load(self, files: Mapping[str, Path]) -> None:
        """Read the network; raises ``UnusableNetwork`` when the file holds another."""
        self.network = FaceInception(files["facenet-vggface2"], device=self.device)
