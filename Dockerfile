# The worker's image: one program, the libav it needs and nothing else. Fargate keeps no images, so that every byte is
# part of every task's start.
#
#   docker build --tag posterframe-worker .
#   docker run --rm --read-only -e INPUT_VIDEO_FILE_URL=BUCKET/KEY_OR_HTTPS_ADDRESS -e POSITION_TIME_DURATION=00:10 \
#     -e OUTPUT_THUMBS_FILE_NAME=frame.png -e OUTPUT_S3_PATH=BUCKET/thumbnails -e AWS_REGION=eu-west-1 \
#     -e AWS_ACCESS_KEY_ID -e AWS_SECRET_ACCESS_KEY -e AWS_SESSION_TOKEN posterframe-worker
#
# `--target functions --output type=local,dest=DIR` gives the two functions' programs instead.

# Bases by tag, so that a build has their security updates. `--build-arg DEBIAN=docker.io/library/debian@sha256:…` holds one to
# a digest.
ARG DEBIAN=docker.io/library/debian:bookworm-slim
ARG RUST=docker.io/library/rust:1.95-slim-bookworm

# --- libav: Debian bookworm's own source, which is also what the app's preview is tested with ---------------------
FROM ${DEBIAN} AS libav
# Versions are those of the release: Debian keeps no others, and its security updates are wanted.
# hadolint ignore=DL3008
RUN sed -i 's/^Types: deb$/Types: deb deb-src/' /etc/apt/sources.list.d/debian.sources \
  && apt-get update \
  && apt-get install -y --no-install-recommends \
    ca-certificates dpkg-dev gcc libc6-dev libdav1d-dev make nasm pkg-config zlib1g-dev \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /src
RUN apt-get update \
  && apt-get source --only-source ffmpeg \
  && rm -rf /var/lib/apt/lists/*
COPY script/stack/libav.options /src/
# The options hold no spaces: each line is one word.
# hadolint ignore=DL3003,SC2046
RUN cd ffmpeg-5.1.*/ \
  && ./configure $(grep -- '^--' ../libav.options) \
  && make -j"$(nproc)" \
  && make install \
  && rm -rf /src/ffmpeg-*

# --- The toolchain ---------------------------------------------------------------------------------------------------
FROM ${RUST} AS toolchain
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends \
    ca-certificates clang libc6-dev libclang-dev libdav1d-dev make pkg-config zlib1g-dev \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /src
# All that .dockerignore lets through: one step, since some engines keep a whole copy of the toolchain for each.
COPY . .

# --- The functions -----------------------------------------------------------------------------------------------------
FROM toolchain AS build-functions
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
  cargo build --release --locked --package posterframe-functions \
  && mkdir /out && cp target/release/upload-trigger target/release/thumbnail-trigger /out/

FROM scratch AS functions
COPY --from=build-functions /out/ /

# --- The worker --------------------------------------------------------------------------------------------------------
FROM toolchain AS build-worker
COPY --from=libav /opt/libav /opt/libav
ENV PKG_CONFIG_PATH=/opt/libav/lib/pkgconfig LD_LIBRARY_PATH=/opt/libav/lib
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
  cargo build --release --locked --package posterframe-worker \
  && mkdir -p /out/usr/bin && cp target/release/posterframe-worker /out/usr/bin/
# The program, the libraries that it loads wherever they lie, the loader's cache, and the authorities that S3's certificate
# is checked against.
RUN strip /out/usr/bin/posterframe-worker \
  && ldd /out/usr/bin/posterframe-worker > /tmp/needed \
  && ! grep 'not found' /tmp/needed \
  && grep -o '/[^ ]*' /tmp/needed > /tmp/files \
  && xargs -I {} cp --dereference --parents {} /out < /tmp/files \
  && find /out -name '*.so*' -exec strip --strip-unneeded {} + \
  && mkdir -p /out/etc/ssl/certs && cp /etc/ssl/certs/ca-certificates.crt /out/etc/ssl/certs/ \
  && echo 'worker:x:65532:65532::/:/sbin/nologin' > /out/etc/passwd \
  && echo /opt/libav/lib > /out/etc/ld.so.conf && ldconfig -r /out

FROM scratch
ARG REVISION=unknown
LABEL org.opencontainers.image.title="posterframe-worker" \
  org.opencontainers.image.description="Exact frames of a video in S3 as pictures in S3" \
  org.opencontainers.image.source="https://github.com/posterframe/posterframe" \
  org.opencontainers.image.licenses="MIT OR Apache-2.0" \
  org.opencontainers.image.revision="${REVISION}"
COPY --from=build-worker /out/ /
# glibc otherwise keeps freed pictures for later ones, in among what is still used: some 5 MB more at 1080p.
ENV MALLOC_MMAP_THRESHOLD_=262144
USER 65532:65532
ENTRYPOINT ["/usr/bin/posterframe-worker"]
