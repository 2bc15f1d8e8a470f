//! Looking up TXT records.

use std::time::Duration;

use async_trait::async_trait;
use hickory_resolver::TokioResolver;
use hickory_resolver::net::{DnsError as AnswerError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RData;

/// The timeout of a DNS query.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Looks up TXT records.
#[async_trait]
pub trait TxtResolver: Send + Sync {
    /// The texts of a name's TXT records, each joined from its strings (as in RFC 7208, section
    /// 3.3). None if there is no record or no such name.
    ///
    /// # Errors
    ///
    /// When the DNS gives no answer, or none that says whether there is a record.
    async fn txt_records(&self, name: &str) -> Result<Vec<String>, DnsError>;
}

/// Why it is unknown which records there are.
#[derive(Debug, thiserror::Error)]
pub enum DnsError {
    /// The machine's DNS settings are missing or not understood.
    #[error("the system's DNS settings cannot be read")]
    Settings(#[source] NetError),
    /// A server answered with an error.
    #[error("{name} cannot be looked up: the DNS answered \"{code}\"")]
    Refused {
        /// The name that was looked up.
        name: String,
        /// What the server said.
        code: ResponseCode,
    },
    /// No server answered.
    #[error("{name} cannot be looked up")]
    NoAnswer {
        /// The name that was looked up.
        name: String,
        /// Why not.
        #[source]
        reason: NetError,
    },
}

/// Asks the servers of the machine's DNS settings.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

#[async_trait]
impl TxtResolver for SystemResolver {
    async fn txt_records(&self, name: &str) -> Result<Vec<String>, DnsError> {
        // For each look-up: the settings may change while the process runs, and nothing is cached.
        let mut builder = TokioResolver::builder_tokio().map_err(DnsError::Settings)?;
        builder.options_mut().timeout = TIMEOUT;
        builder.options_mut().attempts = 1;
        let resolver = builder.build().map_err(DnsError::Settings)?;
        look_up(&resolver, name).await
    }
}

async fn look_up(resolver: &TokioResolver, name: &str) -> Result<Vec<String>, DnsError> {
    // With the final dot, search domains are not tried.
    let lookup = match resolver.txt_lookup(format!("{name}.")).await {
        Ok(lookup) => lookup,
        Err(NetError::Dns(AnswerError::NoRecordsFound(answer))) => match answer.response_code {
            ResponseCode::NoError | ResponseCode::NXDomain => return Ok(Vec::new()),
            code => {
                let name = name.to_owned();
                return Err(DnsError::Refused { name, code });
            }
        },
        Err(reason) => {
            let name = name.to_owned();
            return Err(DnsError::NoAnswer { name, reason });
        }
    };
    let texts = lookup
        .answers()
        .iter()
        .filter_map(|record| match &record.data {
            RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
            _ => None,
        });
    Ok(texts.collect())
}
