//! What people do, partly at a server of the release before and partly at one of this release.

use std::collections::BTreeSet;

use portal_test_support::releases::People;
use serde_json::{Value, json};

use crate::client::Client;
use crate::mails::Mails;
use crate::program::Server;

/// Who does what only one person has to.
const ZOE: &str = "zoe@uebermut.example";
/// Who forgets passwords.
const TWICE: &str = "twice@uebermut.example";
/// Who was invited by the demo and has not come yet.
const GRETA: &str = "greta.lindner@acme.example";

/// Lists in several orders, pages and filters, and all else that is there without an id.
const VIEWS: [&str; 16] = [
    "/profile",
    "/branding/support.acme.example",
    "/branding/hilfe.%C3%BCbermut.example",
    "/branding/help.umbrella.example",
    "/tickets/forms",
    "/tickets?limit=100",
    "/tickets?limit=7&page=2&sort=-priority",
    "/tickets?sort=updatedAt&limit=9",
    "/tickets?status=new,on_hold&priority=urgent,low",
    "/tickets?q=%E7%87%83%E3%81%88",
    "/tickets?q=DRUCKER%20%C3%9C",
    "/devices?limit=100",
    "/devices?limit=5&page=3",
    "/assets?limit=100",
    "/assets/checkouts?limit=100",
    "/assets/checkouts?limit=2&page=2",
];

/// Pages for a browser.
const PAGES: [&str; 5] = ["//", "//tickets", "//devices", "//equipment", "//profile"];

/// Two servers on one database.
pub(crate) struct Walk<'w> {
    old: &'w Server,
    new: &'w Server,
    people: &'w People,
    /// How many passwords were set so far.
    passwords: u32,
}

impl<'w> Walk<'w> {
    /// With the people of a fixture.
    pub(crate) const fn new(old: &'w Server, new: &'w Server, people: &'w People) -> Self {
        Self {
            old,
            new,
            people,
            passwords: 0,
        }
    }

    /// Somebody who signs in at one of the servers; the session is good at both.
    fn signed_in(&self, server: &Server, email: &str) -> Client {
        let mut client = server.client();
        client
            .sign_in(email, &self.people.password, None)
            .expect(200);
        client
    }

    /// Compares what everybody sees at both servers.
    pub(crate) fn compare(&self) {
        let mut tickets = 0;
        for (number, email) in self.people.active.iter().enumerate() {
            let at = [self.old, self.new][number % 2];
            for client in self.sessions(at, email) {
                for view in VIEWS {
                    self.compare_view(&client, view);
                }
                let list = client.at(self.old).get("/tickets?limit=100").json();
                for ticket in list["data"].as_array().into_iter().flatten() {
                    let id = ticket["id"].as_str().unwrap();
                    self.compare_view(&client, &format!("/tickets/{id}"));
                    tickets += 1;
                }
            }
        }
        assert!(tickets > 30, "too few tickets were compared: {tickets}");
        for email in &self.people.shut_out {
            let sign_in = |server: &Server| {
                let response = server.client().sign_in(email, &self.people.password, None);
                response.expect(403).json()
            };
            assert_agrees(email, &sign_in(self.old), &sign_in(self.new));
        }
        for host in ["support.acme.example", "portal.test"] {
            self.compare_view(&self.old.client().on(host), "/branding");
        }
        self.compare_pages();
    }

    /// The sessions of a person, one for each organization that they belong to.
    fn sessions(&self, at: &Server, email: &str) -> Vec<Client> {
        let password = &self.people.password;
        let mut client = at.client();
        let response = client.sign_in(email, password, None);
        if response.status == 200 {
            return vec![client];
        }
        let organizations = response.expect(400).json();
        let organizations = organizations["organizations"].as_array().unwrap();
        let sessions = organizations.iter().map(|organization| {
            let mut client = at.client();
            let id = organization["id"].as_str();
            client.sign_in(email, password, id).expect(200);
            client
        });
        sessions.collect()
    }

    fn compare_view(&self, client: &Client, path: &str) {
        let (old, new) = (client.at(self.old).get(path), client.at(self.new).get(path));
        assert_eq!(old.status, new.status, "{path}: {old:?} {new:?}");
        assert!(old.status < 500, "{path}: {old:?}");
        assert_agrees(path, &old.json(), &new.json());
    }

    /// Pages are there at both servers, for a browser that signed in at either.
    fn compare_pages(&self) {
        for at in [self.old, self.new] {
            let mut browser = at.client();
            browser.sign_in_with_cookies(ZOE, &self.people.password);
            for page in PAGES {
                for server in [self.old, self.new] {
                    browser.at(server).get(page).expect(200);
                }
            }
        }
    }

