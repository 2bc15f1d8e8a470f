//! Translations are complete, and none is unused.

use portal_test_support::Translations;

/// Keys that are made of a field's name: the fields are those that templates name.
const FIELD: &str = "field-";

fn translations() -> Translations {
    Translations::of(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn all_languages_have_the_same_texts_and_arguments() {
    translations().assert_complete();
}

#[test]
fn every_used_text_exists() {
    translations().assert_none_missing();
}

#[test]
fn no_text_is_unused() {
    translations().assert_none_left_over(|key| key.strip_prefix(FIELD).unwrap_or(key));
}

#[test]
fn every_field_has_a_label() {
    let translations = translations();
    let english = translations.texts("en");
    for source in translations.sources() {
        for call in [
            "text(frame, ",
            "password(frame, ",
            "area(frame, ",
            "select(frame, ",
            "tick(frame, ",
        ] {
            for rest in source.split(call).skip(1) {
                // the macros' own definitions name no field
                let Some(name) = rest.split_once(", \"").map(|(_, name)| name) else {
                    continue;
                };
                if rest.starts_with("form, name") {
                    continue;
                }
                let name = name.split('"').next().unwrap();
                let key = format!("{FIELD}{name}");
                assert!(english.contains_key(&key), "{key}");
            }
        }
    }
}
