"""A team with one of everything, every name of which carries a mark by which it is recognised where it must not be."""

import uuid
from dataclasses import dataclass
from typing import Any

import numpy as np

from ava.models import (
    Annotation,
    Chunk,
    Detection,
    Inspection,
    Job,
    JobStage,
    Membership,
    Role,
    Shot,
    Team,
    Title,
    Transition,
    Upload,
    User,
    Video,
    WorkState,
)
from ava.packing import pack_integers, pack_values
from curation.models import (
    Artwork,
    Character,
    Comparison,
    Decision,
    Difference,
    Export,
    Face,
    FaceClaim,
    FaceTrack,
    LayoutStep,
    Logo,
    LogoLook,
    MaturityOverride,
    Mention,
    MomentRanker,
    MomentScoring,
    MomentTraining,
    PeopleAction,
    PickList,
    PickListEntry,
    Picture,
    PictureGroup,
    RankingModel,
    RankingProfile,
    Sameness,
    SavedFilter,
    SimilarPair,
    Still,
    StillNote,
    TeamCanvas,
    TestBatch,
    TestResult,
)
from curation.similarity.index import INDEX_VERSION
from qc.models import ChunkScan, PixelDecision, PixelFlag, PixelModel, PixelTraining, WatchFolder
from search.models import (
    Attribute,
    AttributeExample,
    AttributeModel,
    ContrastiveTraining,
    DialogueLine,
    Encoder,
    Reel,
    SavedSearch,
    ShotAttribute,
    ShotDescription,
    ShotLabel,
    ShotVector,
)
from tests.people_world import make_character, make_track
from tests.search_world import make_search_things
from tests.trailer_world import TRAILER_ROWS, trailer_row

FRAMES = 100


@dataclass(frozen=True)
class World:
    mark: str
    team: Team
    editor: User
    reviewer: User
    administrator: User
    title: Title
    video: Video
    chunk: Chunk
    annotation: Annotation
    inspection: Inspection
    detection: Detection
    shot: Shot
    still: Still
    decision: Decision
    logo: Logo
    character: Character
    face_track: FaceTrack
    face: Face
    people_action: PeopleAction
    job: Job
    upload: Upload
    profile: RankingProfile
    former_profile: RankingProfile
    saved_filter: SavedFilter
    pick_list: PickList
    note: StillNote
    comparison: Comparison
    ranking_model: RankingModel
    export: Export
    artwork: Artwork
    test_batch: TestBatch
    canvas: TeamCanvas
    moment_ranker: MomentRanker
    moment_training: MomentTraining
    moment_scoring: MomentScoring
    pixel_flag: PixelFlag
    pixel_decision: PixelDecision
    pixel_model: PixelModel
    pixel_training: PixelTraining
    watch_folder: WatchFolder
    chunk_scan: ChunkScan
    encoder: Encoder
    shot_vector: ShotVector
    shot_description: ShotDescription
    dialogue_line: DialogueLine
    shot_label: ShotLabel
    contrastive_training: ContrastiveTraining
    saved_search: SavedSearch
    reel: Reel
    attribute: Attribute
    attribute_example: AttributeExample
    attribute_model: AttributeModel
    shot_attribute: ShotAttribute

    def row(self, model_name: str) -> Any:
        """The object of a model by its lower-case name, as addresses of the admin console say it."""
        if model_name in TRAILER_ROWS:
            return trailer_row(self, model_name)
        others = {
            "user": self.reviewer, "facetrack": self.face_track, "peopleaction": self.people_action,
            "momentranker": self.moment_ranker, "momenttraining": self.moment_training,
            "momentscoring": self.moment_scoring,
            "teamcanvas": self.canvas, "pixelflag": self.pixel_flag, "pixeldecision": self.pixel_decision,
            "pixelmodel": self.pixel_model, "pixeltraining": self.pixel_training, "watchfolder": self.watch_folder,
            "chunkscan": self.chunk_scan, "shotvector": self.shot_vector, "shotdescription": self.shot_description,
            "dialogueline": self.dialogue_line, "shotlabel": self.shot_label,
            "contrastivetraining": self.contrastive_training, "savedsearch": self.saved_search,
            "attributeexample": self.attribute_example, "attributemodel": self.attribute_model,
            "shotattribute": self.shot_attribute,
        }  # fmt: skip
        return others.get(model_name) or getattr(self, model_name)


