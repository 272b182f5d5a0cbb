# syntax=docker/dockerfile:1
# The image of every `guanche` command. Two stages: the first installs, the second runs, without a
# compiler, without the test and development packages, and not as root.

FROM python:3.13.9-slim-trixie AS build
WORKDIR /build

# requirements.lock pins everything, development included. Of it, the build tools are taken first …
COPY requirements.lock ./
RUN awk '/^[a-z]/ { wanted = /^(uv|hatchling|packaging|pathspec|pluggy|trove-classifiers)==/ } wanted' \
        requirements.lock > build-requirements.lock \
    && python -m venv /build/tools \
    && /build/tools/bin/pip install --no-cache-dir --require-hashes -r build-requirements.lock

# … then what the project itself depends on, each in the version and with the hash of the lock.
COPY pyproject.toml ./
RUN /build/tools/bin/uv venv /app \
    && VIRTUAL_ENV=/app /build/tools/bin/uv pip install --no-cache --require-hashes \
        --constraint requirements.lock -r pyproject.toml

COPY . .
RUN /build/tools/bin/python -m hatchling build -t wheel \
    && VIRTUAL_ENV=/app /build/tools/bin/uv pip install --no-cache --no-deps --compile-bytecode \
        dist/*.whl

FROM python:3.13.9-slim-trixie
RUN groupadd --system --gid 10001 guanche \
    && useradd --system --uid 10001 --gid guanche --no-create-home guanche \
    && install -d -o guanche -g guanche -m 0700 /var/lib/guanche/files
COPY --from=build /app /app
ENV PATH=/app/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /tmp
USER 10001:10001
EXPOSE 9108 8080
STOPSIGNAL SIGTERM
# Of ingest: /healthz answers 200 while it can do its work; an answer of 503 or none raises.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ.get('GUANCHE_HTTP_PORT', '9108') + '/healthz', timeout=4)"]
ENTRYPOINT ["guanche"]
CMD ["ingest"]
