//! The answer of what only succeeds.

use serde::Serialize;
use utoipa::ToSchema;

/// The answer where there is nothing more to say.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Success)]
pub(crate) struct SuccessBody {
    /// `true`.
    success: bool,
    /// A sentence that a person can be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    message: Option<&'static str>,
}

impl SuccessBody {
    pub(crate) const OK: Self = Self {
        success: true,
        message: None,
    };

    pub(crate) const fn saying(message: &'static str) -> Self {
        Self {
            success: true,
            message: Some(message),
        }
    }
}
