# One image for every production process; compose.yaml says which command each runs.
FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home ava

WORKDIR /app
COPY pyproject.toml package.json package-lock.json .npmrc manage.py ./
COPY ava/__init__.py ava/bootstrap.py ava/
# The environment first: it changes seldom, and a change of code then costs seconds.
RUN python3 -c "from ava.bootstrap import prepare_environment; prepare_environment(extra='s3')"
COPY . .
RUN mkdir -p /data && chown ava /data
USER ava
ENV AVA_NO_VENV=1 AVA_HOME=/data PATH=/app/.venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 \
    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
VOLUME /data
EXPOSE 8000
CMD ["uvicorn", "ava.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--proxy-headers"]
