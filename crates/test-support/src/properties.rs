//! What holds for whatever anybody may send: properties, tried on many values.
//!
//! The values are the same in each run, so that a failure is one of the change at hand. With
//! `PROPTEST_RNG_SEED` they are others, and with `PROPTEST_CASES` more.

use std::fmt::Debug;

use proptest::collection::vec;
use proptest::prelude::any;
use proptest::sample::select;
use proptest::strategy::{Just, Strategy, ValueTree as _};
use proptest::test_runner::{Config, RngSeed, TestRunner};

pub use proptest;

/// The seed of all runs that name no other.
const SEED: u64 = 7;

fn runner(cases: u32) -> TestRunner {
    let given = Config::default();
    let is_default = given.cases == 256;
    TestRunner::new(Config {
        cases: if is_default { cases } else { given.cases },
        rng_seed: match given.rng_seed {
            RngSeed::Random => RngSeed::Fixed(SEED),
            fixed @ RngSeed::Fixed(_) => fixed,
        },
        failure_persistence: None,
        ..given
    })
}

/// Checks that something holds for this number of values. `check` panics where it does not; the
/// failure is reported with the simplest such value.
#[track_caller]
pub fn for_all<S: Strategy>(cases: u32, values: S, check: impl Fn(S::Value)) {
    let checked = runner(cases).run(&values, |value| {
        check(value);
        Ok(())
    });
    if let Err(error) = checked {
        panic!("{error}");
    }
}

/// This number of values, for checks that have to wait for something.
pub fn samples<S: Strategy>(cases: u32, values: S) -> Vec<S::Value>
where
    S::Value: Debug,
{
    let mut runner = runner(cases);
    let cases = runner.config().cases;
    (0..cases)
        .map(|_| values.new_tree(&mut runner).expect("a value").current())
        .collect()
}

/// Any text, in which these pieces are frequent: what a parser knows.
pub fn text_with(pieces: &'static [&'static str]) -> impl Strategy<Value = String> + Clone {
    let piece = select(pieces).prop_map(str::to_owned);
    let other = any::<char>().prop_map(String::from);
    let ascii = (b' '..=b'~').prop_map(|byte| char::from(byte).to_string());
    let part = proptest::prop_oneof![6 => piece, 1 => other, 2 => ascii];
    vec(part, 0..24).prop_map(|parts| parts.concat())
}

/// Any bytes that a header's value may have, in which these pieces are frequent.
pub fn header_with(pieces: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> + Clone {
    let piece = select(pieces).prop_map(|piece| piece.as_bytes().to_vec());
    let byte = proptest::prop_oneof![b' '..=b'~', 0x80..=0xff_u8, Just(b'\t')];
    let part = proptest::prop_oneof![5 => piece, 1 => vec(byte, 1..4)];
    vec(part, 0..16).prop_map(|parts| parts.concat())
}
