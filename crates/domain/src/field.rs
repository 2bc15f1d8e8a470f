//! Submitted fields: what a JSON body, a query, a form or a row of a file has under a name.
//!
//! A field is parsed once, into the value that the rules ask for, and never fails as a whole: so
//! one pass over all fields finds everything that is wrong with them.

use std::convert::Infallible;
use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// What a field can hold: any type that is parsed from text, or a [`Flag`].
pub trait FieldValue: Sized {
    /// Why a text is not such a value.
    type Error: Display;
    /// The JSON type of the field, as in "must be {}".
    const JSON_TYPE: &'static str;

    /// Parses a text; `None` where the field takes no text.
    fn from_text(text: &str) -> Option<Result<Self, Self::Error>>;

    /// The value of a JSON boolean; `None` where the field takes none.
    fn from_bool(flag: bool) -> Option<Self>;

    /// The value of a JSON array, whose items were read as texts; `None` where the field takes none.
    fn from_list(items: Vec<Field<String, Infallible>>) -> Option<Result<Self, Self::Error>> {
        drop(items);
        None
    }
}

impl<T: FromStr<Err: Display>> FieldValue for T {
    type Error = T::Err;
    const JSON_TYPE: &'static str = "a string";

    fn from_text(text: &str) -> Option<Result<Self, T::Err>> {
        Some(text.parse())
    }

    fn from_bool(_: bool) -> Option<Self> {
        None
    }
}

/// A JSON boolean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag(pub bool);

impl FieldValue for Flag {
    type Error = Infallible;
    const JSON_TYPE: &'static str = "a boolean";

    fn from_text(_: &str) -> Option<Result<Self, Infallible>> {
        None
    }

    fn from_bool(flag: bool) -> Option<Self> {
        Some(Self(flag))
    }
}

/// A submitted field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Field<T, E = <T as FieldValue>::Error> {
    /// Nothing was submitted.
    #[default]
    Absent,
    /// JSON's `null`.
    Null,
    /// A valid value.
    Valid(T),
    /// A text that is not a valid value.
    Invalid(E),
    /// JSON of another type.
    WrongType,
}

impl<T: FieldValue> Field<T> {
    /// Reads a field of a form, a query or a table, where blank means absent.
    pub fn of_text(text: &str) -> Self {
        if text.trim().is_empty() {
            Self::Absent
        } else {
            Self::parse(text)
        }
    }

    fn parse(text: &str) -> Self {
        match T::from_text(text) {
            Some(Ok(value)) => Self::Valid(value),
            Some(Err(error)) => Self::Invalid(error),
            None => Self::WrongType,
        }
    }

    /// The value, if there is a valid one.
    pub fn valid(self) -> Option<T> {
        match self {
            Self::Valid(value) => Some(value),
            _ => None,
        }
    }

    /// The change that a `PATCH` asks for: `None` leaves the value as it is, `Some(None)` removes
    /// it.
    pub fn patch(self) -> Option<Option<T>> {
        match self {
            Self::Valid(value) => Some(Some(value)),
            Self::Null => Some(None),
            _ => None,
        }
    }

    /// Whether there is something other than `null`.
    pub const fn is_given(&self) -> bool {
        !matches!(self, Self::Absent | Self::Null)
    }

    /// What is wrong with what was given.
    pub fn problem(&self) -> Option<String> {
        match self {
            Self::Absent | Self::Null | Self::Valid(_) => None,
            Self::Invalid(error) => Some(error.to_string()),
            Self::WrongType => Some(format!("must be {}", T::JSON_TYPE)),
        }
    }
}

/// For `#[validate(required)]`.
impl<T: FieldValue> validator::ValidateRequired for Field<T> {
    fn is_some(&self) -> bool {
        self.is_given()
    }
}

/// `validator` quotes the field in its errors; it is to learn nothing, as fields hold secrets.
impl<T: FieldValue> Serialize for Field<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
}

impl<'de, T: FieldValue> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor(PhantomData))
    }
}

struct FieldVisitor<T>(PhantomData<T>);

impl<'de, T: FieldValue> Visitor<'de> for FieldVisitor<T> {
    type Value = Field<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::JSON_TYPE)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Field::parse(text))
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(T::from_bool(flag).map_or(Field::WrongType, Field::Valid))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Field::Null)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Field::WrongType)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Field::WrongType)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Field::WrongType)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(match T::from_list(list) {
            Some(Ok(value)) => Field::Valid(value),
            Some(Err(error)) => Field::Invalid(error),
            None => Field::WrongType,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Field::WrongType)
    }
}

/// Several values, separated by commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommaSeparated<T>(pub Vec<T>);

impl<T: FromStr> FromStr for CommaSeparated<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        let values = text.split(',').map(|value| value.trim().parse());
        values.collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tickets::{Subject, TicketPriority};

    #[test]
    fn json_of_any_type_becomes_a_field() {
        for (json, is_valid, problem) in [
            (json!("Printer"), true, None),
            (json!(null), false, None),
            (json!(" "), false, Some("must not be blank")),
            (json!(5), false, Some("must be a string")),
            (json!(-5), false, Some("must be a string")),
            (json!(0.5), false, Some("must be a string")),
            (json!(true), false, Some("must be a string")),
            (json!([["a"], {}]), false, Some("must be a string")),
            (json!({ "a": ["b"] }), false, Some("must be a string")),
        ] {
            let field: Field<Subject> = serde_json::from_value(json.clone()).unwrap();
            assert_eq!(field.problem().as_deref(), problem, "{json}");
            assert_eq!(field.valid().is_some(), is_valid, "{json}");
        }
    }

    #[test]
    fn a_flag_takes_booleans_only() {
        let read = |json| serde_json::from_value::<Field<Flag>>(json).unwrap();
        assert_eq!(read(json!(true)), Field::Valid(Flag(true)));
        let wrong = read(json!("true"));
        assert_eq!(wrong.problem().as_deref(), Some("must be a boolean"));
    }

    #[test]
    fn null_removes_and_absence_keeps() {
        let absent = Field::<Subject>::default();
        let null: Field<Subject> = serde_json::from_value(json!(null)).unwrap();
        assert_eq!((absent.patch(), null.patch()), (None, Some(None)));
    }

    #[test]
    fn a_blank_text_is_absent() {
        assert_eq!(Field::<Subject>::of_text(" "), Field::Absent);
        assert_eq!(
            Field::<TicketPriority>::of_text("high"),
            Field::Valid(TicketPriority::High)
        );
    }

    #[test]
    fn values_are_separated_by_commas() {
        let parsed = "high, low".parse::<CommaSeparated<TicketPriority>>();
        let values = vec![TicketPriority::High, TicketPriority::Low];
        assert_eq!(parsed.unwrap().0, values);
        assert!("high,".parse::<CommaSeparated<TicketPriority>>().is_err());
    }
}
