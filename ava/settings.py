"""Django settings: embedded by default, production from the environment, loud when wrong.

Without `DATABASE_URL` AVA uses the Postgres and Redis that `manage.py up` runs out of `AVA_HOME`
(default: `var/` beside manage.py); their addresses stand in `AVA_HOME/run/services.json`.
With `DATABASE_URL` everything comes from the environment and nothing has a silent default.
"""

from pathlib import Path

from ava.admin_theme import UNFOLD as UNFOLD
from ava.api_guide import API_GUIDE
from ava.environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
ENV = Environment.read(base_dir=BASE_DIR)

AVA_HOME = ENV.home
AVA_WEIGHTS_DIR = AVA_HOME / "weights"
AVA_CACHE_DIR = AVA_HOME / "cache"
AVA_UPLOAD_DIR = AVA_HOME / "uploads"
AVA_MAX_UPLOAD_BYTES = ENV.integer("AVA_MAX_UPLOAD_BYTES", default=400 * 2**30)
AVA_X_ACCEL_PREFIX = ENV.text("AVA_X_ACCEL_PREFIX", default="")
AVA_FRAME_CACHE_BYTES = ENV.integer("AVA_FRAME_CACHE_BYTES", default=4 * 2**30)

# Folders below which clips may be watched for, separated by colons.
AVA_WATCH_ROOTS = [root for root in ENV.text("AVA_WATCH_ROOTS", default="").split(":") if root]

# Where networks run: auto (a GPU when there is one), cpu or cuda.
AVA_DEVICE = ENV.choice("AVA_DEVICE", among=("auto", "cpu", "cuda"))
# Every frame instead of a few of each shot: for machines whose GPU has the time.
AVA_LOOK_AT_EVERY_FRAME = ENV.text("AVA_LOOK_AT_EVERY_FRAME", default="0") == "1"

# How vectors are searched: exactly while that is quick enough, above that size by an index; or always one of the two.
AVA_VECTOR_SEARCH = ENV.choice("AVA_VECTOR_SEARCH", among=("auto", "exact", "hnsw"))

SECRET_KEY = ENV.secret_key
DEBUG = False
ALLOWED_HOSTS = ENV.allowed_hosts
CSRF_TRUSTED_ORIGINS = ENV.trusted_origins
CSRF_FAILURE_VIEW = "ava.views.csrf_failed"

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "ava.admin_config.AvaAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "channels",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "ava.apps.AvaConfig",
    "curation.apps.CurationConfig",
    "qc.apps.QcConfig",
    "search.apps.SearchConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "ava.urls"
ASGI_APPLICATION = "ava.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["ava.template_filters"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": ENV.database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": ENV.cache}
CHANNEL_LAYERS = {"default": ENV.channel_layer}

CELERY_BROKER_URL = ENV.broker_url
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A killed worker's message returns in seconds, not after the default minute and a half. The visibility
# timeout stays above the longest task, since Redis hands a longer one out twice.
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"visibility_timeout": 4 * 3600, "unacked_restore_interval": 5, "unacked_restore_throttle": 1}
    if ENV.broker_url.startswith(("redis", "rediss", "unix"))
    else {}
)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "light"
CELERY_TASK_ROUTES = {
    "ava.tasks.work_off_next_unit": {"queue": "chunks"},
    "ava.tasks.render_proxy": {"queue": "chunks"},
    "ava.tasks.fetch_model_file": {"queue": "chunks"},
    "curation.tasks.look_at_still": {"queue": "chunks"},
    "curation.tasks.look_for_logos": {"queue": "chunks"},
    "curation.tasks.annotate_artworks": {"queue": "chunks"},
    "curation.export_tasks.make_export": {"queue": "chunks"},
    "search.reel_tasks.render_reel": {"queue": "chunks"},
    "qc.training_tasks.train_pixel_model": {"queue": "chunks"},
    "qc.training_tasks.measure_model": {"queue": "chunks"},
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 950_000  # KiB; a child above it is replaced after its task

AUTH_USER_MODEL = "ava.User"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "titles"
LOGOUT_REDIRECT_URL = "sign-in"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = ENV.behind_tls
CSRF_COOKIE_SECURE = ENV.behind_tls
SECURE_SSL_REDIRECT = ENV.behind_tls
SECURE_HSTS_SECONDS = 31_536_000 if ENV.behind_tls else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = ENV.behind_tls
SECURE_HSTS_PRELOAD = ENV.behind_tls
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.behind_tls else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 2**20

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = AVA_HOME / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "ava.browser_packages.BrowserPackageFinder",
]
MEDIA_ROOT = ENV.media_root
STORAGES = {
    "default": ENV.media_storage,
    "staticfiles": {"BACKEND": "ava.browser_packages.HashedStaticFilesStorage"},
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "ava.api_auth.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PAGINATION_CLASS": "ava.api_pagination.PagePagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["ava.api_parsers.JSONParser"],
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "ava.api_errors.answer_error",
    "DEFAULT_THROTTLE_RATES": {"sign-in": "20/min"},
}
SPECTACULAR_SETTINGS = {
    "TITLE": "AVA",
    "DESCRIPTION": API_GUIDE,
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SCHEMA_PATH_PREFIX": "/api/",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "WorkState": "ava.models.WorkState",
        "JobKind": "ava.models.Job.Kind",
        "Transition": "ava.models.Shot.Transition",
        "Verdict": "curation.models.Decision.Verdict",
        "MaturityVerdict": "curation.models.MaturityOverride.Verdict",
        "MaturityKind": "curation.stills.maturity.KINDS",
        "ArtworkState": "curation.models.Artwork.State",
        "ExportState": "curation.models.Export.State",
        "PixelVerdict": "qc.models.Verdict",
        "TrailerVerdict": "curation.models.TrailerVerdict.Verdict",
        "PixelFlagKind": "qc.models.PixelFlag.Kind",
        "PixelFlagState": "qc.models.PixelFlag.State",
        "PixelQueueState": "qc.review_queue.QUEUE_STATES",
        "StringOutOrder": "search.string_out_wishes.ORDERS",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "ava.api_errors.document_errors",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": ENV.text("AVA_LOG_LEVEL", default="INFO")},
}
