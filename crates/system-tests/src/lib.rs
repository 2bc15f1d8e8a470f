//! Tests of the whole system that need servers, npm, Python or a browser: they are in `tests/`.
