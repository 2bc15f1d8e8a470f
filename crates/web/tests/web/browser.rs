//! A browser without scripts, which keeps cookies and fills in forms.

use std::cell::RefCell;
use std::collections::BTreeMap;

use actix_web::cookie::Cookie;
use actix_web::cookie::time::Duration;
use actix_web::http::Method;
use portal_test_support::{Anonymous, Call, Caller as _, PASSWORD, Person, Response, TestApp};

/// A browser.
pub(crate) struct Browser {
    anonymous: Anonymous,
    host: String,
    language: String,
    cookies: RefCell<BTreeMap<String, String>>,
}

impl Browser {
    /// A new one.
    pub(crate) fn new(app: &TestApp) -> Self {
        Self {
            anonymous: app.anonymous(),
            host: "portal.example".to_owned(),
            language: "en".to_owned(),
            cookies: RefCell::default(),
        }
    }

    /// One with a signed-in user.
    pub(crate) async fn signed_in(app: &TestApp, person: &Person) -> Self {
        let browser = Self::new(app);
        let response = browser.sign_in(&person.email).await;
        assert_eq!(response.status(), 303, "{}", response.text());
        browser
    }

    /// The same at another host.
    pub(crate) fn at(mut self, host: &str) -> Self {
        host.clone_into(&mut self.host);
        self
    }

    /// The same with another language.
    pub(crate) fn speaking(mut self, language: &str) -> Self {
        language.clone_into(&mut self.language);
        self
    }

    /// A request with the cookies that the browser has.
    pub(crate) fn call(&self, method: Method, path: &str) -> Call {
        let cookies = self.cookies.borrow();
        let cookies: Vec<_> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let call = self
            .anonymous
            .call(method, &format!("/{path}"))
            .replace_header("host", &self.host)
            .header("accept-language", &self.language);
        if cookies.is_empty() {
            call
        } else {
            call.header("cookie", &cookies.join("; "))
        }
    }

    /// Sends a request, and keeps the cookies of the response.
    pub(crate) async fn send(&self, call: Call) -> Response {
        let response = call.send().await;
        for text in response.set_cookies() {
            let cookie = Cookie::parse(text).unwrap();
            let mut jar = self.cookies.borrow_mut();
            if cookie.max_age() == Some(Duration::ZERO) {
                jar.remove(cookie.name());
            } else {
                jar.insert(cookie.name().to_owned(), cookie.value().to_owned());
            }
        }
        response
    }

    /// Opens a page.
    pub(crate) async fn get(&self, path: &str) -> Response {
        self.send(self.call(Method::GET, path)).await
    }

    /// Opens an existing page.
    pub(crate) async fn page(&self, path: &str) -> String {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}: {}", response.text());
        response.text().to_owned()
    }

    /// Submits only these fields.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let call = self.call(Method::POST, path);
        self.send(call.body("application/x-www-form-urlencoded", encoded(fields)))
            .await
    }

    /// Opens a page and submits its form for `action`, with the hidden fields and what is
    /// typed into it.
    pub(crate) async fn submit(
        &self,
        page: &str,
        action: &str,
        typed: &[(&str, &str)],
    ) -> Response {
        let html = self.page(page).await;
        self.submit_from(&html, action, typed).await
    }

    /// [`submit`](Self::submit), from a page that is open.
    pub(crate) async fn submit_from(
        &self,
        html: &str,
        action: &str,
        typed: &[(&str, &str)],
    ) -> Response {
        let hidden = hidden_fields(html, action);
        let mut fields: Vec<_> = hidden
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        fields.extend(typed);
        self.post(action, &fields).await
    }

    /// Signs in with the common password.
    pub(crate) async fn sign_in(&self, email: &str) -> Response {
        let typed = [("email", email), ("password", PASSWORD)];
        self.submit("/sign-in", "/sign-in", &typed).await
    }

    /// A cookie that the browser has.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.borrow().get(name).cloned()
    }

    /// Gives the browser a cookie.
    pub(crate) fn plant(&self, name: &str, value: &str) {
        let mut jar = self.cookies.borrow_mut();
        jar.insert(name.to_owned(), value.to_owned());
    }
}

/// The body of a form.
pub(crate) fn encoded<T: AsRef<str>>(fields: &[(T, T)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

/// The names and values of the hidden fields of the form for `action`.
pub(crate) fn hidden_fields(html: &str, action: &str) -> Vec<(String, String)> {
    let start = html
        .find(&format!("action=\"{action}\""))
        .unwrap_or_else(|| panic!("no form to {action} in {html}"));
    let form = html[start..].split("</form>").next().unwrap();
    form.split("<input ")
        .skip(1)
        .map(|input| input.split('>').next().unwrap())
        .filter(|input| input.contains("type=\"hidden\""))
        .map(|input| (attribute(input, "name"), attribute(input, "value")))
        .collect()
}

/// The value of an attribute in a tag.
pub(crate) fn attribute(tag: &str, name: &str) -> String {
    let (_, rest) = tag.split_once(&format!("{name}=\"")).unwrap();
    unescaped(rest.split('"').next().unwrap())
}

/// The text with HTML entities decoded.
pub(crate) fn unescaped(html: &str) -> String {
    [
        ("&#34;", "\""),
        ("&#38;", "&"),
        ("&#39;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
    ]
    .iter()
    .fold(html.to_owned(), |text, (code, character)| {
        text.replace(code, character)
    })
}
