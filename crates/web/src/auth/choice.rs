//! Choosing an organization where an address and password fit several.
//!
//! The first step found the password right for each of the accounts offered. The page carries
//! that, signed, for as long as somebody needs to choose: so nobody has to type the password
//! twice, and it is nowhere in the page. A choice is good only in the browser that it was made
//! for, and only while the account has that password.

use std::fmt;
use std::str::FromStr;

use actix_web::post;
use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};
use portal_auth::accounts::{ChoiceError, OrganizationChoice};
use portal_domain::access::Claims;

use super::sign_in::local;
use crate::error::PageError;
use crate::layout::{Flash, Frame, PageResult};
use crate::requests::{PublicForm, PublicRequest, redirect_signed_in, redirect_with_flash};

/// How long somebody may take to choose.
const LIFETIME: TimeDelta = TimeDelta::minutes(5);

/// What marks of this step are signed with, beside the visitor.
const CONTEXT: &str = "organization";

#[derive(Template)]
#[template(path = "auth/organization.html")]
pub(super) struct OrganizationPage {
    frame: Frame,
    welcome: Vec<String>,
    choices: Vec<Choice>,
    next: String,
}

/// An organization to choose, and the proof that its button sends.
struct Choice {
    name: String,
    proof: String,
}

impl OrganizationPage {
    /// Asks which one.
    pub(super) async fn show(
        request: &PublicRequest,
        choices: &[OrganizationChoice],
        next: &str,
    ) -> PageResult {
        let portal = &request.context.portal;
        let expires_at = portal.env.now() + LIFETIME;
        let visitor = request.visitor.id();
        let choice = |choice: &OrganizationChoice| {
            let proven = Proven {
                claims: choice.claims.clone(),
                expires_at,
            };
            let payload = proven.to_string();
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
            next: next.to_owned(),
        };
        page.frame.show(&page)
    }
}

/// `POST /sign-in/organization`.
#[post("/sign-in/organization")]
pub(super) async fn choose_organization(PublicForm(request, form): PublicForm) -> PageResult {
    let context = &request.context;
    let signer = &context.portal.choice_signer;
    let proven = signer
        .open(&[CONTEXT, &request.visitor.id()], form.value("choice"))
        .and_then(|payload| String::from_utf8(payload).ok())
        .and_then(|payload| payload.parse::<Proven>().ok())
        .ok_or(PageError::Forged)?;
    if proven.expires_at <= context.portal.env.now() {
        let again = local(form.value("next")).sign_in();
        return Ok(redirect_with_flash(&again, Flash::ChoiceExpired));
    }
    let client = &context.info.client;
    let signed_in = context
        .portal
        .accounts
        .sign_in_chosen(client, &proven.claims)
        .await
        .map_err(|error| match error {
            ChoiceError::Access(error) => PageError::from(error),
            ChoiceError::Failure(failure) => failure.into(),
        })?;
    let next = local(form.value("next"));
    redirect_signed_in(context, &signed_in, next.as_str(), None).await
}

/// An account whose password was shown, until when that counts.
#[derive(Debug, Clone, PartialEq)]
struct Proven {
    claims: Claims,
    expires_at: DateTime<Utc>,
}

impl fmt::Display for Proven {
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

/// The text is no proof.
struct NotProven;

impl FromStr for Proven {
    type Err = NotProven;

    fn from_str(text: &str) -> Result<Self, NotProven> {
        let mut parts = text.split(' ');
        let mut next = || parts.next().ok_or(NotProven);
        let claims = Claims {
            user_id: next()?.parse().ok().ok_or(NotProven)?,
            organization_id: next()?.parse().ok().ok_or(NotProven)?,
            session_version: next()?.parse().ok().ok_or(NotProven)?,
        };
        let seconds = next()?.parse().ok().ok_or(NotProven)?;
        let expires_at = DateTime::from_timestamp(seconds, 0).ok_or(NotProven)?;
        Ok(Self { claims, expires_at })
    }
}

#[cfg(test)]
mod tests {
    use portal_domain::environment::{Environment as _, SystemEnvironment};
    use portal_domain::ids::{OrganizationId, UserId};

    use super::*;

    #[test]
    fn a_proof_survives_its_text() {
        let env = SystemEnvironment;
        let proven = Proven {
            claims: Claims {
                user_id: UserId::generate(&env),
                organization_id: OrganizationId::generate(&env),
                session_version: 3,
            },
            expires_at: DateTime::from_timestamp(env.now().timestamp(), 0).unwrap(),
        };
        assert_eq!(proven.to_string().parse::<Proven>().ok(), Some(proven));
        assert!("a b c d".parse::<Proven>().is_err());
    }
}