    /// Has people do everything that the portal is for, each step at the other server than the one
    /// before, beginning with either.
    pub(crate) fn work_on_both(&mut self, mut mails: Mails) {
        let (old, new) = (self.old, self.new);
        for (one, other) in [(old, new), (new, old)] {
            self.tickets(one, other);
            self.loans(one, other);
            self.profile(one, other);
            self.browser(one, other);
            self.passwords(one, other, &mut mails);
        }
        self.tokens_of_before(old, new);
        // An account that was never set up gets its invitation again.
        let forgotten = json!({ "email": GRETA });
        let token = mails.token(GRETA, "accept-invite", || {
            old.client()
                .post("/auth/forgot-password", &forgotten)
                .expect(200);
        });
        self.accept(new, &token);
        old.client()
            .post("/auth/accept-invite", &self.new_password(&token))
            .expect(400);
    }

    fn tickets(&self, one: &Server, other: &Server) {
        let zoe = self.signed_in(one, ZOE);
        let (here, there) = (zoe.at(one), zoe.at(other));
        let new = json!({ "subject": "Über 🖨️ 50 %", "description": "Zeile\n\tzwei", "priority": "high" });
        let ticket = here.post("/tickets", &new).expect(201).text("/ticket/id");
        let path = format!("/tickets/{ticket}");
        self.compare_view(&zoe, &path);
        self.compare_view(&zoe, "/tickets?q=%C3%9CBER%2050");
        let shown = there.get(&path).expect(200).json();
        for key in ["subject", "description", "priority"] {
            assert_eq!(shown["ticket"][key], new[key]);
        }

        let comments = format!("{path}/comments");
        let comment = |client: &Client, content: &str| {
            let response = client.post(&comments, &json!({ "content": content }));
            response.expect(201).text("/comment/id")
        };
        let (first, second) = (comment(&there, "from there"), comment(&here, "from here"));
        let edited = json!({ "content": "edited" });
        here.call("PATCH", &format!("{comments}/{first}"), Some(&edited))
            .expect(200);
        there
            .call("DELETE", &format!("{comments}/{second}"), None)
            .expect(200);
        for client in [&here, &there] {
            let shown = client.get(&path).expect(200).json();
            let comments = shown["ticket"]["comments"].as_array().unwrap();
            let contents: Vec<_> = comments.iter().map(|comment| &comment["content"]).collect();
            assert_eq!(contents, ["edited"]);
        }
        self.compare_view(&zoe, &path);

        let resolved = here.get("/tickets?status=resolved").expect(200);
        let resolved = resolved.text("/data/0/id");
        let close = format!("/tickets/{resolved}/close");
        there.post(&close, &json!({})).expect(200);
        here.post(&close, &json!({})).expect(409);
        assert_eq!(
            here.get(&format!("/tickets/{resolved}"))
                .text("/ticket/status"),
            "closed"
        );
    }

    fn loans(&self, one: &Server, other: &Server) {
        let zoe = self.signed_in(one, ZOE);
        let (here, there) = (zoe.at(one), zoe.at(other));
        let device = here.get("/assets").expect(200).text("/data/0/id");
        let (checkout, checkin) = (
            format!("/assets/{device}/checkout"),
            format!("/assets/{device}/checkin"),
        );
        let wishes = json!({
            "expectedReturnAt": "2099-01-31T09:05:00Z", "checkoutNotes": "für 🎤", "condition": "gut"
        });
        let loan = here
            .post(&checkout, &wishes)
            .expect(201)
            .text("/checkout/id");
        there.post(&checkout, &wishes).expect(409);
        self.compare_view(&zoe, "/assets/checkouts");
        let later = json!({ "expectedReturnAt": "2099-02-28T09:05:00Z" });
        there
            .call("PATCH", &format!("/assets/checkouts/{loan}"), Some(&later))
            .expect(200);
        self.compare_view(&zoe, "/assets/checkouts");
        let back = json!({ "checkinNotes": "danke", "condition": "besser" });
        there.post(&checkin, &back).expect(200);
        here.post(&checkin, &back).expect(400);
        self.compare_view(&zoe, "/assets/checkouts");
        self.compare_view(&zoe, "/assets");
        let free = here.get("/assets?limit=100").expect(200).json();
        let mut free = free["data"].as_array().unwrap().iter();
        assert!(free.any(|asset| asset["id"] == device.as_str()));
    }

