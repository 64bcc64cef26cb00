# syntax=docker/dockerfile:1
FROM node:24-bookworm-slim AS base
WORKDIR /app
ENV NEXT_TELEMETRY_DISABLED=1

FROM base AS build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --include=dev
COPY . .
RUN node scripts/standalone.mjs /out

# The packages that run; what only builds (compilers) stays behind.
FROM base AS packages
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=dev \
 && rm -rf node_modules/@next/swc-* node_modules/@tailwindcss node_modules/typescript node_modules/@typescript node_modules/node-linux-*

FROM base
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 PLUMBLINE_DATA_DIR=/data
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /out ./
RUN install -d -o node -g node /data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/api/health`).then((a) => process.exit(a.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "scripts/serve.ts"]
