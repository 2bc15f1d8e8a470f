//! Enums with one textual form, used on the wire and in storage.

/// Declares an enum whose variants have one textual form, on the wire and in storage alike.
macro_rules! text_enum {
    ($(#[$meta:meta])* pub enum $name:ident: $invalid:ident {
        $($(#[$variant_meta:meta])* $variant:ident = $text:literal),+ $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$variant_meta])* $variant),+ }

        impl $name {
            /// All of them, in their natural order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The form on the wire and in storage.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        #[doc = concat!("The text names no [`", stringify!($name), "`].")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
        #[error("must be one of {}", [$($text),+].join(", "))]
        pub struct $invalid;

        impl std::str::FromStr for $name {
            type Err = $invalid;

            fn from_str(text: &str) -> Result<Self, $invalid> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err($invalid),
                }
            }
        }
    };
}
pub(crate) use text_enum;
