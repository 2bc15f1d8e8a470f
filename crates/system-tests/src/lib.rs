//! Tests of the whole system: real servers, real programs, more than one release. They are in
//! `tests/`.
