//! The answer of what only succeeds.

use serde::Serialize;
use utoipa::ToSchema;

/// The answer where there is nothing more to say.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuccessBody {
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
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
