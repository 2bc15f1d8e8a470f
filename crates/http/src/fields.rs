//! Schemas of request fields, for `#[schema(schema_with = …)]`.
//!
//! Lengths are the domain's own. Patterns are ECMA-262, as JSON Schema requires, valid with and
//! without the flag `u`, and without look-around. A test sends values that a schema allows and
//! forbids, and compares the responses with it.
//!
//! A schema cannot express that a password is common, or that a text of invisible characters beyond
//! U+FFFF is blank. The server also accepts more: it trims addresses, takes domains with letters of
//! any script and with `--`, takes CRLF for LF, and knows upper and lower case in every script.

use std::sync::LazyLock;

use portal_auth::OneTimeToken;
use portal_domain::assets::{Condition, LoanNotes};
use portal_domain::files::AttachmentIds;
use portal_domain::profiles::Password;
use portal_domain::text::is_visible;
use portal_domain::tickets::{CommentText, Description, Subject, TicketPriority};
use portal_domain::values::{EmailAddress, PersonName};
use serde_json::Value;
use utoipa::openapi::schema::{
    ArrayBuilder, KnownFormat, ObjectBuilder, OneOfBuilder, Ref, Schema, SchemaFormat, SchemaType,
    Type,
};

/// Inside brackets, control characters (Unicode's category Cc).
const CONTROL: &str = r"\u0000-\u001f\u007f-\u009f";

/// Inside brackets, control characters but for tab and line feed.
const CONTROL_IN_LINES: &str = r"\u0000-\u0008\u000b-\u001f\u007f-\u009f";

/// Inside brackets, the characters up to U+FFFF that alone make a blank text.
static INVISIBLE: LazyLock<String> = LazyLock::new(|| {
    let is_invisible = |c: &char| !is_visible(*c);
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for c in ('\0'..='\u{ffff}').filter(is_invisible).map(u32::from) {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == c => *last = c,
            _ => ranges.push((c, c)),
        }
    }
    let range = |(first, last)| format!(r"\u{first:04x}-\u{last:04x}");
    ranges.into_iter().map(range).collect()
});

/// Inside brackets, what may be between the dots of an address's local part.
const ATEXT: &str = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~-";

/// A text of one line.
fn line(max: u64) -> ObjectBuilder {
    string()
        .max_length(length(max))
        .pattern(Some(format!("^[^{CONTROL}]*$")))
}

/// A text of one line that is not blank.
fn filled_line(max: u64) -> ObjectBuilder {
    let invisible = &*INVISIBLE;
    let pattern = format!("^[^{CONTROL}]*[^{invisible}][^{CONTROL}]*$");
    line(max).min_length(Some(1)).pattern(Some(pattern))
}

/// A text of several lines.
fn lines(max: u64) -> ObjectBuilder {
    string()
        .max_length(length(max))
        .pattern(Some(format!("^[^{CONTROL_IN_LINES}]*$")))
}

/// A text of several lines that is not blank.
fn filled_lines(max: u64) -> ObjectBuilder {
    let any = format!("[^{CONTROL_IN_LINES}]*");
    let invisible = &*INVISIBLE;
    let pattern = format!("^{any}[^{invisible}]{any}$");
    lines(max).min_length(Some(1)).pattern(Some(pattern))
}

fn string() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn length(max: u64) -> Option<usize> {
    usize::try_from(max).ok()
}

const fn format(format: KnownFormat) -> SchemaFormat {
    SchemaFormat::KnownFormat(format)
}

/// `null` is accepted too, and counts as absent.
fn nullable(string: ObjectBuilder) -> ObjectBuilder {
    string.schema_type(SchemaType::from_iter([Type::String, Type::Null]))
}

fn field(schema: ObjectBuilder, description: &str, example: &str) -> Schema {
    schema
        .description(Some(description))
        .examples([example])
        .into()
}

/// A named enum, or `null`.
fn nullable_enum(name: &str, default: Option<&str>, description: &str, example: &str) -> Schema {
    OneOfBuilder::new()
        .item(Ref::from_schema_name(name))
        .item(ObjectBuilder::new().schema_type(Type::Null))
        .default(default.map(Value::from))
        .description(Some(description))
        .examples([example])
        .into()
}

fn address() -> ObjectBuilder {
    let label = "[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*";
    let last_label = "[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*";
    let pattern = format!(r"^[{ATEXT}]+(?:\.[{ATEXT}]+)*@(?:{label}\.)+{last_label}$");
    string()
        .format(Some(format(KnownFormat::Email)))
        .max_length(Some(EmailAddress::MAX_LENGTH))
        .pattern(Some(pattern))
}

pub(crate) fn email() -> Schema {
    field(
        address(),
        "The email address, in any case. Domains with letters of any script are accepted.",
        "ada@acme.example",
    )
}

pub(crate) fn organization() -> Schema {
    field(
        nullable(uuid()),
        "The organization, if the address has accounts in several.",
        "019c1342-6a80-7a52-9c4e-3f1d5b7a8e60",
    )
}

fn uuid() -> ObjectBuilder {
    string().format(Some(format(KnownFormat::Uuid)))
}

/// A password to be compared.
pub(crate) fn current_password() -> Schema {
    let password = string()
        .format(Some(format(KnownFormat::Password)))
        .pattern(Some(format!("^[^{CONTROL}]*$")));
    field(password, "The current password.", "Portal-Demo-1")
}

/// Inside brackets, the letters of a case in these scripts. Not all engines know the categories of
/// all scripts.
fn letters(is_of_case: fn(char) -> bool) -> String {
    let latin = 'A'..='\u{17f}';
    let greek = '\u{386}'..='\u{3ce}';
    let cyrillic = '\u{400}'..='\u{45f}';
    let all = latin.chain(greek).chain(cyrillic);
    all.filter(|c| is_of_case(*c)).collect()
}