def make_person(name: str, *, team: Team | None = None, role: str = Role.EDITOR, **fields: Any) -> User:
    """Somebody without a password: tests sign them in by force, and hashing takes time."""
    user = User(username=name, **fields)
    user.set_unusable_password()
    user.save()
    if team is not None:
        Membership.objects.create(user=user, team=team, role=role)
    return user


def make_film(title: Title, *, name: str = "film.mp4", frame_count: int = FRAMES) -> Video:
    """A video's row; the file that it names does not exist."""
    return Video.objects.create(
        title=title, original_name=name, file=f"videos/{name}", sha256=uuid.uuid4().hex * 2, size_bytes=12345,
        container="mov,mp4,m4a,3gp,3g2,mj2", codec="h264", pixel_format="yuv420p", bit_depth=8,
        coded_width=640, coded_height=360, width=640, height=360, fps_num=25, fps_den=1,
        time_base_num=1, time_base_den=25, frame_count=frame_count, duration_s=frame_count / 25,
        frame_pts=pack_integers(np.arange(frame_count, dtype=np.int64)),
        keyframes=pack_integers(np.zeros(1, dtype=np.int64)),
    )  # fmt: skip


def make_measurements(video: Video, *, annotator: str = "exposure", version: int | None = None) -> Annotation:
    """One chunk over the whole film in which column number c of frame f measures f + c / 10."""
    from ava.annotate.base import find_annotators

    known = {each.name: each for each in find_annotators()}[annotator]
    chunk = Chunk.objects.create(
        video=video, index=0, start_frame=0, end_frame=video.frame_count, state=WorkState.DONE,
        frames_done=video.frame_count,
    )  # fmt: skip
    values = np.arange(video.frame_count)[:, None] + np.arange(len(known.columns))[None, :] / 10
    return Annotation.objects.create(
        chunk=chunk, annotator=annotator, version=version or known.version, columns=list(known.columns),
        values=pack_values(values.astype(np.float32)),
    )  # fmt: skip


def make_look(video: Video, *, frame: int = 10, detector: str = "framing") -> Detection:
    """One inspection over the whole film in which a detector found 0, 1, 2 … in one frame."""
    from ava.annotate.base import find_detectors

    known = {each.name: each for each in find_detectors()}[detector]
    number = np.array([frame], dtype=np.int64)
    inspection = Inspection.objects.create(
        video=video, index=0, start_frame=0, end_frame=video.frame_count, state=WorkState.DONE,
        frames_done=video.frame_count, looks=pack_integers(number),
    )  # fmt: skip
    return Detection.objects.create(
        inspection=inspection, detector=detector, version=known.version, columns=list(known.columns),
        frames=pack_integers(number), values=pack_values(np.arange(len(known.columns), dtype=np.float32)),
    )  # fmt: skip


def make_still(video: Video, frame: int, *, rank: int, shot: Shot | None = None, **fields: Any) -> Still:
    defaults = {
        "timecode": f"00:00:0{frame // 25}:{frame % 25:02d}", "score": 1 / rank, "explanation": {"sharpness": 0.5},
        "signals": {"exposure.brightness": frame / 100},
    }  # fmt: skip
    return Still.objects.create(video=video, frame_index=frame, rank=rank, shot=shot, **(defaults | fields))


def make_logo(team: Team, name: str, *, seen_in: Still | None = None, **fields: Any) -> Logo:
    """A logo of brand words alone, found in a still if one is given."""
    logo = Logo.objects.create(team=team, name=name, **({"brand_words": [f"word-{name}"]} | fields))
    if seen_in is not None:
        find = {
            "box": [10, 20, 110, 60], "quadrilateral": [[10, 20], [110, 20], [110, 60], [10, 60]], "probability": 0.9,
            "by": "words", "words": f"read-{name}",
        }  # fmt: skip
        LogoLook.objects.create(
            logo=logo, video=seen_in.video, frame_index=seen_in.frame_index, version=1, words=logo.brand_words,
            text_version=1, found=[find], probability=0.9,
        )  # fmt: skip
    return logo


def make_people_action(title: Title, *, user: User, character: Character, sentence: str) -> PeopleAction:
    """Somebody has said of a face that it is a character, and that this is not another one."""
    action = PeopleAction.objects.create(scope=title, user=user, kind="name", sentence=sentence)
    FaceClaim.objects.create(
        video=title.videos.get(), frame_index=10, x0=100, y0=60, x1=172, y1=150, verdict="is", character=character,
        action=action,
    )  # fmt: skip
    other = make_character(title, name=f"other-{sentence}")
    Difference.objects.create(first=character, second=other, action=action)
    return action


