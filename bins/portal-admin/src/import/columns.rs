//! The names of columns and values, as people and programs write them.

use portal_domain::text;

use crate::output::printable;

/// Other names of the columns, as [`normalized`] writes them.
const ALIASES: &[(&str, &[&str])] = &[
    (
        "email",
        &[
            "mail",
            "emailaddress",
            "mailaddress",
            "emailadresse",
            "mailadresse",
        ],
    ),
    (
        "name",
        &[
            "fullname",
            "displayname",
            "vollername",
            "vollstaendigername",
            "anzeigename",
            "vorundnachname",
        ],
    ),
    ("role", &["userrole", "rolle", "funktion"]),
    (
        "locale",
        &[
            "language",
            "lang",
            "preferredlanguage",
            "sprache",
            "bevorzugtesprache",
        ],
    ),
    (
        "hostname",
        &[
            "host",
            "computer",
            "computername",
            "devicename",
            "machinename",
            "pcname",
            "geraetename",
            "rechnername",
        ],
    ),
    (
        "display_name",
        &["friendlyname", "anzeigename", "bezeichnung"],
    ),
    (
        "os_type",
        &[
            "os",
            "osname",
            "operatingsystem",
            "platform",
            "betriebssystem",
            "betriebssystemtyp",
            "plattform",
        ],
    ),
    (
        "os_version",
        &[
            "version",
            "operatingsystemversion",
            "betriebssystemversion",
            "versiondesbetriebssystems",
        ],
    ),
    (
        "status",
        &["state", "devicestatus", "zustand", "geraetestatus"],
    ),
    (
        "last_seen_at",
        &[
            "lastseen",
            "lastcontact",
            "zuletztgesehen",
            "zuletztgesehenam",
            "letzterkontakt",
        ],
    ),
    (
        "is_ephemeral",
        &["ephemeral", "kurzlebig", "istkurzlebig", "temporaer"],
    ),
    (
        "is_loanable",
        &["loanable", "ausleihbar", "istausleihbar", "verleihbar"],
    ),
];

/// Other words for values, in lower case.
const WORDS: &[(&str, &str)] = &[
    ("wahr", "true"),
    ("yes", "true"),
    ("ja", "true"),
    ("1", "true"),
    ("falsch", "false"),
    ("no", "false"),
    ("nein", "false"),
    ("0", "false"),
    ("english", "en"),
    ("englisch", "en"),
    ("german", "de"),
    ("deutsch", "de"),
    ("mitglied", "member"),
    ("leitung", "manager"),
    ("mac os", "macos"),
    ("on hold", "on_hold"),
];

/// The value that a word means, whatever its case.
pub(crate) fn word(text: &str) -> String {
    let text = text.to_lowercase();
    let known = WORDS.iter().find(|(word, _)| *word == text);
    known.map_or(text, |(_, value)| (*value).to_owned())
}

/// The columns that the names in a file mean, unless two mean the same.
pub(super) fn resolve<'n>(
    names: impl IntoIterator<Item = &'n str>,
    columns: &[&'static str],
) -> Result<Vec<Option<&'static str>>, String> {
    let mut found: Vec<(&str, Option<&'static str>)> = Vec::new();
    for name in names {
        let column = column(name, columns);
        let first = found
            .iter()
            .find(|(_, known)| known.is_some() && *known == column);
        if let (Some((first, _)), Some(column)) = (first, column) {
            let (first, second) = (quoted(first), quoted(name));
            return Err(format!(
                "the columns {first} and {second} are both read as {column}; remove or rename one"
            ));
        }
        found.push((name, column));
    }
    Ok(found.into_iter().map(|(_, column)| column).collect())
}

/// The known column that a name in a file means.
pub(super) fn column(name: &str, columns: &[&'static str]) -> Option<&'static str> {
    let name = normalized(name);
    let is_alias = |column: &str| {
        let aliases = ALIASES.iter().filter(|(known, _)| *known == column);
        let mut aliases = aliases.flat_map(|(_, aliases)| *aliases);
        aliases.any(|alias| *alias == name)
    };
    columns
        .iter()
        .copied()
        .find(|column| normalized(column) == name || is_alias(column))
}

/// A name without its case, umlauts, blanks and punctuation.
fn normalized(name: &str) -> String {
    let name = text::name_key(name)
        .replace('ä', "ae")
        .replace('ö', "oe")
        .replace('ü', "ue");
    name.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// A name from a file in quotes, cut where it is very long.
pub(super) fn quoted(name: &str) -> String {
    const MAX_CHARS: usize = 60;
    let shown: String = text::trim(name).chars().take(MAX_CHARS).collect();
    format!("\"{}\"", printable(&shown.replace(['\n', '\t'], " ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &[&str] = &["email", "name", "role", "locale"];
    const DEVICE: &[&str] = &["hostname", "display_name", "os_type", "os_version"];

    #[test]
    fn columns_are_known_by_their_names_in_english_and_german() {
        for (name, expected) in [
            ("E-Mail", Some("email")),
            (" e mail ADRESSE *", Some("email")),
            ("\u{feff}EMail", Some("email")),
            ("Vollständiger Name", Some("name")),
            ("Vollsta\u{308}ndiger Name", Some("name")),
            ("Vollstaendiger-Name", Some("name")),
            ("Display Name", Some("name")),
            ("SPRACHE", Some("locale")),
            ("first_name", None),
            ("", None),
        ] {
            assert_eq!(column(name, USER), expected, "{name}");
        }
        for (name, expected) in [
            ("Gerätename", Some("hostname")),
            ("Computer Name", Some("hostname")),
            ("displayName", Some("display_name")),
            ("Anzeigename", Some("display_name")),
            ("Betriebssystem", Some("os_type")),
            ("OS-Version", Some("os_version")),
            ("Seriennummer", None),
        ] {
            assert_eq!(column(name, DEVICE), expected, "{name}");
        }
    }

    #[test]
    fn aliases_are_normalized_and_mean_one_column() {
        for columns in [USER, DEVICE] {
            for (known, aliases) in ALIASES {
                for alias in aliases.iter().filter(|_| columns.contains(known)) {
                    assert_eq!(normalized(alias), **alias);
                    assert_eq!(column(alias, columns), Some(*known), "{alias}");
                }
            }
        }
    }

    #[test]
    fn a_column_that_is_there_twice_is_refused() {
        assert_eq!(
            resolve(["E-Mail", "x", "x", "mail"], USER).unwrap_err(),
            "the columns \"E-Mail\" and \"mail\" are both read as email; remove or rename one"
        );
        assert_eq!(
            resolve(["Name", "x", "x"], USER),
            Ok(vec![Some("name"), None, None])
        );
    }
}
