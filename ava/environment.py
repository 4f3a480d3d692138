"""What the environment says about this installation, checked before anything starts."""

import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]


@dataclass(frozen=True)
class Environment:
    """Settings read from environment variables (production) or from the supervisor's file (embedded)."""

    home: Path
    variables: dict[str, str] = field(repr=False)
    services: dict[str, str] = field(repr=False)

    @classmethod
    def read(cls, *, base_dir: Path) -> "Environment":
        variables = dict(os.environ)
        home = Path(variables.get("AVA_HOME", base_dir / "var")).resolve()
        services_file = home / "run" / "services.json"
        services = json.loads(services_file.read_text()) if services_file.is_file() else {}
        return cls(home=home, variables=variables, services=services)

    @property
    def is_production(self) -> bool:
        """True when the database comes from the environment and not from the supervisor."""
        return bool(self.variables.get("DATABASE_URL")) and self.variables.get("AVA_EMBEDDED") != "1"

    @property
    def behind_tls(self) -> bool:
        return self.is_production and self.text("AVA_TLS", default="1") != "0"

    def text(self, name: str, *, default: str | None = None) -> str:
        value = self.variables.get(name, "") or default
        if value is None:
            raise ImproperlyConfigured(
                f"Set {name}: with DATABASE_URL set, AVA takes it from the environment."
            )
        return value

    def integer(self, name: str, *, default: int) -> int:
        value = self.text(name, default=str(default))
        if not value.isdigit() or int(value) == 0:
            raise ImproperlyConfigured(f"{name} must be a whole number above 0, not {value!r}.")
        return int(value)

    def choice(self, name: str, *, among: tuple[str, ...]) -> str:
        """One of some words; the first one where nothing is said."""
        value = self.text(name, default=among[0])
        if value not in among:
            raise ImproperlyConfigured(f"{name} must be {', '.join(among[:-1])} or {among[-1]}, not {value!r}.")
        return value

    def listing(self, name: str) -> list[str]:
        return [part.strip() for part in self.variables.get(name, "").split(",") if part.strip()]

    @property
    def secret_key(self) -> str:
        if self.is_production:
            key = self.text("SECRET_KEY")
            if len(key) < 50 or len(set(key)) < 5:
                raise ImproperlyConfigured(
                    "SECRET_KEY must be at least 50 random characters; make one with: "
                    "python3 -c 'import secrets; print(secrets.token_urlsafe(64))'"
                )
            return key
        return _kept_secret(self.home / "secret_key")

    @property
    def allowed_hosts(self) -> list[str]:
        named = self.listing("ALLOWED_HOSTS")
        if not self.is_production:
            return [*_LOCAL_HOSTS, *named]
        if not named:
            raise ImproperlyConfigured(
                "Set ALLOWED_HOSTS to the host names AVA is reached by, separated by commas."
            )
        return named

    @property
    def trusted_origins(self) -> list[str]:
        return [f"https://{host}" for host in self.allowed_hosts if self.behind_tls and host != "*"]

    @property
    def database(self) -> dict[str, Any]:
        url = self.variables.get("DATABASE_URL") or self.services.get("database_url", "")
        if not url:
            # Commands that need no database (analyze, models, check) still run; a query says what to do.
            return {"ENGINE": "django.db.backends.dummy"}
        return parse_database_url(url)

    @property
    def redis_url(self) -> str:
        if self.is_production:
            url = self.text("REDIS_URL")
            if urlsplit(url).scheme not in {"redis", "rediss", "unix"}:
                raise ImproperlyConfigured(
                    f"REDIS_URL must begin with redis://, rediss:// or unix://, not {url!r}."
                )
            return url
        return self.variables.get("REDIS_URL") or self.services.get("redis_url", "")

    @property
    def broker_url(self) -> str:
        """Celery's broker: `BROKER_URL` (RabbitMQ: amqp://…) when set, else Redis."""
        url = self.variables.get("BROKER_URL", "")
        if url and urlsplit(url).scheme not in {"amqp", "amqps", "redis", "rediss"}:
            raise ImproperlyConfigured(f"BROKER_URL must begin with amqp:// or redis://, not {url!r}.")
        if url:
            return url
        redis = self.redis_url
        return redis.replace("unix://", "redis+socket://", 1) if redis else "memory://"

    @property
    def channel_layer(self) -> dict[str, Any]:
        if not self.redis_url:
            return {"BACKEND": "channels.layers.InMemoryChannelLayer"}
        # redis-py 8 closes idle sockets after 5 s unless told otherwise, and live pages would go dark.
        host = {"address": self.redis_url, "socket_timeout": None}
        return {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [host]}}

    @property
    def cache(self) -> dict[str, Any]:
        """Shared by all processes, so that limits on sign-ins count over all of them."""
        if not self.redis_url:
            return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
        return {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": self.redis_url}

    @property
    def media_root(self) -> Path:
        return Path(self.text("MEDIA_ROOT", default=str(self.home / "media")))

    @property
    def media_storage(self) -> dict[str, Any]:
        """Local files, or an S3-compatible bucket when `S3_BUCKET` is set (needs the `s3` extra)."""
        bucket = self.variables.get("S3_BUCKET")
        if not bucket:
            return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
        return {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": bucket,
                "endpoint_url": self.variables.get("S3_ENDPOINT_URL") or None,
                "access_key": self.text("S3_ACCESS_KEY_ID"),
                "secret_key": self.text("S3_SECRET_ACCESS_KEY"),
                "region_name": self.variables.get("S3_REGION") or None,
                "location": self.variables.get("S3_PREFIX", ""),
                "querystring_auth": True,
                "querystring_expire": 3600,
                "file_overwrite": False,
                "default_acl": None,
            },
        }


def parse_database_url(url: str) -> dict[str, Any]:
    """Turn postgresql://user:password@host:port/name?host=/socket/dir into Django's settings."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            f"DATABASE_URL must begin with postgresql://, not {parts.scheme}://: AVA needs Postgres."
        )
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise ImproperlyConfigured("DATABASE_URL names no database: end it with /NAME.")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", "") or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": query,
    }


def _kept_secret(path: Path) -> str:
    """Read the installation's own secret, making it on first use; only its owner may read it."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    secret = secrets.token_urlsafe(64)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process of the same start was quicker
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secret)
    return secret
