# Lists the recipes.
default:
    @just --list --unsorted

# Runs the portal with demo data.
run:
    cargo run --release -- --demo

# Runs the operator's commands, such as `just admin org list`.
admin *ARGS:
    cargo run --release -p portal-admin -- {{ ARGS }}

# Runs all tests.
test:
    cargo test --workspace

# Runs the tests in a real browser alone. Their pictures of the pages are in target/screenshots.
test-browser:
    cargo test -p portal-web --test browser

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