def make_artwork(title: Title, name: str, **fields: Any) -> Artwork:
    """An artwork's row; the file that it names does not exist."""
    defaults = {
        "file": f"artwork/{name}", "picture": f"artwork/{name}.png", "sha256": uuid.uuid4().hex * 2,
        "size_bytes": 12345, "width": 640, "height": 360, "state": Artwork.State.READY,
    }  # fmt: skip
    return Artwork.objects.create(title=title, original_name=name, **(defaults | fields))


def make_pictures(title: Title, *, artwork: Artwork, still: Still, user: User) -> PictureGroup:
    """A still and an artwork that are the same picture; a person has said so."""
    group = PictureGroup.objects.create(title=title)
    first = Picture.objects.create(title=title, video=still.video, frame_index=still.frame_index, group=group)
    second = Picture.objects.create(title=title, artwork=artwork, group=group)
    SimilarPair.objects.create(
        first=first, second=second, index=0.9, histogram=0.9, structure=0.8, features=0.9, emd=0.9,
        version=INDEX_VERSION,
    )  # fmt: skip
    Sameness.objects.create(first=first, second=second, is_same=True, user=user)
    return group


def _make_board_things(mark: str, *, team: Team, title: Title, still: Still, user: User) -> dict[str, Any]:
    """What editors work with on the board: a weighting, a filter, a list, a note, a comparison, artwork, results."""
    video, frame = still.video, still.frame_index
    pick_list = PickList.objects.create(title=title, name=f"list-{mark}", created_by=user)
    PickListEntry.objects.create(pick_list=pick_list, video=video, frame_index=frame, is_in=True, user=user)
    note = StillNote.objects.create(video=video, frame_index=frame, user=user, text=f"note-{mark}")
    Mention.objects.create(note=note, user=user)
    MaturityOverride.objects.create(video=video, frame_index=frame, kind="nudity", verdict="", user=user)
    artwork = make_artwork(title, f"artwork-{mark}.png", created_by=user)
    group = make_pictures(title, artwork=artwork, still=still, user=user)
    LayoutStep.objects.create(
        picture=group.members.first(), subject="focal", value=[10, 20], user=user, action=uuid.uuid4()
    )
    batch = TestBatch.objects.create(title=title, file_name=f"tests-{mark}.csv", sha256=uuid.uuid4().hex * 2)
    TestResult.objects.create(
        batch=batch, picture=group.members.first(), region=f"region-{mark}", impressions=1000, plays=100
    )
    return {
        "profile": RankingProfile.objects.create(
            team=team, name=f"profile-{mark}", weights={"sharpness": 1.0}, variety=0.3
        ),
        "former_profile": RankingProfile.objects.create(
            team=team, name=f"profile-{mark}", weights={"colour": 1.0}, variety=0.5, is_current=False
        ),
        "saved_filter": SavedFilter.objects.create(user=user, title=title, name=f"filter-{mark}", query="verdict=pick"),
        "pick_list": pick_list,
        "note": note,
        "comparison": Comparison.objects.create(video=video, better_frame=frame, worse_frame=frame + 1, user=user),
        "ranking_model": RankingModel.objects.create(
            team=team, version=1, pairs=10, stills=8, films=1, measures={}, weights={}
        ),
        "export": Export.objects.create(title=title, wanted={}, state=Export.State.FAILED, error=f"error-{mark}"),
        "artwork": artwork,
        "test_batch": batch,
        "canvas": TeamCanvas.objects.create(
            team=team, key=f"canvas-{mark}", name=f"canvas-{mark}", width_px=300, height_px=200, created_by=user
        ),
    }


def make_moment_ranker(**fields: Any) -> MomentRanker:
    """The next version of the ranker of moments, of weights that nobody can read."""
    newest = MomentRanker.objects.order_by("-version").values_list("version", flat=True).first() or 0
    defaults = {"version": newest + 1, "weights": b"no weights", "sha256": uuid.uuid4().hex * 2}
    return MomentRanker.objects.create(**(defaults | fields))


def _make_moment_things(mark: str, *, video: Video) -> dict[str, Any]:
    """What ranks moments: a version, the training of one, and a film's scores."""
    return {
        "moment_ranker": make_moment_ranker(recipe={"note": f"recipe-{mark}"}),
        "moment_training": MomentTraining.objects.create(state=WorkState.FAILED, error=f"error-{mark}"),
        "moment_scoring": MomentScoring.objects.create(
            video=video, basis="0" * 64, shots=1, packed=b"", missing=[f"missing-{mark}"]
        ),
    }


