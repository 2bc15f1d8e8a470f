//! Random bytes for secrets.

use rand::Rng as _;
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

/// Bytes straight from the operating system's random source.
///
/// A system without a working one cannot make secrets, so a failure ends the request, by a panic
/// within the generator, rather than being answered with something predictable.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    UnwrapErr(SysRng).fill_bytes(&mut bytes);
    bytes
}
