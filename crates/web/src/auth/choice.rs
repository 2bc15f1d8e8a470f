//! The choice of an organization where an address and password fit several.
//!
//! The page carries a signed proof for each account whose password was right, so that the password
//! need not be typed again and is not in the page. A proof is short-lived, and valid only in this
//! browser and while the account has that password.

use std::fmt;
use std::str::FromStr;

use actix_web::post;
use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};
use portal_auth::accounts::{ChoiceError, OrganizationChoice};
use portal_domain::access::Claims;

use super::sign_in::{self, local};
use crate::error::PageError;
use crate::forms::{Draft, Form};
use crate::layout::{Flash, Frame, PageResult};
use crate::requests::{PublicForm, PublicRequest, redirect_signed_in, redirect_with_flash};

/// How long a proof is valid.
const LIFETIME: TimeDelta = TimeDelta::minutes(5);

/// The context of signatures, beside the visitor.
const CONTEXT: &str = "organization";

#[derive(Template)]
#[template(path = "auth/organization.html")]
pub(super) struct OrganizationPage {
    frame: Frame,
    welcome: Vec<String>,
    choices: Vec<Choice>,
    /// Where to go on, and a draft to be sent.
    form: Form,
}

/// An organization to choose, and the proof that its button submits.
struct Choice {
    name: String,
    proof: String,
}

impl OrganizationPage {
    pub(super) async fn show(
        request: &PublicRequest,
        choices: &[OrganizationChoice],
        form: Form,
    ) -> PageResult {
        let portal = &request.context.portal;
        let expires_at = portal.env.now() + LIFETIME;
        let visitor = request.visitor.id();
        let choice = |choice: &OrganizationChoice| {
            let proof = PasswordProof {
                claims: choice.claims.clone(),
                expires_at,
            };
            let payload = proof.to_string();
            Choice {
                name: choice.name.to_string(),
                proof: portal
                    .choice_signer
                    .sign(&[CONTEXT, &visitor], payload.as_bytes()),
            }
        };
        let frame = request.frame().await?;
        let page = Self {
            welcome: super::welcome(&frame),
            frame,
            choices: choices.iter().map(choice).collect(),
            form,
        };
        page.frame.show(&page)
    }
}

#[post("/sign-in/organization")]
pub(super) async fn choose_organization(PublicForm(request, form): PublicForm) -> PageResult {
    let context = &request.context;
    let form = match form {
        Ok(form) => form,
        Err(outdated) => return sign_in::show_outdated(&request, outdated.into_form()).await,
    };
    let signer = &context.portal.choice_signer;
    let proof = signer
        .open(&[CONTEXT, &request.visitor.id()], form.value("choice"))
        .and_then(|payload| String::from_utf8(payload).ok())
        .and_then(|payload| payload.parse::<PasswordProof>().ok())
        .ok_or(PageError::Forged)?;
    if proof.expires_at <= context.portal.env.now() {
        let sign_in = local(form.value("next")).sign_in();
        return Ok(redirect_with_flash(&sign_in, Flash::ChoiceExpired));
    }
    let client = &context.info.client;
    let signed_in = context
        .portal
        .auth
        .sign_in_chosen(client, &proof.claims)
        .await
        .map_err(|error| match error {
            ChoiceError::Access(error) => PageError::from(error),
            ChoiceError::Attempt(failure) => failure.into(),
        })?;
    let next = local(form.value("next"));
    redirect_signed_in(context, &signed_in, next.as_str(), Draft::of(&form)).await
}

/// Proof that the password of an account was right.
#[derive(Debug, Clone, PartialEq)]
struct PasswordProof {
    claims: Claims,
    expires_at: DateTime<Utc>,
}

impl fmt::Display for PasswordProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Claims {
            user_id,
            organization_id,
            session_version,
        } = &self.claims;
        let expires_at = self.expires_at.timestamp();
        write!(
            f,
            "{user_id} {organization_id} {session_version} {expires_at}"
        )
    }
}

struct InvalidProof;

impl FromStr for PasswordProof {
    type Err = InvalidProof;

    fn from_str(text: &str) -> Result<Self, InvalidProof> {
        let mut parts = text.split(' ');
        let mut next = || parts.next().ok_or(InvalidProof);
        let claims = Claims {
            user_id: next()?.parse().ok().ok_or(InvalidProof)?,
            organization_id: next()?.parse().ok().ok_or(InvalidProof)?,
            session_version: next()?.parse().ok().ok_or(InvalidProof)?,
        };
        let seconds = next()?.parse().ok().ok_or(InvalidProof)?;
        let expires_at = DateTime::from_timestamp(seconds, 0).ok_or(InvalidProof)?;
        Ok(Self { claims, expires_at })
    }
}

#[cfg(test)]
mod tests {
    use portal_domain::environment::{Environment as _, SystemEnvironment};
    use portal_domain::ids::{OrganizationId, UserId};

    use super::*;

    #[test]
    fn proof_survives_a_round_trip() {
        let env = SystemEnvironment;
        let proof = PasswordProof {
            claims: Claims {
                user_id: UserId::generate(&env),
                organization_id: OrganizationId::generate(&env),
                session_version: 3,
            },
            expires_at: DateTime::from_timestamp(env.now().timestamp(), 0).unwrap(),
        };
        assert_eq!(proof.to_string().parse::<PasswordProof>().ok(), Some(proof));
        assert!("a b c d".parse::<PasswordProof>().is_err());
    }
}
