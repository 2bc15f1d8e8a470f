//! `portal-admin domain …`

use anyhow::{bail, ensure};
use clap::Subcommand;
use portal_dns::{SystemResolver, TxtResolver as _};
use portal_domain::branding::{DomainProof, domain_proof, verify_domain};

use crate::context::Context;
use crate::output::Output;
use crate::values::OrganizationArg;
use crate::views::branding::{CustomDomainView, DomainView};

/// Commands on domains.
#[derive(Debug, Subcommand)]
pub(crate) enum DomainCommand {
    /// List all custom domains, and whether their records were there when last looked up
    List,
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
            Self::List => {
                let reader = context.store().system_reader().await?;
                let views = reader.custom_domains().await?.into_iter();
                Output::list(CustomDomainView::COLUMNS, views.map(CustomDomainView::from))
            }
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
        check(
            &proof,
            &SystemResolver.txt_records(&proof.record_name).await?,
        )?;
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
        records.iter().any(|record| proof.matches(record)),
        "the TXT record {record_name} is not \"{record_value}\"; found: {}",
        quoted(records)
    );
    Ok(())
}

/// The records as they were found, shortened, without what could control a terminal.
fn quoted(records: &[String]) -> String {
    let quote = |record: &String| {
        let shown: String = record.chars().take(100).collect();
        let cut = if shown.len() < record.len() {
            "…"
        } else {
            ""
        };
        format!("{shown:?}{cut}")
    };
    records.iter().map(quote).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(records: &[&str]) -> Result<(), String> {
        let proof = DomainProof::new("help.acme.example".parse().unwrap(), "1");
        let records: Vec<String> = records.iter().map(ToString::to_string).collect();
        check(&proof, &records).map_err(|error| error.to_string())
    }

    #[test]
    fn a_domain_is_verified_if_one_of_its_records_is_the_proof() {
        let value = "breeze-portal-verification=1";
        assert_eq!(outcome(&["v=spf1 -all", value]), Ok(()));
        assert_eq!(
            outcome(&[]).unwrap_err(),
            format!(
                "there is no TXT record _breeze-portal.help.acme.example yet; it has to be \"{value}\""
            )
        );
        assert_eq!(
            outcome(&["v=spf1 -all", "token=2\u{1b}[2J"]).unwrap_err(),
            format!(
                "the TXT record _breeze-portal.help.acme.example is not \"{value}\"; found: \
                 \"v=spf1 -all\", \"token=2\\u{{1b}}[2J\""
            )
        );
    }
}
