//! Certificates for tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedKey, DnType, IsCa, Issuer, KeyPair,
    generate_simple_self_signed,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

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

/// A new certificate for a host, as a server uses it and in PEM.
pub(crate) fn self_signed(host: &str) -> (TlsAcceptor, String) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed([host.to_owned()]).expect("a certificate");
    let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key.into())
        .expect("a matching key");
    (TlsAcceptor::from(Arc::new(config)), cert.pem())
}
