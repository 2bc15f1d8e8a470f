//! Who a client is: by its address, and in words that people recognize.
//!
//! A `User-Agent` header is no proof of anything: its name is only shown to the owner of a session,
//! who knows which browsers they use.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use crate::enums::text_enum;

/// The network bits of an IPv6 address: a subscriber has at least a /64 (RFC 6177).
const IPV6_NETWORK: u128 = (u64::MAX as u128) << 64;

/// The address that a client is known by: its IPv4 address, also if mapped to IPv6
/// (`::ffff:192.0.2.1`), or the /64 of its IPv6 address.
pub fn client_network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & IPV6_NETWORK)),
    }
}

text_enum! {
    /// The program that a client is.
    #[derive(Default, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum Program: InvalidProgram {
        Chrome = "Chrome",
        Edge = "Edge",
        Firefox = "Firefox",
        Opera = "Opera",
        Safari = "Safari",
        SamsungInternet = "Samsung Internet",
        /// A browser of another name.
        OtherBrowser = "Browser",
        /// No browser.
        #[default]
        #[serde(other)]
        Api = "API client",
    }
}

text_enum! {
    /// The system that a client runs on.
    #[derive(Default, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum System: InvalidSystem {
        Android = "Android",
        ChromeOs = "ChromeOS",
        Ipad = "iPad",
        Iphone = "iPhone",
        Linux = "Linux",
        MacOs = "macOS",
        Windows = "Windows",
        #[default]
        #[serde(other)]
        Unknown = "unknown",
    }
}

/// A client's program and system, as far as its `User-Agent` header tells.
///
/// A name that a newer release wrote reads as an unknown one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientName {
    /// The program.
    pub program: Program,
    /// The system that it runs on.
    pub system: System,
}

/// A part of a browser's header, in the order of precedence: most browsers also name those that
/// they are compatible with.
const PROGRAMS: [(&str, Program); 13] = [
    ("EdgiOS/", Program::Edge),
    ("EdgA/", Program::Edge),
    ("Edg/", Program::Edge),
    ("OPR/", Program::Opera),
    ("OPT/", Program::Opera),
    ("SamsungBrowser/", Program::SamsungInternet),
    ("FxiOS/", Program::Firefox),
    ("Firefox/", Program::Firefox),
    ("CriOS/", Program::Chrome),
    ("Chrome/", Program::Chrome),
    ("Chromium/", Program::Chrome),
    ("Safari/", Program::Safari),
    ("Mozilla/", Program::OtherBrowser),
];

/// A part of a browser's header, in the order of precedence: Android is a Linux, and an iPhone is
/// like a Mac.
const SYSTEMS: [(&str, System); 8] = [
    ("iPhone", System::Iphone),
    ("iPad", System::Ipad),
    ("Android", System::Android),
    ("CrOS", System::ChromeOs),
    ("Windows", System::Windows),
    ("Macintosh", System::MacOs),
    ("Mac OS X", System::MacOs),
    ("Linux", System::Linux),
];

impl ClientName {
    /// The name of the client with this header, if it sent one.
    pub fn of(user_agent: Option<&str>) -> Self {
        let Some(header) = user_agent.filter(|header| header.starts_with("Mozilla/")) else {
            return Self::default();
        };
        Self {
            program: first(&PROGRAMS, header),
            system: first(&SYSTEMS, header),
        }
    }
}

fn first<T: Copy + Default>(known: &[(&str, T)], header: &str) -> T {
    let mut known = known.iter();
    let found = known.find(|(part, _)| header.contains(part));
    found.map(|(_, name)| *name).unwrap_or_default()
}

/// `Firefox on Windows`, `Firefox` or `API client`.
impl fmt::Display for ClientName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.system {
            System::Unknown => self.program.fmt(f),
            system => write!(f, "{} on {system}", self.program),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_go_by_their_own_name_and_that_of_their_system() {
        for (header, expected) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0",
                "Firefox on Windows",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/126.0.0.0 Safari/537.36",
                "Chrome on ChromeOS",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like \
                 Gecko) Version/17.5 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, \
                 like Gecko) CriOS/126.0.0.0 Mobile/15E148 Safari/604.1",
                "Chrome on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) \
                 SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
                "Samsung Internet on Android",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) Konqueror",
                "Browser on Linux",
            ),
            ("Mozilla/5.0", "Browser"),
            ("curl/8.7.1", "API client"),
            ("", "API client"),
        ] {
            let name = ClientName::of(Some(header));
            assert_eq!(name.to_string(), expected, "{header}");
            let stored = serde_json::to_string(&name).unwrap();
            assert_eq!(serde_json::from_str::<ClientName>(&stored).unwrap(), name);
        }
        assert_eq!(ClientName::of(None).to_string(), "API client");
    }

    #[test]
    fn a_name_of_a_newer_release_is_unknown() {
        let stored = r#"{"program":"netscape","system":"be-os"}"#;
        let name: ClientName = serde_json::from_str(stored).unwrap();
        assert_eq!(name, ClientName::default());
    }
}
