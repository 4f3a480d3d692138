"""What search keeps of one team's film, every name of which carries the world's mark."""

from typing import Any

import numpy as np
from django.contrib.postgres.search import SearchVector
from django.db.models import Value

from ava.models import Team, User, Video, WorkState
from search.models import (
    Attribute,
    AttributeExample,
    AttributeModel,
    ContrastiveTraining,
    DialogueLine,
    Encoder,
    Reel,
    ReelClip,
    ReelStep,
    SavedSearch,
    SavedSearchMatch,
    ShotAttribute,
    ShotDescription,
    ShotLabel,
    ShotVector,
)


def make_encoder(name: str, *, dimension: int = 8, **fields: Any) -> Encoder:
    """The next version of an encoder whose weights nothing can read; nothing asks it for vectors."""
    newest = Encoder.objects.filter(name=name).order_by("-version").values_list("version", flat=True).first() or 0
    defaults = {"version": newest + 1, "kind": Encoder.Kind.TRAINED, "dimension": dimension, "weights": b"no weights"}
    return Encoder.objects.create(name=name, **(defaults | fields))


def make_shot_vector(encoder: Encoder, video: Video, *, start: int, end: int, towards: int = 0) -> ShotVector:
    """A shot whose vector points along one axis of the encoder's space."""
    vector = np.eye(encoder.dimension, dtype=np.float32)[towards]
    return ShotVector.objects.create(
        encoder=encoder, video=video, start_frame=start, end_frame=end, vector=vector, made_from="0" * 64
    )


def make_description(video: Video, text: str, *, start: int, end: int, **facts: Any) -> ShotDescription:
    return ShotDescription.objects.create(
        video=video, start_frame=start, end_frame=end, text=text, facts=facts, made_from="0" * 64,
        words=SearchVector(Value(text), config="english"),
    )  # fmt: skip


def make_dialogue_line(video: Video, text: str, *, start: int, end: int, **fields: Any) -> DialogueLine:
    defaults = {"source": DialogueLine.Source.UPLOADED, "language": "en"}
    return DialogueLine.objects.create(
        video=video, start_frame=start, end_frame=end, text=text,
        words=SearchVector(Value(text), config="simple"), **(defaults | fields),
    )  # fmt: skip


def make_reel(team: Team, name: str, *, video: Video, user: User) -> Reel:
    """A reel of one clip of the film's first second, and the step that put it there."""
    reel = Reel.objects.create(team=team, name=name, created_by=user)
    clip = ReelClip.objects.create(
        reel=reel, video=video, in_frame=0, out_frame=25, position=1.0, note=f"note-{name}", added_by=user
    )
    ReelStep.objects.create(
        reel=reel, user=user, before={str(clip.pk): None}, after={str(clip.pk): {"in_frame": 0, "out_frame": 25}},
        sentence=f"step-{name}",
    )  # fmt: skip
    return reel


def make_search_things(mark: str, *, team: Team, video: Video, user: User) -> dict[str, Any]:
    """One of everything that search keeps."""
    encoder = make_encoder(f"encoder-{mark}")
    attribute = Attribute.objects.create(team=team, name=f"attribute-{mark}", created_by=user)
    head = AttributeModel.objects.create(attribute=attribute, encoder=encoder, version=1, weights={}, is_active=True)
    saved = SavedSearch.objects.create(user=user, name=f"search-{mark}", query=f"q=words-{mark}")
    SavedSearchMatch.objects.create(search=saved, video=video, start_frame=0)
    return {
        "encoder": encoder,
        "shot_vector": make_shot_vector(encoder, video, start=0, end=video.frame_count),
        "shot_description": make_description(video, f"description-{mark}", start=0, end=video.frame_count),
        "dialogue_line": make_dialogue_line(video, f"dialogue-{mark}", start=5, end=30),
        "shot_label": ShotLabel.objects.create(
            video=video, start_frame=0, end_frame=video.frame_count, text=f"label-{mark}", user=user
        ),
        "contrastive_training": ContrastiveTraining.objects.create(
            parent=encoder, state=WorkState.FAILED, error=f"error-{mark}"
        ),
        "saved_search": saved,
        "reel": make_reel(team, f"reel-{mark}", video=video, user=user),
        "attribute": attribute,
        "attribute_example": AttributeExample.objects.create(
            attribute=attribute, video=video, start_frame=0, end_frame=video.frame_count, has_it=True, user=user
        ),
        "attribute_model": head,
        "shot_attribute": ShotAttribute.objects.create(
            attribute=attribute, model=head, video=video, start_frame=0, end_frame=video.frame_count, probability=0.9
        ),
    }
