//! What every mail holds, whichever kind it is of.
#![expect(clippy::unwrap_used, reason = "a failing test may panic")]

#[path = "../examples/mails/samples.rs"]
mod samples;

use portal_domain::branding::Brand;
use portal_domain::profiles::Locale;
use portal_mail::render::{Rendered, Templates};
use portal_test_support::Translations;

use samples::{Words, brand, recipient, samples};

const EVIL: &str = "<script>alert('1')</script>";

/// Every mail in every language, with the link in it.
fn rendered(words: &Words<'_>, brand: &Brand) -> Vec<(String, String, Rendered)> {
    let to = recipient(words);
    let mut mails = Vec::new();
    for locale in Locale::ALL {
        let templates = Templates::new(&to, brand, *locale);
        for (kind, link, body) in samples(words, &templates) {
            let mail = templates.render(body).unwrap();
            mails.push((format!("{kind}.{locale}"), link, mail));
        }
    }
    mails
}

#[test]
fn both_parts_hold_the_links_and_the_brand() {
    for (kind, link, mail) in rendered(&Words::default(), &brand("Acme & Sons")) {
        assert!(
            !mail.subject.is_empty() && !mail.subject.contains('\n'),
            "{kind}"
        );
        assert!(
            mail.text.contains(&format!("\n{link}\n")),
            "{kind}: {}",
            mail.text
        );
        let escaped = link.replace('&', "&#38;");
        assert!(
            mail.html.contains(&format!("href=\"{escaped}\"")),
            "{kind}: {}",
            mail.html
        );
        for word in [
            "Acme & Sons",
            "help@acme.example",
            "+49 30 123456",
            "Acme & Sons, Berlin",
        ] {
            assert!(mail.text.contains(word), "{kind}: {word}");
            assert!(
                mail.html.contains(&word.replace('&', "&#38;")),
                "{kind}: {word}"
            );
        }
        for part in [
            "https://cdn.acme.example/logo.png?v=1&#38;w=2",
            "#0f766e",
            "color-scheme",
        ] {
            assert!(mail.html.contains(part), "{kind}: {part}");
        }
    }
}

#[test]
fn nothing_that_people_wrote_changes_the_direction_of_the_words_around_it() {
    const TURNED: &str = "\u{202e}\u{2067}abc\u{202b} עברית\u{2069}\u{2069}";
    let words = Words {
        name: TURNED,
        device: TURNED,
        subject: TURNED,
        text: "a\u{2028}b",
    };
    for (kind, _, mail) in rendered(&words, &brand(TURNED)) {
        for part in [&mail.subject, &mail.text, &mail.html] {
            // The footer is the organization's own, of any number of lines.
            let part = part.replace(&format!("{TURNED}, Berlin"), "");
            assert!(
                !part.contains(['\u{202b}', '\u{202e}', '\u{2028}']),
                "{kind}: {part}"
            );
            let mut depth = 0;
            for c in part.chars() {
                depth += match c {
                    '\u{2066}'..='\u{2068}' => 1,
                    '\u{2069}' => -1,
                    _ => 0,
                };
                assert!(depth >= 0 && (depth == 0 || c != '\n'), "{kind}: {part}");
            }
            assert_eq!(depth, 0, "{kind}: {part}");
        }
    }
}

#[test]
fn nothing_that_people_wrote_becomes_markup() {
    let words = Words {
        name: EVIL,
        device: EVIL,
        subject: EVIL,
        text: EVIL,
    };
    for (kind, _, mail) in rendered(&words, &brand(EVIL)) {
        assert!(!mail.html.contains("<script"), "{kind}: {}", mail.html);
        assert!(
            mail.html.contains("&#60;script&#62;alert("),
            "{kind}: {}",
            mail.html
        );
        assert!(mail.text.contains(EVIL), "{kind}: {}", mail.text);
    }
}

#[test]
fn the_parts_say_the_same() {
    for (kind, _, mail) in rendered(&Words::default(), &brand("Acme")) {
        let html = mail.html.replace("&#38;", "&");
        let words = mail
            .text
            .lines()
            .map(|line| line.trim_start_matches("> ").trim());
        for words in words.filter(|line| !line.is_empty() && *line != "--") {
            // a label ends in a colon only where its value follows it as text
            let words = words.trim_end_matches(':');
            let (label, value) = words.split_once(": ").unwrap_or((words, ""));
            assert!(
                html.contains(label) && html.contains(value),
                "{kind}: {words}"
            );
        }
    }
}

