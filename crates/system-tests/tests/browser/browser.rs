//! A browser with one window.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use portal_demo::DEMO_PASSWORD;
use portal_system_tests::chromedriver;
use serde_json::json;
use thirtyfour::common::log::LoggingPrefsLogLevel;
use thirtyfour::extensions::query::ElementQueryable as _;
use thirtyfour::prelude::{By, DesiredCapabilities, WebDriver, WebDriverResult};
use thirtyfour::{CapabilitiesHelper as _, ChromiumLikeCapabilities as _, TypingData, WebElement};

use crate::portal::{ACME, GLOBEX, IMAGES, Organization, Portal};

/// Longer than anything takes that is waited for.
const TIMEOUT: Duration = Duration::from_secs(20);

/// How often it is looked whether something has come.
const INTERVAL: Duration = Duration::from_millis(25);

/// What somebody looks at the portal with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Device {
    /// A large window.
    Desktop,
    /// A large window without script.
    WithoutScript,
    /// A small one, and fingers.
    Phone,
}

/// A browser.
pub(crate) struct Browser {
    /// What drives it.
    pub(crate) driver: WebDriver,
    /// What it is.
    pub(crate) device: Device,
    base: String,
}

impl Browser {
    /// A new one at an organization's domain, or at the portal's own address, where none is known
    /// yet.
    pub(crate) async fn open(
        portal: &Portal,
        organization: Option<&Organization>,
        device: Device,
    ) -> Self {
        let port = portal.port;
        let own = format!("127.0.0.1:{port}");
        let host = organization.map_or(&*own, |organization| organization.host);
        let mut capabilities = DesiredCapabilities::chrome();
        let domains = [ACME.host, GLOBEX.host];
        let mut there = domains
            .map(|host| format!("MAP {host} 127.0.0.1:{port}"))
            .to_vec();
        there.push(format!("MAP {IMAGES} 127.0.0.1:{}", portal.images.port()));
        let trusted = domains.map(|host| format!("http://{host}"));
        for argument in [
            "--headless",
            // Chromium's sandbox needs rights that containers and root do not have.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-features=HttpsUpgrades",
            "--force-color-profile=srgb",
            "--hide-scrollbars",
            &format!("--host-resolver-rules={}", there.join(", ")),
            // They are reached over HTTPS in life, where more of what protects pages holds.
            &format!(
                "--unsafely-treat-insecure-origin-as-secure={}",
                trusted.join(",")
            ),
        ] {
            capabilities.add_arg(argument).unwrap();
        }
        let script = if device == Device::WithoutScript {
            2
        } else {
            1
        };
        let preferences = json!({
            "intl.accept_languages": "en-US,en",
            "profile.managed_default_content_settings.javascript": script,
            "credentials_enable_service": false,
        });
        capabilities
            .add_experimental_option("prefs", preferences)
            .unwrap();
        capabilities.accept_insecure_certs(true).unwrap();
        capabilities
            .set_browser_log_level(LoggingPrefsLogLevel::All)
            .unwrap();
        let driver = WebDriver::new(chromedriver::shared(), capabilities)
            .await
            .unwrap();
        let browser = Self {
            driver,
            device,
            base: format!("http://{host}"),
        };
        match device {
            Device::Phone => browser.resize(390, 844).await,
            _ => browser.resize(1280, 900).await,
        }
        browser
    }

    /// Ends it.
    pub(crate) async fn close(self) -> WebDriverResult<()> {
        self.driver.quit().await
    }

    async fn cdp(&self, method: &str, parameters: serde_json::Value) {
        let cdp = self.driver.cdp();
        cdp.send_raw(method, parameters).await.unwrap();
    }

