# The API without a database: it needs NEO4J_URI, NEO4J_USER and NEO4J_PASSWORD. The extras otel and redis are in
# it, so that OTEL_EXPORTER_OTLP_ENDPOINT and REDIS_URL can be set.

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY requirements-build.lock requirements-server.lock ./
RUN pip install --require-hashes --only-binary :all: --no-deps -r requirements-build.lock \
    && python -m venv --without-pip /venv \
    && pip --python /venv/bin/python install --require-hashes --only-binary :all: --no-deps -r requirements-server.lock
COPY pyproject.toml README.md LICENSE ./
COPY graph_api graph_api
RUN python -m hatchling build -t wheel -d dist \
    && pip --python /venv/bin/python install --no-deps --no-index dist/*.whl

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /app --no-create-home --shell /usr/sbin/nologin api
COPY --from=build /venv /venv
COPY seed /app/seed
COPY schema/operations /app/schema/operations
WORKDIR /app
ENV PATH=/venv/bin:$PATH API_HOST=0.0.0.0 API_PORT=8000 PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['API_PORT']}/readyz\", timeout=2)"]
ENTRYPOINT ["graph-api"]
CMD ["serve", "--seed", "/app/seed"]
