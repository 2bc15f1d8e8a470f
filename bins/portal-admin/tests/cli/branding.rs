//! Branding and domains.

use serde_json::json;

use crate::{Portal, text};

#[test]
fn branding_has_defaults_until_it_is_set() {
    let portal = Portal::new();
    let acme = portal.organization("Acme");
    let unset = portal.json(&["branding", "show", "--org", &acme]);
    assert_eq!(
        unset,
        json!({
            "id": null, "orgId": acme, "name": "Acme", "logoUrl": null, "faviconUrl": null,
            "primaryColor": null, "secondaryColor": null, "accentColor": null,
            "customDomain": null, "domainVerified": false, "welcomeMessage": null,
            "supportEmail": null, "supportPhone": null, "footerText": null, "customCss": null,
            "enableTickets": true, "enableAssetCheckout": true, "enableSelfService": true,
            "enablePasswordReset": true, "enableColleagues": false,
        })
    );
}

#[test]
fn every_value_can_be_set_and_removed() {
    let portal = Portal::new();
    portal.organization("Acme");
    let css = portal.file("portal.css", "header { color: red }");
    let set = ["branding", "set", "--org", "acme"];
    let values = [
        (
            "--logo-url",
            "https://acme.example/logo.png",
            "logoUrl",
            "https://acme.example/logo.png",
        ),
        (
            "--favicon-url",
            "https://acme.example/i.ico",
            "faviconUrl",
            "https://acme.example/i.ico",
        ),
        (
            "--primary-color",
            "rebeccapurple",
            "primaryColor",
            "#663399",
        ),
        ("--secondary-color", "#FFF", "secondaryColor", "#ffffff"),
        ("--accent-color", "rgb(1, 2, 3)", "accentColor", "#010203"),
        (
            "--custom-domain",
            "Help.ACME.example",
            "customDomain",
            "help.acme.example",
        ),
        ("--welcome-message", "Hello", "welcomeMessage", "Hello"),
        (
            "--support-email",
            "IT@acme.example",
            "supportEmail",
            "it@acme.example",
        ),
        (
            "--support-phone",
            "+49 30 1234",
            "supportPhone",
            "+49 30 1234",
        ),
        ("--footer-text", "Acme", "footerText", "Acme"),
        (
            "--custom-css",
            css.as_str(),
            "customCss",
            "header { color: red }",
        ),
    ];
    let flags: Vec<&str> = values
        .iter()
        .flat_map(|(flag, value, ..)| [*flag, *value])
        .collect();
    let branding = portal.json(&[&set[..], &flags].concat());
    for (flag, _, key, value) in values {
        assert_eq!(branding[key], value, "{flag}");
    }
    assert_eq!(
        portal.json(&["branding", "show", "--org", "acme"]),
        branding
    );
    for (flag, _, key, _) in values {
        assert!(
            portal.json(&[&set[..], &[flag, ""]].concat())[key].is_null(),
            "{flag}"
        );
    }
}

#[test]
fn every_feature_can_be_switched_on_and_off() {
    let portal = Portal::new();
    portal.organization("Acme");
    for (flag, key) in [
        ("--enable-tickets", "enableTickets"),
        ("--enable-asset-checkout", "enableAssetCheckout"),
        ("--enable-self-service", "enableSelfService"),
        ("--enable-password-reset", "enablePasswordReset"),
        ("--enable-colleagues", "enableColleagues"),
    ] {
        for value in [false, true] {
            let set = ["branding", "set", "--org", "acme", flag, &value.to_string()];
            assert_eq!(portal.json(&set)[key], value, "{flag}");
        }
    }
}

#[test]
fn a_changed_domain_is_no_longer_verified() {
    let portal = Portal::new();
    portal.organization("Acme");
    let none = "the organization has no custom domain; set one first";
    assert_eq!(portal.failure(&["domain", "token", "--org", "acme"]), none);
    assert_eq!(
        portal.failure(&["domain", "verify", "--org", "acme", "--force"]),
        none
    );

    let set = |domain: &str| {
        portal.json(&[
            "branding",
            "set",
            "--org",
            "acme",
            "--custom-domain",
            domain,
        ])
    };
    set("help.acme.example");
    let token = portal.json(&["domain", "token", "--org", "acme"]);
    assert_eq!(
        (&token["customDomain"], &token["domainVerified"]),
        (&json!("help.acme.example"), &json!(false))
    );
    assert!(text(&token, "recordName").ends_with(".help.acme.example"));

    let verified = portal.json(&["domain", "verify", "--org", "acme", "--force"]);
    assert_eq!(verified["domainVerified"], true);
    assert_eq!(verified["recordValue"], token["recordValue"]);
    assert_eq!(set("help.acme.example")["domainVerified"], true);
    assert_eq!(set("support.acme.example")["domainVerified"], false);
    let other = portal.json(&["domain", "token", "--org", "acme"]);
    assert_ne!(other["recordValue"], token["recordValue"]);
}

#[test]
fn a_verified_domain_belongs_to_one_organization() {
    let portal = Portal::new();
    let domain = "help.acme.example";
    for name in ["Acme", "Globex"] {
        let organization = portal.organization(name);
        portal.json(&[
            "branding",
            "set",
            "--org",
            &organization,
            "--custom-domain",
            domain,
        ]);
    }
    portal.json(&["domain", "verify", "--org", "acme", "--force"]);
    assert_eq!(
        portal.failure(&["domain", "verify", "--org", "globex", "--force"]),
        "the domain help.acme.example is verified for another organization"
    );
}

#[test]
fn a_style_sheet_with_an_import_is_refused_with_its_line() {
    let portal = Portal::new();
    portal.organization("Acme");
    let css = portal.file("portal.css", "a {}\n@import 'x';\n");
    let sentence = portal.failure(&["branding", "set", "--org", "acme", "--custom-css", &css]);
    assert!(
        sentence.contains("portal.css") && sentence.contains("line 2: @import"),
        "{sentence}"
    );
}
