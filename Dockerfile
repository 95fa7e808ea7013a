# docker build -t anabranch . && docker run --rm -v "$PWD:/jobs" -w /jobs anabranch run examples/pv_uv/pv_uv.sql
FROM rust:1.95-bookworm AS build
WORKDIR /source
COPY . .
RUN cargo install --locked --path cli --root /out

# What runs inline functions, `CREATE FUNCTION … LANGUAGE PYTHON AS $$ … $$`.
FROM node:22-bookworm AS interpreters
RUN apt-get update && apt-get install --yes --no-install-recommends python3-venv
COPY --from=build /out/bin/anabranch /usr/local/bin/anabranch
RUN anabranch function interpreter build python --to /interpreters
RUN anabranch function interpreter build javascript --to /interpreters

FROM debian:bookworm-slim
RUN useradd --create-home anabranch
COPY --from=build /out/bin/anabranch /usr/local/bin/anabranch
# Beside `bin`, where they are looked for.
COPY --from=interpreters /interpreters /usr/local/interpreters
USER anabranch
ENTRYPOINT ["anabranch"]