/// The lower-case letter, the upper-case letter and the digit come in any order.
fn password() -> ObjectBuilder {
    let any = format!("[^{CONTROL}]*");
    let lower = format!("[{}]", letters(char::is_lowercase));
    let upper = format!("[{}]", letters(char::is_uppercase));
    let digit = "[0-9]";
    let both = |a: &str, b: &str| format!("(?:{a}{any}{b}|{b}{any}{a})");
    let pattern = format!(
        "^{any}(?:{lower}{any}{}|{upper}{any}{}|{digit}{any}{}){any}$",
        both(&upper, digit),
        both(&lower, digit),
        both(&lower, &upper),
    );
    string()
        .format(Some(format(KnownFormat::Password)))
        .min_length(length(Password::MIN_CHARS))
        .max_length(length(Password::MAX_CHARS))
        .pattern(Some(pattern))
}

const PASSWORD_RULES: &str = "The new password, with a lower-case letter, an upper-case letter and \
                              a digit, and not a common one.";

pub(crate) fn new_password() -> Schema {
    field(password(), PASSWORD_RULES, "Winter-Birds-47")
}

pub(crate) fn optional_new_password() -> Schema {
    let description = format!("{PASSWORD_RULES} Needs a recent sign-in.");
    field(nullable(password()), &description, "Winter-Birds-47")
}

pub(crate) fn device_token() -> Schema {
    let text = "What an earlier sign-in to the account answered, from a client without cookies.";
    field(
        nullable(string()),
        text,
        "AZwTR9KAcN6UXkf7riG6xQ.QeZkHUZIe4vare3sOMIyGQ",
    )
}

pub(crate) fn one_time_token() -> Schema {
    let token = string()
        .min_length(Some(OneTimeToken::MIN_LENGTH))
        .max_length(Some(OneTimeToken::MAX_LENGTH))
        .pattern(Some("^[A-Za-z0-9_-]*$"));
    field(
        token,
        "The token from the link.",
        "kJ0nSLbT4mYc2H8qWvXzR1pE6uF3dA9gN7tB5iKoCsM",
    )
}

pub(crate) fn person_name() -> Schema {
    field(
        nullable(filled_line(PersonName::MAX_CHARS)),
        "The user's name.",
        "Ada Moreno",
    )
}

pub(crate) fn locale() -> Schema {
    let description = "The user's language; `null` for no preference.";
    nullable_enum("Locale", None, description, "de")
}

pub(crate) fn subject() -> Schema {
    field(
        filled_line(Subject::MAX_CHARS),
        "The subject.",
        "The printer is on fire",
    )
}

pub(crate) fn description() -> Schema {
    field(
        filled_lines(Description::MAX_CHARS),
        "The description.",
        "Second floor, by the window.",
    )
}

pub(crate) fn priority() -> Schema {
    let default = TicketPriority::Normal.as_str();
    nullable_enum("TicketPriority", Some(default), "The priority.", "high")
}

pub(crate) fn device() -> Schema {
    field(
        nullable(uuid()),
        "The device that it is about: one of the organization's.",
        "019c1342-6a80-7a52-9c4e-3f1d5b7a8e61",
    )
}

pub(crate) fn attachments() -> Schema {
    let ids = ArrayBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Array, Type::Null]))
        .items(uuid())
        .max_items(Some(AttachmentIds::MAX))
        .description(Some(
            "Files that the user has uploaded and not attached yet, in their order.",
        ))
        .examples([serde_json::json!([])]);
    ids.build().into()
}

pub(crate) fn on_behalf_of() -> Schema {
    field(
        nullable(uuid()),
        "For managers: the active user whose ticket it is to be.",
        "019c1342-6a80-7a52-9c4e-3f1d5b7a8e62",
    )
}

pub(crate) fn colleague() -> Schema {
    field(
        nullable(uuid()),
        "The id of an active user of the organization; needed where `email` is not given.",
        "019c1342-6a80-7a52-9c4e-3f1d5b7a8e62",
    )
}

pub(crate) fn colleague_email() -> Schema {
    field(
        nullable(address()),
        "The exact email address of an active user of the organization; needed where `userId` is not given.",
        "bob@acme.example",
    )
}

pub(crate) fn comment() -> Schema {
    field(
        filled_lines(CommentText::MAX_CHARS),
        "The text.",
        "It is out now.",
    )
}

pub(crate) fn checkout_notes() -> Schema {
    field(
        nullable(lines(LoanNotes::MAX_CHARS)),
        "Notes on the checkout.",
        "For the fair in Basel",
    )
}

pub(crate) fn checkin_notes() -> Schema {
    field(
        nullable(lines(LoanNotes::MAX_CHARS)),
        "Notes on the checkin.",
        "The charger is in the bag",
    )
}

pub(crate) fn condition() -> Schema {
    field(
        nullable(line(Condition::MAX_CHARS)),
        "The condition of the device.",
        "A scratch on the lid",
    )
}

/// Years have four digits and do not begin with 0.
fn timestamp() -> ObjectBuilder {
    string()
        .format(Some(format(KnownFormat::DateTime)))
        .pattern(Some("^[1-9][0-9]{3}-"))
}

const RETURN_DATE: &str = "When the device will be returned, in RFC 3339 with any offset: today in the organization's time zone, or later.";

pub(crate) fn return_date() -> Schema {
    field(timestamp(), RETURN_DATE, "2026-02-14T17:00:00+01:00")
}

pub(crate) fn optional_return_date() -> Schema {
    field(
        nullable(timestamp()),
        RETURN_DATE,
        "2026-02-07T17:00:00+01:00",
    )
}
