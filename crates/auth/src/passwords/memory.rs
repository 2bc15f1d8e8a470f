//! Argon2's working memory.

use std::cell::RefCell;
use std::mem::size_of;
use std::sync::{Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use password_hash::{CustomizedPasswordHasher, Error, Result};

/// glibc returns a freed block to the system only if it was mapped on its own. Blocks of this size
/// always are, as `M_MMAP_THRESHOLD` in mallopt(3) grows to 32 MiB at most. Pages that are not
/// written to take no memory.
const ALWAYS_MAPPED: usize = 33 * 1024 * 1024 / size_of::<Block>();

/// Memory for one hash at a time, reused by the next one.
#[derive(Default)]
pub(super) struct Memory(RefCell<Vec<Block>>);

/// Computes hashes in this memory; `password-hash` derives verification from it.
impl CustomizedPasswordHasher<PasswordHash> for Memory {
    type Params = Params;

    fn hash_password_customized(
        &self,
        password: &[u8],
        salt: &[u8],
        algorithm: Option<&str>,
        version: Option<u32>,
        params: Params,
    ) -> Result<PasswordHash> {
        let algorithm = algorithm.map(Algorithm::try_from).transpose()?;
        let algorithm = algorithm.unwrap_or_default();
        let version = version.map(Version::try_from).transpose()?;
        let version = version.unwrap_or_default();
        let salt = Salt::new(salt)?;
        let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
        let described = ParamsString::try_from(&params)?;

        let mut blocks = self.0.borrow_mut();
        let count = params.block_count();
        if blocks.len() < count {
            // Growing in place would copy blocks that are about to be overwritten.
            *blocks = Vec::new();
            blocks
                .try_reserve_exact(count.max(ALWAYS_MAPPED))
                .map_err(|_too_large| Error::OutOfMemory)?;
            blocks.resize(count, Block::default());
        }
        let argon2 = Argon2::new(algorithm, version, params);
        let mut output = [0; Output::MAX_LENGTH];
        let output = output.get_mut(..length).ok_or(Error::OutputSize)?;
        let blocks = blocks.get_mut(..count).ok_or(Error::OutOfMemory)?;
        argon2.hash_password_into_with_memory(password, &salt, output, blocks)?;
        Ok(PasswordHash {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: described,
            salt: Some(salt),
            hash: Some(Output::new(output)?),
        })
    }
}

/// Memory kept for the next hashes.
#[derive(Default)]
pub(super) struct Spare(Mutex<Vec<Memory>>);

impl Spare {
    /// Kept memory, or new memory, which allocates when it is used.
    pub(super) fn take(&self) -> Memory {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.pop().unwrap_or_default()
    }

    pub(super) fn keep(&self, memory: Memory) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(memory);
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}
