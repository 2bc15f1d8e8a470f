//! Certificates of an authority made up for a test.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

/// Files in PEM for a server at `127.0.0.1`.
pub(crate) struct Certificates {
    /// The certificate of the authority.
    pub(crate) authority: PathBuf,
    /// The certificate of the server.
    pub(crate) server: PathBuf,
    /// Its key.
    pub(crate) key: PathBuf,
}

impl Certificates {
    /// New ones in a folder.
    pub(crate) fn create(folder: &Path) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // Who signs a certificate under the same name as its own is taken to have signed for itself.
        let name = &mut params.distinguished_name;
        name.push(DnType::CommonName, "Authority of the tests");
        let key = KeyPair::generate().expect("a key");
        let authority = params.self_signed(&key).expect("a certificate");
        let issuer = Issuer::new(params, key);

        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(["127.0.0.1".to_owned()]).expect("an address");
        let server = params.signed_by(&key, &issuer).expect("a certificate");

        let write = |name: &str, text: String| {
            let path = folder.join(name);
            fs::write(&path, text).expect("a file");
            path
        };
        Self {
            authority: write("authority.pem", authority.pem()),
            server: write("server.pem", server.pem()),
            key: write("key.pem", key.serialize_pem()),
        }
    }
}
