# syntax=docker/dockerfile:1
FROM node:20-bookworm-slim AS web
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm install --no-save --no-audit --no-fund
COPY frontend/ ./
RUN npm run build

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=web /src/frontend/dist ./frontend/dist
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=${VERSION}" -o /out/wasl ./cmd/wasl \
 && mkdir -p /out/data

# Certificates and time zones, no shell; runs as user 65532.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/wasl /wasl
COPY --from=build --chown=65532:65532 /out/data /data
ENV WASL_DATA_DIR=/data WASL_LOG_FORMAT=json
EXPOSE 8080
VOLUME /data
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=3 CMD ["/wasl", "health"]
ENTRYPOINT ["/wasl"]
CMD ["serve"]