    fn profile(&self, one: &Server, other: &Server) {
        let zoe = self.signed_in(one, ZOE);
        let (here, there) = (zoe.at(one), zoe.at(other));
        for change in [
            json!({ "name": "Zoë 李", "receiveNotifications": false, "locale": "en" }),
            json!({ "name": "Zoë", "receiveNotifications": true, "locale": null }),
        ] {
            here.call("PATCH", "/profile", Some(&change)).expect(200);
            let shown = there.get("/profile").expect(200).json();
            for (key, value) in change.as_object().unwrap() {
                assert_eq!(&shown["user"][key], value);
            }
            self.compare_view(&zoe, "/profile");
        }
        there.post("/auth/logout", &json!({})).expect(200);
        here.get("/profile").expect(401);
    }

    /// A browser's cookies, and the token against forged requests, are good at both servers.
    fn browser(&self, one: &Server, other: &Server) {
        let mut browser = one.client();
        browser.sign_in_with_cookies(ZOE, &self.people.password);
        let new = json!({ "subject": "From a browser", "description": "Hello" });
        browser.at(other).post("/tickets", &new).expect(201);
        browser
            .at(other)
            .post("/auth/logout", &json!({}))
            .expect(200);
        browser.at(one).get("/profile").expect(401);
    }

    fn new_password(&mut self, token: &str) -> Value {
        self.passwords += 1;
        json!({ "token": token, "password": self.password() })
    }

    fn password(&self) -> String {
        format!("Marzipan-Lantern-{}", self.passwords)
    }

    /// A forgotten password, and one that is changed.
    fn passwords(&mut self, one: &Server, other: &Server, mails: &mut Mails) {
        let usual = self.people.password.clone();
        let session = self.signed_in(one, TWICE);
        let forgotten = json!({ "email": TWICE });
        let token = mails.token(TWICE, "reset-password", || {
            one.client()
                .post("/auth/forgot-password", &forgotten)
                .expect(200);
        });
        let reset = self.new_password(&token);
        other
            .client()
            .post("/auth/reset-password", &reset)
            .expect(200);
        one.client()
            .post("/auth/reset-password", &reset)
            .expect(400);
        session.at(one).get("/profile").expect(401);
        session.at(other).get("/profile").expect(401);
        one.client().sign_in(TWICE, &usual, None).expect(401);

        let mut again = one.client();
        again.sign_in(TWICE, &self.password(), None).expect(200);
        let change = json!({ "currentPassword": self.password(), "newPassword": usual });
        again
            .at(other)
            .post("/profile/password", &change)
            .expect(200);
        again.at(one).get("/profile").expect(401);
        one.client()
            .sign_in(TWICE, &self.password(), None)
            .expect(401);
        one.client().sign_in(TWICE, &usual, None).expect(200);
    }

    /// Links of mails that were sent before the upgrade still lead somewhere, once.
    fn tokens_of_before(&mut self, old: &Server, new: &Server) {
        let (reset, invitation) = (&self.people.reset, &self.people.invitation);
        let body = self.new_password(&reset.token);
        new.client().post("/auth/reset-password", &body).expect(200);
        old.client().post("/auth/reset-password", &body).expect(400);
        let password = self.password();
        old.client()
            .sign_in(&reset.email, &password, None)
            .expect(200);

        self.accept(old, &invitation.token);
        let password = self.password();
        new.client()
            .sign_in(&invitation.email, &password, None)
            .expect(200);
        let body = self.new_password(&invitation.token);
        new.client().post("/auth/accept-invite", &body).expect(400);
    }

    fn accept(&mut self, server: &Server, token: &str) {
        let body = self.new_password(token);
        server
            .client()
            .post("/auth/accept-invite", &body)
            .expect(200);
    }

    /// Fails unless everything that the release before offers was done at both servers.
    pub(crate) fn assert_complete(&self) {
        let operations = self.old.operations();
        assert!(operations.len() > 20, "{operations:?}");
        let mut missing = BTreeSet::new();
        for (method, path) in &operations {
            for (name, server) in [("old", self.old), ("new", self.new)] {
                if !server.has_done(method, path) {
                    missing.insert(format!("{method} {path} at the {name} server"));
                }
            }
        }
        assert_eq!(missing, BTreeSet::new(), "this walk leaves out");
    }
}

/// Fails unless a response of the new server says what that of the old one says. It may say more, in
/// keys that the old one does not know.
fn assert_agrees(what: &str, old: &Value, new: &Value) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for (key, value) in old {
                let other = new.get(key);
                let other = other.unwrap_or_else(|| panic!("{what}/{key} is gone"));
                assert_agrees(&format!("{what}/{key}"), value, other);
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            assert_eq!(old.len(), new.len(), "{what}: {old:#?} {new:#?}");
            for (number, (old, new)) in old.iter().zip(new).enumerate() {
                assert_agrees(&format!("{what}/{number}"), old, new);
            }
        }
        (old, new) => assert_eq!(old, new, "{what}"),
    }
}
