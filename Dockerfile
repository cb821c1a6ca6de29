FROM python:3.13-slim AS packages
COPY requirements/run.txt /tmp/
RUN python -m venv /opt/rung \
 && /opt/rung/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/run.txt

FROM python:3.13-slim
# The embedded Postgres needs a user with a name, and a home of its own; DATABASE_URL makes the volume unnecessary.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /var/lib/rung rung \
 && install --directory --owner=rung --group=rung --mode=0700 /var/lib/rung
COPY --from=packages /opt/rung /opt/rung
WORKDIR /app
COPY ladder_content ladder_content
COPY growth growth
COPY db db
COPY handlers handlers
COPY bot bot
# The container's network is the boundary: who probes or scrapes is outside of it.
ENV PATH=/opt/rung/bin:$PATH \
    HOST=:: \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    LOG_FORMAT=json \
    MPLCONFIGDIR=/tmp/matplotlib \
    PORT=3000 \
    RUNG_HOME=/var/lib/rung
USER rung
VOLUME /var/lib/rung
EXPOSE 3000
HEALTHCHECK --start-period=20s CMD ["python", "-c", "import os, urllib.request as r; r.build_opener(r.ProxyHandler({})).open(f\"http://127.0.0.1:{int(os.environ['PORT'])}/healthz\", timeout=3)"]
CMD ["python", "-m", "bot", "run"]
