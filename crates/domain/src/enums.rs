//! Enums with one text form, used on the wire and in storage.

/// Declares an enum with the text form of each variant, which the documentation shows too.
macro_rules! text_enum {
    ($(#[$meta:meta])* pub enum $name:ident: $invalid:ident {
        $($(#[$variant_meta:meta])* $variant:ident = $text:literal),+ $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_meta])* #[doc = concat!("\n`", $text, "`")] $variant),+
        }

        impl $name {
            /// All variants, in their natural order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The text form.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        #[doc = concat!("The text is not a [`", stringify!($name), "`].")]
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