    /// Makes the page as large as this, in CSS pixels.
    pub(crate) async fn resize(&self, width: u32, height: u32) {
        let mobile = width < 800;
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile,
        });
        self.cdp("Emulation.setDeviceMetricsOverride", metrics)
            .await;
    }

    /// Has the browser prefer dark or light, on a screen or on paper.
    pub(crate) async fn emulate(&self, medium: &str, scheme: &str) {
        // Without motion, or colours are on their way while the scanner reads them.
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        let media = json!({ "media": medium, "features": features });
        self.cdp("Emulation.setEmulatedMedia", media).await;
    }

    /// Opens a page.
    pub(crate) async fn visit(&self, path: &str) {
        let url = format!("{}{path}", self.base);
        self.driver.goto(url).await.unwrap();
    }

    /// Path, query and fragment of the page.
    pub(crate) async fn path(&self) -> String {
        let url = self.driver.current_url().await.unwrap();
        let path = url.as_str().strip_prefix(&self.base);
        path.unwrap_or_else(|| panic!("{url} is elsewhere"))
            .to_owned()
    }

    /// Waits for a page whose path begins so.
    pub(crate) async fn arrive(&self, path: &str) {
        eventually(async || {
            let now = self.path().await;
            if now.starts_with(path) {
                Ok(())
            } else {
                Err(format!("at {now}, not at {path}"))
            }
        })
        .await;
    }

    /// Waits for an element.
    pub(crate) async fn find(&self, by: By) -> WebElement {
        self.driver
            .query(by)
            .wait(TIMEOUT, INTERVAL)
            .first()
            .await
            .unwrap()
    }

    /// The elements there are now.
    pub(crate) async fn all(&self, css: &str) -> Vec<WebElement> {
        self.driver.find_all(By::Css(css)).await.unwrap()
    }

    /// What can be read on the page.
    pub(crate) async fn text(&self) -> String {
        let body = self.driver.find(By::Tag("body")).await.unwrap();
        body.text().await.unwrap()
    }

    /// Waits until this can be read on the page.
    pub(crate) async fn see(&self, text: &str) {
        eventually(async || {
            // The page may be on its way out while it is read.
            let read = match self.driver.find(By::Tag("body")).await {
                Ok(body) => body.text().await.unwrap_or_default(),
                Err(error) => error.to_string(),
            };
            if read.contains(text) {
                Ok(())
            } else {
                Err(format!("“{text}” is not there: {read}"))
            }
        })
        .await;
    }

    /// Makes sure that none of this can be read on the page.
    pub(crate) async fn miss(&self, texts: &[&str]) {
        let read = self.text().await;
        for text in texts {
            assert!(!read.contains(text), "“{text}” is there: {read}");
        }
    }

    /// Presses the button or link that says this, the first one that can be seen.
    pub(crate) async fn press(&self, label: &str) {
        let quoted = quoted(label);
        let says = format!("[normalize-space()={quoted} or @aria-label={quoted}]");
        let path = format!("//button{says} | //a{says} | //summary{says}");
        let element = self
            .driver
            .query(By::XPath(path.as_str()))
            .wait(TIMEOUT, INTERVAL)
            .and_displayed()
            .first()
            .await
            .unwrap_or_else(|error| panic!("{label}: {error}"));
        element.scroll_into_view().await.unwrap();
        element.click().await.unwrap();
    }

    /// Presses the link that says this among other things.
    pub(crate) async fn press_link(&self, text: &str) {
        let path = format!("//main//a[contains(normalize-space(), {})]", quoted(text));
        let link = self.find(By::XPath(path.as_str())).await;
        link.scroll_into_view().await.unwrap();
        link.click().await.unwrap();
    }

    /// Types into a field in place of what is in it.
    pub(crate) async fn fill(&self, name: &str, text: &str) {
        let field = self.find(By::Name(name)).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Chooses an option by its text.
    pub(crate) async fn choose(&self, name: &str, option: &str) {
        let path = format!(
            "//select[@name={}]/option[normalize-space()={}]",
            quoted(name),
            quoted(option)
        );
        self.find(By::XPath(path.as_str()))
            .await
            .click()
            .await
            .unwrap();
    }

    /// Picks a day, in the order of an American keyboard.
    pub(crate) async fn pick_day(&self, name: &str, day: chrono::NaiveDate) {
        let field = self.find(By::Name(name)).await;
        field.clear().await.unwrap();
        let typed = day.format("%m%d%Y").to_string();
        field.send_keys(typed).await.unwrap();
    }

    /// What is in a field.
    pub(crate) async fn value(&self, name: &str) -> String {
        let field = self.find(By::Name(name)).await;
        field.prop("value").await.unwrap().unwrap_or_default()
    }

    /// A style of an element, as the browser has computed it.
    pub(crate) async fn style(&self, css: &str, property: &str) -> String {
        let element = self.find(By::Css(css)).await;
        element.css_value(property).await.unwrap()
    }

    /// Goes back in the window's history.
    pub(crate) async fn back(&self) {
        self.driver.back().await.unwrap();
    }

    /// Presses a key, wherever the focus is.
    pub(crate) async fn key(&self, key: impl Into<TypingData>) {
        let keys = self.driver.action_chain().send_keys(key);
        keys.perform().await.unwrap();
    }

    /// Runs a script, and gives what it returns.
    pub(crate) async fn run(&self, script: &str) -> serde_json::Value {
        let returned = self.driver.execute(script, Vec::new()).await.unwrap();
        returned.json().clone()
    }

    /// Signs in as somebody of the demo, and waits for the first page.
    pub(crate) async fn sign_in(&self, email: &str) {
        self.visit("/sign-in").await;
        self.fill("email", email).await;
        self.fill("password", DEMO_PASSWORD).await;
        self.press("Sign in").await;
        self.find(By::Css("header .menu")).await;
    }

    /// Signs in as the organization's own.
    pub(crate) async fn sign_in_to(&self, organization: &Organization) {
        self.sign_in(organization.email).await;
        self.see(&format!("Hello, {}", organization.person)).await;
    }

    /// Goes to a part of the portal by its navigation.
    pub(crate) async fn go_to(&self, part: &str) {
        let path = format!("//nav//a[normalize-space()={}]", quoted(part));
        let link = self.find(By::XPath(path.as_str())).await;
        link.click().await.unwrap();
    }

    /// Signs out, by the menu.
    pub(crate) async fn sign_out(&self) {
        let menu = self.find(By::Css("header .menu summary")).await;
        menu.click().await.unwrap();
        self.press("Sign out").await;
        self.see("You have signed out.").await;
    }

    /// Makes sure that nothing went wrong behind the page: no error of the script, and nothing that
    /// the policy of the pages had to block. That a page is an error is said there as well, and is
    /// for the test to know.
    pub(crate) async fn assert_calm(&self) {
        let log = self.driver.browser_log().await.unwrap();
        let noise: Vec<_> = log
            .iter()
            .filter(|entry| entry.level != "INFO")
            .filter(|entry| {
                !entry
                    .message
                    .contains("the server responded with a status of")
            })
            .map(|entry| format!("{}: {}", entry.level, entry.message))
            .collect();
        assert!(noise.is_empty(), "{noise:#?}");
    }

    /// Keeps what can be seen of the page, for people to look at.
    pub(crate) async fn capture(&self, name: &str) {
        self.try_capture(name).await.unwrap();
    }

    /// [`capture`](Self::capture), where the browser may be the trouble.
    pub(crate) async fn try_capture(&self, name: &str) -> WebDriverResult<()> {
        let folder = screenshots();
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join(format!("{name}.png"));
        self.driver.screenshot(&file).await
    }
}

/// Asks until something is so, or says why it is not.
async fn eventually(is_so: impl AsyncFn() -> Result<(), String>) {
    let start = Instant::now();
    while let Err(why) = is_so().await {
        assert!(start.elapsed() < TIMEOUT, "{why}");
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Where the pictures go.
fn screenshots() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    target.join("screenshots")
}

/// A text for `XPath`, which knows no escapes.
fn quoted(text: &str) -> String {
    if text.contains('\'') {
        format!("\"{text}\"")
    } else {
        format!("'{text}'")
    }
}
