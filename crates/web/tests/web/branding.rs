//! Pages under the brands of organizations.

use portal_domain::branding::Branding;
use portal_test_support::{PASSWORD, Tenant, TestApp};

use crate::browser::{Browser, attribute};
use crate::start;

const DOMAIN: &str = "support.acme.example";

/// Gives an organization a brand and a verified domain.
async fn brand(app: &TestApp, tenant: &Tenant, domain: &str, css: &str) {
    app.operate(tenant, async |op| {
        let id = portal_domain::ids::BrandingId::generate(&*app.env);
        let now = portal_domain::environment::Environment::now(&*app.env);
        let branding = Branding {
            primary_color: "#ffee00".parse().ok(),
            logo_url: "https://cdn.acme.example/logo.png".parse().ok(),
            custom_domain: domain.parse().ok(),
            domain_verified: true,
            welcome_message: "Hello <script>alert(1)</script>".parse().ok(),
            footer_text: "<b>Acme</b>".parse().ok(),
            custom_css: css.parse().ok(),
            ..Branding::unset(id, tenant.id, now)
        };
        op.tx.save_branding(&branding).await
    })
    .await;
}

fn custom_style(html: &str) -> Option<String> {
    let link = html
        .split("<link ")
        .find(|link| link.contains("/custom.css"))?;
    Some(attribute(link, "href"))
}

#[actix_web::test]
async fn brand_of_the_host_is_used_before_sign_in() {
    let app = start().await;
    brand(&app, &app.acme, DOMAIN, "h1 { letter-spacing: 1px }").await;
    let own = Browser::new(&app).at(DOMAIN);
    let html = own.page("/sign-in").await;
    assert!(html.contains("https://cdn.acme.example/logo.png"));
    assert!(html.contains("/ffee00-none-none/portal.css"));
    assert!(html.contains("Hello &#60;script&#62;alert(1)&#60;/script&#62;"));
    assert!(html.contains("&#60;b&#62;Acme&#60;/b&#62;"));
    let policy = own
        .get("/sign-in")
        .await
        .header("content-security-policy")
        .unwrap();
    assert!(
        policy.contains("img-src 'self' https://cdn.acme.example data:;"),
        "{policy}"
    );

    let neutral = Browser::new(&app).page("/sign-in").await;
    assert!(neutral.contains("Customer portal") && !neutral.contains("Acme"));
    assert!(neutral.contains("/none-none-none/portal.css"));
}

#[actix_web::test]
async fn brand_of_the_organization_is_used_after_sign_in() {
    let app = start().await;
    brand(&app, &app.acme, DOMAIN, "h1 { letter-spacing: 1px }").await;
    let ada = Browser::signed_in(&app, &app.acme.ada)
        .await
        .page("/")
        .await;
    assert!(ada.contains("/ffee00-none-none/portal.css"));
    let globex = Browser::signed_in(&app, &app.globex.ada)
        .await
        .page("/")
        .await;
    assert!(globex.contains("/none-none-none/portal.css") && globex.contains("Globex"));
}

#[actix_web::test]
async fn custom_css_is_served_to_its_organization_only() {
    let app = start().await;
    brand(&app, &app.acme, DOMAIN, "h1 { letter-spacing: 1px }").await;
    let ada = Browser::signed_in(&app, &app.acme.ada).await;
    let path = custom_style(&ada.page("/").await).unwrap();
    let response = ada.get(&path).await;
    assert_eq!(response.status(), 200);
    assert_eq!(
        response.header("content-type").unwrap(),
        "text/css; charset=utf-8"
    );
    assert!(
        response
            .header("cache-control")
            .unwrap()
            .starts_with("private")
    );
    assert!(response.text().contains("letter-spacing"));

    let guest = Browser::new(&app).at(DOMAIN);
    assert_eq!(
        custom_style(&guest.page("/sign-in").await).as_deref(),
        Some(&*path)
    );
    assert_eq!(guest.get(&path).await.status(), 200);

    assert_eq!(Browser::new(&app).get(&path).await.status(), 404);
    let globex = Browser::signed_in(&app, &app.globex.ada).await;
    assert_eq!(custom_style(&globex.page("/").await), None);
    assert_eq!(globex.get(&path).await.status(), 404);
    // A page for everybody is in the brand of the host, whoever is signed in.
    let globex = globex.at(DOMAIN);
    let html = globex.page("/forgot-password").await;
    assert_eq!(custom_style(&html).as_deref(), Some(&*path));
    assert_eq!(globex.get(&path).await.status(), 200);
}

#[actix_web::test]
async fn the_stylesheet_has_the_brands_colours() {
    let app = start().await;
    brand(&app, &app.acme, DOMAIN, "h1 { letter-spacing: 1px }").await;
    let browser = Browser::new(&app).at(DOMAIN);
    let html = browser.page("/sign-in").await;
    let style = attribute(html.split("rel=\"stylesheet\"").nth(1).unwrap(), "href");
    let css = browser.get(&style).await.text().to_owned();
    assert!(css.contains("--hero:#ffee00"));
    // Yellow itself could not be read on white.
    assert!(!css.contains("--accent:#ffee00;--tint") || css.contains("prefers-color-scheme:dark"));
}

#[actix_web::test]
async fn custom_domain_signs_in_only_its_users() {
    let app = start().await;
    brand(&app, &app.acme, DOMAIN, "h1 { letter-spacing: 1px }").await;
    let browser = Browser::new(&app).at(DOMAIN);
    let typed = [("email", &*app.globex.ada.email), ("password", PASSWORD)];
    let response = browser.submit("/sign-in", "/sign-in", &typed).await;
    assert_eq!(response.status(), 422);
    let response = browser.sign_in(&app.acme.ada.email).await;
    assert_eq!(response.status(), 303);
}

#[actix_web::test]
async fn forgot_password_link_is_hidden_when_disabled() {
    let app = start().await;
    brand(&app, &app.acme, DOMAIN, "h1 { letter-spacing: 1px }").await;
    let browser = Browser::new(&app).at(DOMAIN);
    assert!(browser.page("/sign-in").await.contains("/forgot-password"));
    app.operate(&app.acme, async |op| {
        let mut branding = op.tx.branding().await?.expect("a branding");
        branding.features.password_reset = false;
        op.tx.save_branding(&branding).await
    })
    .await;
    assert!(!browser.page("/sign-in").await.contains("/forgot-password"));
    assert_eq!(browser.get("/forgot-password").await.status(), 403);
}
