# Built and proven without a container engine too: `npm run container:check` performs these steps in a scratch folder. That is
# why every step stays below /app and installs nothing into the system.

# The pages and the generated clients need the development packages; none of them reaches the last stage.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --include=dev --ignore-scripts --no-audit --no-fund
COPY . .
RUN node scripts/prepare.mjs

# The image brings its own Node, and the database is another container: npm's copy of Node, the embedded PostgreSQL (optional
# packages of the platform) and Prisma's command line stay out. Argon2's binary is optional too, and wanted.
FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund
COPY --from=build /app/node_modules/@node-rs ./node_modules/@node-rs

FROM node:24-bookworm-slim AS runtime
LABEL org.opencontainers.image.title="Sallyport" \
      org.opencontainers.image.description="Self-hosted identity and access API: typed GraphQL sign-in flows and live, replayable security events." \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/package.json /app/LICENSE /app/NOTICE ./
COPY --from=build /app/drizzle ./drizzle
COPY --from=build /app/prisma ./prisma
COPY --from=build /app/web/dist ./web/dist
COPY --from=build /app/web/src/gql/persisted-documents.json ./web/src/gql/persisted-documents.json
COPY --from=build /app/src ./src
# The files belong to root and the program may only read them: nothing that breaks in can change the code.
USER 1000:1000
EXPOSE 4000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 4000}/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# The flag is that of scripts/lib/server-flags.mjs.
CMD ["node", "--max-semi-space-size=16", "src/app/main.ts"]
