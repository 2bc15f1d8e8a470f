//! A translatable message with its arguments.

use fluent_bundle::FluentValue;

/// A text's key with its arguments.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    key: &'static str,
    arguments: Vec<(&'static str, FluentValue<'static>)>,
}

impl Message {
    /// A text without arguments.
    pub const fn new(key: &'static str) -> Self {
        Self {
            key,
            arguments: Vec::new(),
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<FluentValue<'static>>) -> Self {
        self.arguments.push((name, value.into()));
        self
    }

    /// The key.
    pub const fn key(&self) -> &'static str {
        self.key
    }

    /// The arguments.
    pub fn arguments(&self) -> &[(&'static str, FluentValue<'static>)] {
        &self.arguments
    }
}
