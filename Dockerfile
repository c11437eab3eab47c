# syntax=docker/dockerfile:1
# Botyard in a container. docs/containers.md says how to run it, and what becomes of its bots when it stops.

# The dashboard, built with all packages; then those that the server needs, the Node that it runs on among them.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY vite.config.ts tsconfig.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev --ignore-scripts

# Debian brings the rest of what the server asks the system for: sh, util-linux, coreutils, grep.
FROM debian:bookworm-slim
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates tini \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --uid 10001 --user-group --home-dir /data/home --no-create-home --shell /bin/bash botyard \
  && useradd --uid 10002 --user-group --home-dir /data/bots --no-create-home --shell /bin/bash botyard-bots \
  && install --directory --owner=10001 --group=10001 --mode=0700 /data /var/cache/botyard
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/public ./public
COPY package.json gunicorn-equivalent.config.ts ./
COPY migrations ./migrations
COPY deploy/container.sh deploy/railway.sh deploy/start.sh ./deploy/
COPY src ./src
# Bots end with a container. Nothing is waited for unless somebody says so, as Docker by itself waits for ten seconds only.
ENV NODE_ENV=production \
  NODE_COMPILE_CACHE=/var/cache/botyard \
  HOME=/data/home \
  DATA_DIR=/data/botyard \
  PORT=20000 \
  DRAIN_SECONDS=0
# By number, so that a host that refuses root can see that it is not.
USER 10001:10001
# The cache is kept by user, so the one who will read it fills it.
RUN node_modules/.bin/node src/commands/warm-up.ts
VOLUME /data
EXPOSE 20000
# To the server alone: it ends its bots itself.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --start-interval=2s --retries=3 \
  CMD ["node_modules/.bin/node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# What bots leave behind becomes its child, and is buried by it.
ENTRYPOINT ["tini", "--"]
CMD ["deploy/container.sh"]
