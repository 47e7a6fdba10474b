# The service as a container. There is nothing to build: Node runs the source as it is. The tree belongs to root and is
# only read; what is written goes to the two volumes.
FROM node:24-slim

WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY server/package.json server/
# Node comes with the image, so the one of the lock file is not wanted a second time.
RUN npm ci --omit=dev --ignore-scripts && rm -rf node_modules/node-linux-* node_modules/.bin/node
COPY LICENSE ./
COPY web/client/ web/client/
COPY server/src/ server/src/

# The key has a volume of its own: a copy of the data alone must not open it.
RUN install -d -o node -g node -m 0700 /data /data-key
VOLUME ["/data", "/data-key"]

ENV NODE_ENV=production
ENV SECONDRING_DATA=/data
ENV SECONDRING_LISTEN=0.0.0.0:8080
# For Prometheus in the same network. Publish 8080 and never this port.
ENV SECONDRING_METRICS_LISTEN=0.0.0.0:9464
EXPOSE 8080

USER node
# Whether the process lives. What a balancer asks is /readyz.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning", "server/src/main.ts"]
CMD ["serve"]
