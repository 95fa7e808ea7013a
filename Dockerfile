# docker build -t anabranch . && docker run --rm -v "$PWD:/jobs" -w /jobs anabranch run examples/pv_uv/pv_uv.sql
FROM rust:1.95-bookworm AS build
WORKDIR /source
COPY . .
RUN cargo install --locked --path cli --root /out

FROM debian:bookworm-slim
RUN useradd --create-home anabranch
COPY --from=build /out/bin/anabranch /usr/local/bin/anabranch
USER anabranch
ENTRYPOINT ["anabranch"]