#[test]
fn subjects_are_short_and_name_the_ticket() {
    let mails = rendered(&Words::default(), &brand("Acme"));
    for (kind, subject) in [
        ("invitation.en", "Set up your account at Acme"),
        ("invitation.de", "Richten Sie Ihr Konto bei Acme ein"),
        ("password_reset.en", "Reset your password"),
        ("password_changed.en", "Your password was changed"),
        ("password_changed.de", "Ihr Passwort wurde geändert"),
        ("new_sign_in.en", "New sign-in to your account"),
        ("new_sign_in.de", "Neue Anmeldung bei Ihrem Konto"),
        (
            "ticket_received.en",
            "[7KQ3MRXD] We have received your ticket",
        ),
        (
            "team_replied.en",
            "[7KQ3MRXD] We have replied to your ticket",
        ),
        (
            "team_replied.de",
            "[7KQ3MRXD] Wir haben auf Ihre Anfrage geantwortet",
        ),
        ("status_changed_on_hold.en", "[7KQ3MRXD] Status: On hold"),
        (
            "status_changed_on_hold.de",
            "[7KQ3MRXD] Status: Zurückgestellt",
        ),
        (
            "loan_due.en",
            "Please return Meeting room camera by Jan 16, 2027",
        ),
        (
            "loan_due.de",
            "Bitte geben Sie Meeting room camera bis 16.01.2027 zurück",
        ),
        ("loan_overdue.en", "Overdue: Meeting room camera"),
        (
            "new_ticket.en",
            "[7KQ3MRXD] New ticket: Printer on the 3rd floor jams",
        ),
        (
            "customer_replied.en",
            "[7KQ3MRXD] Customer reply: Printer on the 3rd floor jams",
        ),
    ] {
        let (.., mail) = mails.iter().find(|(name, ..)| *name == kind).unwrap();
        assert_eq!(mail.subject, subject, "{kind}");
    }
}

#[test]
fn dates_are_those_of_the_language_and_the_zone() {
    let mails = rendered(&Words::default(), &brand("Acme"));
    for (kind, words) in [
        ("loan_due.en", "Saturday, January 16, 2027"),
        ("loan_due.de", "Samstag, 16. Januar 2027"),
        (
            "password_changed.en",
            "Jan 15, 2027, 9:00\u{202f}AM (Europe/Berlin)",
        ),
        ("password_changed.de", "15.01.2027, 09:00 (Europe/Berlin)"),
        ("new_sign_in.de", "15.01.2027, 09:00 (Europe/Berlin)"),
        ("new_sign_in.de", "Firefox unter Windows"),
        ("new_sign_in.en", "203.0.113.9"),
    ] {
        let (.., mail) = mails.iter().find(|(name, ..)| *name == kind).unwrap();
        assert!(mail.text.contains(words), "{kind}: {}", mail.text);
    }
    for (kind, _, mail) in &mails {
        let (_, code) = kind.rsplit_once('.').unwrap();
        let lang = format!("<html lang=\"{code}\">");
        assert!(mail.html.contains(&lang), "{kind}");
    }
}

#[test]
fn a_reply_keeps_its_lines() {
    let mails = rendered(
        &Words {
            text: "one\n\n  two",
            ..Words::default()
        },
        &brand("Acme"),
    );
    let (.., mail) = mails
        .iter()
        .find(|(name, ..)| *name == "team_replied.en")
        .unwrap();
    assert!(mail.text.contains("> one\n> \n>   two\n"), "{}", mail.text);
    assert!(mail.html.contains("one<br><br>  two"), "{}", mail.html);
}

#[test]
fn an_unset_brand_leaves_its_places_out() {
    for (kind, _, mail) in rendered(&Words::default(), &Brand::default()) {
        assert!(!mail.html.contains("<img"), "{kind}");
        for label in ["Help:", "Phone:", "Hilfe:", "Telefon:"] {
            assert!(
                !mail.html.contains(label) && !mail.text.contains(label),
                "{kind}: {label}"
            );
        }
        let name = match kind.rsplit_once('.') {
            Some((_, "de")) => "Kundenportal",
            _ => "Customer portal",
        };
        assert!(
            mail.text.contains(&format!("-- \n{name}\n")),
            "{kind}: {}",
            mail.text
        );
    }
}

#[test]
fn every_text_is_there_in_every_language_and_none_is_left_over() {
    let translations = Translations::of(env!("CARGO_MANIFEST_DIR"));
    translations.assert_complete();
    translations.assert_none_missing();
    translations.assert_none_left_over(|key| key);
    // Some keys are handed on before they are asked for.
    let texts = translations.texts("en");
    let templates = include_str!("../src/render/templates.rs");
    for literal in templates.split('"').skip(1).step_by(2) {
        let is_key = literal.contains('-') && !literal.contains(' ');
        assert!(!is_key || texts.contains_key(literal), "{literal}");
    }
    // Where something is missing, Fluent shows what it is called.
    for (kind, _, mail) in rendered(&Words::default(), &brand("Acme")) {
        for part in [&mail.subject, &mail.text, &mail.html] {
            assert!(!part.contains("{$"), "{kind}: {part}");
        }
    }
}

#[test]
fn the_team_sees_what_a_reply_is_about() {
    let mails = rendered(&Words::default(), &brand("Acme"));
    for (kind, fact) in [
        ("new_ticket.en", "Priority: "),
        ("customer_replied.en", "Status: "),
        ("customer_replied.en", "From: "),
    ] {
        let (.., mail) = mails.iter().find(|(name, ..)| *name == kind).unwrap();
        assert!(mail.text.contains(fact), "{kind}: {}", mail.text);
    }
}
