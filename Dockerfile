# Two stages: the first installs what requirements/image.txt pins, by hash, and makes the pages' files with a Node.js that
# stays behind; the second has no tools to build with, but the client of Postgres 17 for `makegood backup`.
ARG PYTHON=3.11

FROM python:${PYTHON}-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 UV_PYTHON_DOWNLOADS=never UV_NO_CACHE=1 UV_LINK_MODE=copy
WORKDIR /build
COPY requirements/bootstrap.txt requirements/image.txt requirements/
RUN python -m venv uv \
    && uv/bin/pip install --require-hashes -r requirements/bootstrap.txt \
    && python -m venv --without-pip /opt/makegood \
    && uv/bin/uv pip sync --compile-bytecode --python /opt/makegood/bin/python --require-hashes requirements/image.txt
RUN printf '#!/bin/sh\nexec /opt/makegood/bin/python -m api.runtime.cli "$@"\n' > /opt/makegood/bin/makegood \
    && chmod 755 /opt/makegood/bin/makegood
COPY requirements/front.txt requirements/
COPY package.json package-lock.json .npmrc ./
RUN uv/bin/uv pip install --python uv/bin/python --require-hashes -r requirements/front.txt \
    && PATH="/build/uv/bin:$PATH" npm ci --silent --legacy-peer-deps
COPY optimizer /app/optimizer
COPY dispatch /app/dispatch
COPY notifications /app/notifications
COPY api /app/api
RUN ln -s /build/node_modules /app/node_modules \
    && cd /app && /opt/makegood/bin/python -m api.pages.vendor \
    && rm node_modules \
    && /opt/makegood/bin/python -m compileall -q /app

FROM python:${PYTHON}-slim-trixie
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client-17 \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --system --gid 10001 makegood \
    && useradd --system --uid 10001 --gid makegood --no-create-home --home-dir /nonexistent makegood \
    && install -d -o makegood -g makegood -m 0700 /data
COPY --from=build /opt/makegood /opt/makegood
COPY --from=build /app /app
ENV PATH=/opt/makegood/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MAKEGOOD_DATA=/data \
    NUMBA_CACHE_DIR=/data/kernels \
    MAKEGOOD_HOST=0.0.0.0 \
    MAKEGOOD_PORT=8000
WORKDIR /app
USER makegood
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen('http://127.0.0.1:' + os.environ['MAKEGOOD_PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["makegood"]
CMD ["serve"]
