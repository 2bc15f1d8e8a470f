# Lists the recipes.
default:
    @just --list --unsorted

# Runs the portal with demo data.
run:
    cargo run -- --demo

# Runs the operator's commands, such as `just admin org list`.
admin *ARGS:
    cargo run -p portal-admin -- {{ ARGS }}

# Runs the tests that need nothing but Rust and a C compiler.
test:
    cargo test

# Runs all tests, those too that need servers, a browser or npm.
test-all:
    .ci/run tests databases system

# Runs the tests in a real browser alone. Their pictures of the pages are in target/screenshots.
test-browser:
    cargo test -p portal-system-tests --test browser

# Before a release: kills the program among 200 submissions, many times.
crashes TIMES='100':
    cargo test --test server --no-run
    for run in $(seq {{ TIMES }}); do cargo test --quiet --test server killed_during || exit 1; done

# Before a release: kills PostgreSQL and Redis under load and restarts portals, many times.
outages TIMES='20':
    cargo test -p portal-system-tests --test server --no-run
    for run in $(seq {{ TIMES }}); do cargo test --quiet -p portal-system-tests --test server || exit 1; done

# Before a release: what others notice of a flood from one account and one address.
flood:
    cargo test -p portal-system-tests --test server -- --ignored --nocapture --test-threads 1 flood

# Before a release: the portal behind a PgBouncer of 1.21 or later, by its program's path.
pooler PROGRAM:
    TEST_PGBOUNCER={{ PROGRAM }} cargo test -p portal-system-tests --test postgres -- --ignored poolers

# Measures every kind of request next to its limit, on a quiet machine. See docs/performance.md.
bench *ARGS: _bench-build
    target/release/portal-bench run {{ ARGS }}

# Measures what requests cost in a small and in a large database, and draws it.
bench-growth *ARGS: _bench-build
    target/release/portal-bench growth {{ ARGS }}

# Measures two portals on one database next to one.
bench-two *ARGS: _bench-build
    target/release/portal-bench two {{ ARGS }}

# Prints where the CPU of one kind of request goes, by `perf`.
profile *ARGS:
    CARGO_PROFILE_RELEASE_STRIP=none CFLAGS=-fno-omit-frame-pointer RUSTFLAGS='-C force-frame-pointers=yes' \
        cargo build --release -p portal-server --target-dir target/profile
    cargo build --release -p portal-bench
    target/release/portal-bench profile --server target/profile/release/portal-server {{ ARGS }}

# Measures the pure parts of a request.
bench-parts *ARGS:
    cargo bench -p portal-bench --bench parts -- {{ ARGS }}

# Before a release: a long time at a part of the highest load.
soak MINUTES='30' *ARGS: _bench-build
    target/release/portal-bench soak --minutes {{ MINUTES }} {{ ARGS }}

_bench-build:
    cargo build --release -p portal-server
    cargo build --release -p portal-bench

# Serves the pages alone over demo data, to look at while working on them.
pages:
    cargo run -p portal-web --example pages

# Formats the code.
fmt:
    cargo fmt --all

# Checks the format and lints everything; warnings are errors.
lint:
    .ci/run format clippy

# Builds the documentation of the workspace; warnings are errors.
doc:
    .ci/run docs

# Checks licences, sources and the bounds of the layers in the dependency tree.
deny:
    .ci/run deny

# Checks everything, as continuous integration does.
ci:
    .ci/run
