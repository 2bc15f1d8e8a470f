//! `/colleagues`: the directory of the organization's people.

#![expect(
    unused_qualifications,
    reason = "in what utoipa makes of the parameters"
)]

use actix_web::get;
use portal_domain::branding::Feature;
use portal_domain::field::Field;
use portal_domain::profiles::{self, NameStart};
use portal_wire::Colleague;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

use crate::caching::{CachePolicy, Cached};
use crate::docs::{AccessErrors, NotModified, QueryErrors};
use crate::error::ApiError;
use crate::extract::{Query, SessionUser, valid};

/// How many colleagues are returned at most.
const MAX_FOUND: usize = 20;

/// The routes under `/colleagues`.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_colleagues);
}

/// Whom to look for.
#[derive(Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct ColleagueParams {
    /// What the name or email address begins with; up to 200 characters.
    #[param(
        value_type = Option<String>,
        max_length = 200,
        pattern = r"^[^\u0000-\u001f\u007f-\u009f]*$",
        example = "ada"
    )]
    #[validate(custom(function = "valid"))]
    q: Field<NameStart>,
}

/// The colleagues that were found.
#[derive(Serialize, ToSchema)]
pub(super) struct ColleagueList {
    /// At most 20, by name.
    data: Vec<Colleague>,
}

/// Find colleagues by the beginning of their name or email address.
#[utoipa::path(
    tag = "colleagues",
    params(ColleagueParams),
    responses((status = 200, description = "At most 20 active users of the organization, without oneself", body = ColleagueList), NotModified, QueryErrors, AccessErrors),
)]
#[get("")]
pub(super) async fn list_colleagues(
    user: SessionUser,
    params: Query<ColleagueParams>,
) -> Result<Cached<ColleagueList>, ApiError> {
    let (account, found) = user
        .read(Some(Feature::Colleagues), async |reader| {
            let start = params.parse()?.q.valid();
            let found = profiles::colleagues(reader, user.id(), start.as_ref(), MAX_FOUND);
            Ok(found.await?)
        })
        .await?;
    let data = found.into_iter().map(Colleague::from).collect();
    Ok(Cached::private(
        CachePolicy::List,
        &account,
        ColleagueList { data },
    ))
}
