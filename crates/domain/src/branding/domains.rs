//! Custom domains: the proof that an organization owns one, and its daily check.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::Branding;
use super::manage::{BrandingError, load, save};
use crate::actors::Operator;
use crate::audit::AuditAction;
use crate::ids::OrganizationId;
use crate::operation::Operation;
use crate::organizations::{Organization, OrganizationStatus};
use crate::storage_error::StorageError;
use crate::values::DomainName;

/// How often the record of a verified domain is looked up.
const CHECK_INTERVAL: TimeDelta = TimeDelta::hours(24);

/// The TXT record by which an organization proves that it owns a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainProof {
    /// The domain.
    pub domain: DomainName,
    /// The name of the record.
    pub record_name: String,
    /// The value of the record.
    pub record_value: String,
}

impl DomainProof {
    /// The name before the token in the record's value.
    const PREFIX: &'static str = "breeze-portal-verification=";

    /// The proof of a domain with a token.
    pub fn new(domain: DomainName, token: &str) -> Self {
        Self {
            record_name: format!("_breeze-portal.{domain}"),
            record_value: format!("{}{token}", Self::PREFIX),
            domain,
        }
    }

    /// Whether a TXT record is this proof. Quotes, blanks and case do not count, and the token may
    /// stand alone: DNS providers' forms differ in what they add and drop.
    pub fn matches(&self, record: &str) -> bool {
        let is_typography =
            |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '“' | '”' | '„');
        let typed: String = record.chars().filter(|c| !is_typography(*c)).collect();
        let token = self.record_value.strip_prefix(Self::PREFIX);
        typed.eq_ignore_ascii_case(&self.record_value)
            || token.is_some_and(|token| typed.eq_ignore_ascii_case(token))
    }
}

/// The TXT record that an organization's domain needs.
///
/// # Errors
///
/// [`BrandingError::NoDomain`] when the organization has none.
pub fn domain_proof(branding: Option<&Branding>) -> Result<DomainProof, BrandingError> {
    branding
        .and_then(|branding| {
            let domain = branding.custom_domain.clone()?;
            Some(DomainProof::new(domain, branding.domain_token.as_ref()?))
        })
        .ok_or(BrandingError::NoDomain)
}

/// Records that the organization has proven that it owns its domain. Idempotent.
///
/// # Errors
///
/// [`BrandingError::NoDomain`], [`BrandingError::DomainTaken`], and those of storage.
pub async fn verify_domain(op: &Operation<'_, Operator>) -> Result<Branding, BrandingError> {
    let mut branding = load(op).await?;
    let domain = branding
        .custom_domain
        .clone()
        .ok_or(BrandingError::NoDomain)?;
    if branding.domain_verified {
        return Ok(branding);
    }
    branding.domain_verified = true;
    branding.updated_at = op.now();
    save(op, &branding).await?;
    let details = json!({ "domain": domain.as_str() });
    op.audit(AuditAction::OrganizationDomainVerify, &branding, details)
        .await?;
    Ok(branding)
}

/// An organization's custom domain, verified or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomDomain {
    /// The organization.
    pub organization: Organization,
    /// The record that proves that the domain is its own.
    pub proof: DomainProof,
    /// Whether it has been proven.
    pub verified: bool,
    /// The last check since this became the organization's domain.
    pub check: Option<DomainCheck>,
}

impl CustomDomain {
    /// Whether the record has to be looked up at `now`: once a day while the domain is in use.
    pub fn is_check_due(&self, now: DateTime<Utc>) -> bool {
        let active = self.organization.status == OrganizationStatus::Active;
        let is_old = |check: &DomainCheck| now - check.checked_at >= CHECK_INTERVAL;
        self.verified && active && self.check.as_ref().is_none_or(is_old)
    }

    /// Whether the record was missing when it was last looked up.
    pub fn is_record_missing(&self) -> bool {
        let check = self.check.as_ref();
        self.verified && check.is_some_and(|check| check.missing_since.is_some())
    }

    /// The result of looking the record up at `now`.
    pub fn checked(&self, records: &[String], now: DateTime<Utc>) -> DomainCheck {
        let found = records.iter().any(|record| self.proof.matches(record));
        let known = self.check.as_ref().and_then(|check| check.missing_since);
        DomainCheck {
            domain: self.proof.domain.clone(),
            checked_at: now,
            missing_since: (!found).then(|| known.unwrap_or(now)),
        }
    }
}

/// The last look at the record of a verified domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainCheck {
    /// The domain.
    pub domain: DomainName,
    /// When its record was looked up.
    pub checked_at: DateTime<Utc>,
    /// The first check of those in a row that did not find the record.
    pub missing_since: Option<DateTime<Utc>>,
}

/// Finds organizations by their domains, before an organization is known.
#[async_trait]
pub trait DomainReader: Send + Sync {
    /// The organization for which a domain is verified, active or not.
    async fn organization_by_domain(
        &self,
        domain: &DomainName,
    ) -> Result<Option<OrganizationId>, StorageError>;

    /// The active organization for which a domain is verified, with its branding.
    async fn branding_by_domain(
        &self,
        domain: &DomainName,
    ) -> Result<Option<(Organization, Branding)>, StorageError>;

    /// The custom domains of all organizations, by name.
    async fn custom_domains(&self) -> Result<Vec<CustomDomain>, StorageError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof() -> DomainProof {
        DomainProof::new("help.acme.example".parse().unwrap(), "00ff")
    }

    #[test]
    fn a_record_is_recognized_as_people_type_it() {
        assert_eq!(proof().record_name, "_breeze-portal.help.acme.example");
        for record in [
            "breeze-portal-verification=00ff",
            "\"breeze-portal-verification=00ff\"",
            "  breeze-portal-verification=00ff\t",
            "Breeze-Portal-Verification=00FF",
            "breeze-portal-verification = 00ff",
            "„breeze-portal-verification=00ff“",
            "00ff",
            "\"00FF\" ",
        ] {
            assert!(proof().matches(record), "{record:?}");
        }
        for record in [
            "",
            "breeze-portal-verification=",
            "breeze-portal-verification=00fe",
            "breeze-portal-verification=00ff0",
            "v=spf1 include:00ff",
        ] {
            assert!(!proof().matches(record), "{record:?}");
        }
    }
}
