# One image for every service: the command that it is started with says which one, as in `node payment/src/main.ts`.
#
# Only steps that the classic builder knows, so that docker-compose 1.29 builds it too. The dependencies come before
# the code: a change of code rebuilds nothing but the copies. No install script runs; none of these packages has one.
FROM node:24.21.0-bookworm-slim

# With a threshold of its own glibc gives freed memory back after a burst.
ENV NODE_ENV=production HOST=0.0.0.0 MALLOC_TRIM_THRESHOLD_=1048576
WORKDIR /app

COPY package.json package-lock.json .npmrc ./
COPY shared/package.json shared/
COPY order/package.json order/
COPY payment/package.json payment/
COPY shipment/package.json shipment/
RUN npm ci --omit=dev --ignore-scripts -w shared -w order -w payment -w shipment \
 && rm -rf /root/.npm

COPY shared/src shared/src
COPY shipment/src shipment/src
COPY payment/src payment/src
COPY order/src order/src

# docker-compose build --build-arg COMMIT=$(git rev-parse HEAD): what /version says; git's files stay outside.
ARG COMMIT=
ENV COMMIT=$COMMIT

USER node
EXPOSE 3000
CMD ["node", "order/src/main.ts"]
