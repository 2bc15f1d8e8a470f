//! `portal-admin domain …`

use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use clap::Subcommand;
use hickory_resolver::TokioResolver;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RData;
use portal_domain::branding::{DomainProof, domain_proof, verify_domain};

use crate::context::Context;
use crate::output::Output;
use crate::values::OrganizationArg;
use crate::views::branding::DomainView;

/// The timeout of a DNS query.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Commands on domains.
#[derive(Debug, Subcommand)]
pub(crate) enum DomainCommand {
    /// Show the TXT record that proves that an organization owns its domain
    Token(OrganizationArg),
    /// Verify an organization's domain by its TXT record; the portal then answers there
    Verify {
        #[command(flatten)]
        of: OrganizationArg,
        /// Skip the DNS lookup
        #[arg(long)]
        force: bool,
    },
}

impl DomainCommand {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Output> {
        match self {
            Self::Token(of) => {
                let branding = context.reader(&of).await?.branding().await?;
                Output::record(&DomainView::new(branding.as_ref())?)
            }
            Self::Verify { of, force } => verify(context, &of, force).await,
        }
    }
}

async fn verify(context: &Context, of: &OrganizationArg, force: bool) -> anyhow::Result<Output> {
    let branding = context.reader(of).await?.branding().await?;
    let proof = domain_proof(branding.as_ref())?;
    let verified = branding.is_some_and(|branding| branding.domain_verified);
    if !force && !verified {
        check(&proof, &txt_records(&proof.record_name).await?)?;
    }
    let branding = context
        .transact(of, async |op| {
            // The domain may have changed during the DNS lookup, outside the transaction.
            ensure!(
                domain_proof(op.tx.branding().await?.as_ref())? == proof,
                "the domain was changed meanwhile; try again"
            );
            Ok(verify_domain(op).await?)
        })
        .await?;
    Output::record(&DomainView::new(Some(&branding))?)
}

fn check(proof: &DomainProof, records: &[String]) -> anyhow::Result<()> {
    let (record_name, record_value) = (&proof.record_name, &proof.record_value);
    if records.is_empty() {
        bail!("there is no TXT record {record_name} yet; it has to be \"{record_value}\"");
    }
    ensure!(
        records.iter().any(|record| record == record_value),
        "the TXT record {record_name} is not \"{record_value}\""
    );
    Ok(())
}

/// The texts of a name's TXT records, each joined from its strings (as in RFC 7208, section 3.3).
async fn txt_records(name: &str) -> anyhow::Result<Vec<String>> {
    let mut builder =
        TokioResolver::builder_tokio().context("the system's DNS settings cannot be read")?;
    builder.options_mut().timeout = TIMEOUT;
    builder.options_mut().attempts = 1;
    let resolver = builder.build().context("the DNS resolver cannot start")?;
    // With the final dot, search domains are not tried.
    let lookup = match resolver.txt_lookup(format!("{name}.")).await {
        Ok(lookup) => lookup,
        Err(NetError::Dns(DnsError::NoRecordsFound(answer))) => match answer.response_code {
            ResponseCode::NoError | ResponseCode::NXDomain => return Ok(Vec::new()),
            code => bail!("{name} cannot be looked up: the DNS answered \"{code}\""),
        },
        Err(error) => return Err(error).with_context(|| format!("{name} cannot be looked up")),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(records: &[&str]) -> Result<(), String> {
        let proof = DomainProof {
            domain: "help.acme.example".parse().unwrap(),
            record_name: "_proof.help.acme.example".to_owned(),
            record_value: "token=1".to_owned(),
        };
        let records: Vec<String> = records.iter().map(ToString::to_string).collect();
        check(&proof, &records).map_err(|error| error.to_string())
    }

    #[test]
    fn a_domain_is_verified_if_one_of_its_records_is_the_proof() {
        assert_eq!(outcome(&["v=spf1 -all", "token=1"]), Ok(()));
        assert_eq!(
            outcome(&[]).unwrap_err(),
            "there is no TXT record _proof.help.acme.example yet; it has to be \"token=1\""
        );
        for other in ["token=2", "token=1 ", "TOKEN=1", ""] {
            assert_eq!(
                outcome(&[other]).unwrap_err(),
                "the TXT record _proof.help.acme.example is not \"token=1\"",
                "{other:?}"
            );
        }
    }
}
