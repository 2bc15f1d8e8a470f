//! What the domain's states are called, in every language.

use portal_test_support::Translations;

#[test]
fn every_language_has_the_same_texts_and_none_is_left_over() {
    let translations = Translations::of(env!("CARGO_MANIFEST_DIR"));
    translations.assert_complete();
    translations.assert_none_left_over(|key| key);
}
