# syntax=docker/dockerfile:1
# The bridge in a container:
#   docker build -t obis-bridge .
#   docker run --rm obis-bridge --version
#   docker run -d --name obis-bridge --restart unless-stopped -v ./config:/etc/obis-bridge obis-bridge
ARG SWIFT_VERSION=6.2

FROM swift:${SWIFT_VERSION}-bookworm AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libcurl4-openssl-dev libmosquitto-dev libsqlite3-dev libssl-dev zlib1g-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
# A layer of its own: the dependencies change less often than the source.
COPY Package.swift ./
RUN swift package resolve
COPY . .
# The same options as Scripts/package, which says why.
RUN swift build $(cat packaging/build-options) \
    && install -D --strip "$(swift build $(cat packaging/build-options) --show-bin-path)/obis-bridge" /out/obis-bridge

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates libcurl4 libjs-dygraphs libmosquitto1 libsqlite3-0 libssl3 libstdc++6 tzdata zlib1g \
    && rm -rf /var/lib/apt/lists/*
# The folder has the history, and remembers over a restart which message the bridge was handling when it ended uncleanly.
RUN useradd --system --uid 990 --user-group --home-dir /nonexistent --shell /usr/sbin/nologin obis-bridge \
    && install -d -o obis-bridge -g obis-bridge -m 0700 /var/lib/obis-bridge
COPY --from=build /out/obis-bridge /usr/bin/obis-bridge
COPY Profiles/*.yaml /usr/share/obis-bridge/profiles/
COPY Profiles/labels /usr/share/obis-bridge/labels
COPY Profiles/lists /usr/share/obis-bridge/lists
COPY Profiles/mappings /usr/share/obis-bridge/mappings
COPY Profiles/names /usr/share/obis-bridge/names
COPY packaging/bridge.yaml /etc/obis-bridge/bridge.yaml
COPY packaging/container/healthy /usr/bin/obis-bridge-healthy
ENV RUNTIME_DIRECTORY=/var/lib/obis-bridge
USER obis-bridge
VOLUME ["/etc/obis-bridge", "/var/lib/obis-bridge"]
# No HEALTHCHECK: without its broker the bridge waits, which is no illness, and whatever else is wrong ends it with an exit code.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/obis-bridge"]
CMD ["run", "--config", "/etc/obis-bridge/bridge.yaml"]