def make_pixel_model(**fields: Any) -> PixelModel:
    """The next version of the pixel network, of weights that no network can read."""
    newest = PixelModel.objects.order_by("-version").values_list("version", flat=True).first() or 0
    defaults = {"version": newest + 1, "weights": b"no weights", "sha256": uuid.uuid4().hex * 2}
    return PixelModel.objects.create(**(defaults | fields))


def make_pixel_flag(video: Video, *, frame: int = 10, x: float = 100.0, y: float = 60.0, **fields: Any) -> PixelFlag:
    """A hot pixel that nobody has judged, without its patch."""
    defaults = {
        "kind": PixelFlag.Kind.HOT, "area_px": 4, "peak": 0.9, "confidence": 0.8, "amplitude": 60.0,
        "spans": [[frame, frame + 1]], "shot": video.shot_at(frame),
    }  # fmt: skip
    return PixelFlag.objects.create(video=video, frame_index=frame, x=x, y=y, **(defaults | fields))


def _make_qc_things(mark: str, *, title: Title, video: Video, user: User) -> dict[str, Any]:
    """What quality control keeps: a version of the network and a flag of it that a reviewer confirmed."""
    model = make_pixel_model(recipe={"note": f"recipe-{mark}"})
    flag = make_pixel_flag(video, raised_by=model, last_raised_by=model, state="confirmed", reviews=1)
    return {
        "pixel_flag": flag,
        "pixel_decision": PixelDecision.objects.create(flag=flag, user=user, verdict="confirmed", action=uuid.uuid4()),
        "pixel_model": model,
        "pixel_training": PixelTraining.objects.create(parent=model, state=WorkState.FAILED, error=f"error-{mark}"),
        "watch_folder": WatchFolder.objects.create(path=f"/nowhere/watch-{mark}", title=title),
        "chunk_scan": ChunkScan.objects.create(
            chunk=video.chunks.get(), model=model, version=1, stuck_evidence=b"", report={"sentences": [f"scan-{mark}"]}
        ),
    }


def make_world(mark: str) -> World:
    team = Team.objects.create(name=f"team-{mark}")
    people = {role.value: make_person(f"{role}-{mark}", team=team, role=role) for role in Role}
    editor = people["editor"]
    title = Title.objects.create(name=f"title-{mark}", created_by=editor)
    title.teams.add(team)
    video = make_film(title, name=f"film-{mark}.mp4")
    annotation = make_measurements(video)
    detection = make_look(video)
    shot = Shot.objects.create(video=video, index=0, start_frame=0, end_frame=FRAMES, transition="start")
    Transition.objects.create(video=video, kind="fade", start_frame=0, end_frame=5)
    still = make_still(video, 10, rank=1, shot=shot, timecode=f"tc-{mark}"[:16])
    job = Job.objects.create(video=video, state=WorkState.FAILED, error=f"error-{mark}", created_by=editor)
    JobStage.objects.create(job=job, position=0, name="annotate", label="Measuring frames", total_units=FRAMES)
    character = make_character(title, name=f"character-{mark}")
    track = make_track(video, person=1, character=character, start_frame=0, end_frame=FRAMES, looks=[10])
    action = make_people_action(title, user=editor, character=character, sentence=f"action-{mark}")
    return World(
        mark=mark, team=team, editor=editor, reviewer=people["reviewer"], administrator=people["administrator"],
        title=title, video=video, chunk=annotation.chunk, annotation=annotation, shot=shot,
        inspection=detection.inspection, detection=detection,
        still=still, logo=make_logo(team, f"logo-{mark}", seen_in=still),
        decision=Decision.objects.create(video=video, frame_index=10, user=editor, verdict="pick", stars=3),
        character=character, face_track=track, face=track.faces.get(), people_action=action,
        job=job,
        upload=Upload.objects.create(
            id=uuid.uuid4(), title=title, user=editor, original_name=f"upload-{mark}.mov", size_bytes=10
        ),
        **_make_board_things(mark, team=team, title=title, still=still, user=editor),
        **_make_moment_things(mark, video=video),
        **_make_qc_things(mark, title=title, video=video, user=people["reviewer"]),
        **make_search_things(mark, team=team, video=video, user=editor),
    )  # fmt: skip
