//! The names of the domain's states in every language.

use portal_test_support::Translations;

#[test]
fn every_language_has_all_texts_and_none_is_unused() {
    let translations = Translations::of(env!("CARGO_MANIFEST_DIR"));
    translations.assert_complete();
    translations.assert_none_left_over(|key| key);
}
