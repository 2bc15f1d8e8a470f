//! The response of operations without a result.

use serde::Serialize;
use utoipa::ToSchema;

/// The response of an operation without a result.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Success)]
pub(crate) struct SuccessBody {
    /// `true`.
    success: bool,
    /// A message for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    message: Option<&'static str>,
}

impl SuccessBody {
    pub(crate) const OK: Self = Self {
        success: true,
        message: None,
    };

    pub(crate) const fn with_message(message: &'static str) -> Self {
        Self {
            success: true,
            message: Some(message),
        }
    }
}
