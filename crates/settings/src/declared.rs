//! Reads declared settings from variables.
//!
//! Every setting is declared once, as a field of a clap struct. clap could read the environment by
//! itself, but it takes an empty variable for a value, quotes invalid values, and supports neither
//! secret files nor `.env` (safe Rust cannot change the environment of a process). So clap parses
//! twice. First the program's command line, in which [`SettingsArgs`](crate::SettingsArgs) has a flag
//! for any text in place of each setting. Then [`read`] makes a command line from all [`Variables`],
//! has clap parse it as declared, and turns clap's errors into our own.

use std::collections::BTreeSet;
use std::error::Error as _;
use std::ffi::OsStr;

use clap::builder::Resettable;
use clap::error::ContextKind;
use clap::{Arg, Args, Command};

use crate::error::{InvalidValue, SettingsError};
use crate::programs::ServerSettings;
use crate::variables::{Variables, file_variable};

/// Reads settings from variables and defaults, without checking the rules that span several.
pub(crate) fn read<S: Args>(variables: &Variables) -> Result<S, SettingsError> {
    let mut line = Vec::new();
    for setting in command::<S>().get_arguments() {
        let name = name(setting);
        let value = if is_secret(setting) {
            variables.secret(name)?
        } else {
            let text = variables.text(name)?;
            text.and_then(|text| normalize(setting, text))
        };
        line.extend(value.map(|value| format!("--{name}={value}")));
    }
    let mut command = parser::<S>();
    let matches = command.try_get_matches_from_mut(line);
    matches
        .and_then(|matches| S::from_arg_matches(&matches))
        .map_err(|error| without_value(&command, &error))
}

/// The settings as declared, for inspection: without flags, clap takes them for positional.
pub(crate) fn command<S: Args>() -> Command {
    S::augment_args(Command::new("settings"))
}

/// The settings for parsing: each has a flag of its variable's name, and clap ignores the
/// environment of the process.
fn parser<S: Args>() -> Command {
    let with_flag = |setting: Arg| {
        let name = name(&setting).to_owned();
        setting.long(name).env(Resettable::Reset)
    };
    command::<S>().no_binary_name(true).mut_args(with_flag)
}

/// The variable of a setting.
pub(crate) fn name(setting: &Arg) -> &str {
    let variable = setting.get_env().and_then(OsStr::to_str);
    variable.unwrap_or(setting.get_id().as_str())
}

/// Whether a setting is secret and has no flag: other users of the machine can see flags.
pub(crate) fn is_secret(setting: &Arg) -> bool {
    setting.is_hide_env_values_set()
}

/// The variable of a flag of `portal-admin` that is no setting.
const OPERATOR: &str = "PORTAL_OPERATOR";

/// Every variable of the portal's programs and of `S`.
pub(crate) fn names<S: Args>() -> BTreeSet<String> {
    [command::<ServerSettings>(), command::<S>()]
        .iter()
        .flat_map(Command::get_arguments)
        .flat_map(|setting| {
            let name = name(setting);
            let file = is_secret(setting).then(|| file_variable(name));
            [Some(name.to_owned()), file].into_iter().flatten()
        })
        .chain([OPERATOR.to_owned()])
        .collect()
}

/// Trims a value, lower-cases a word of an enum, and drops empty entries of a list. A list without
/// entries is none.
fn normalize(setting: &Arg, text: &str) -> Option<String> {
    if let Some(comma) = setting.get_value_delimiter() {
        let entries = text.split(comma).map(str::trim);
        let entries: Vec<&str> = entries.filter(|entry| !entry.is_empty()).collect();
        (!entries.is_empty()).then(|| entries.join(&comma.to_string()))
    } else if setting.get_possible_values().is_empty() {
        Some(text.trim().to_owned())
    } else {
        Some(text.trim().to_ascii_lowercase())
    }
}

/// clap's error as one that does not quote the value.
fn without_value(command: &Command, error: &clap::Error) -> SettingsError {
    let place = error.get(ContextKind::InvalidArg).map(ToString::to_string);
    let mut settings = command.get_arguments();
    let setting = settings.find(|setting| place.as_ref() == Some(&setting.to_string()));
    let name = setting.and_then(Arg::get_long).unwrap_or("a setting");
    let ours = error.source().and_then(|source| source.downcast_ref());
    let reason = match (ours, error.get(ContextKind::ValidValue)) {
        (Some(reason), _) => InvalidValue::clone(reason),
        (None, Some(words)) => InvalidValue::new(format!("must be one of {words}")),
        // Another parser's message might quote it.
        (None, None) => InvalidValue::new("cannot be used as it is"),
    };
    let name = name.to_owned();
    SettingsError::Invalid { name, reason }
}

#[cfg(test)]
mod tests {
    use clap::parser::ValueSource;

    use super::*;
    use crate::SettingsArgs;
    use crate::programs::AdminSettings;

    /// The default of a setting in development, and in production where it is another.
    fn defaults(setting: &Arg) -> [Option<String>; 2] {
        let id = setting.get_id().as_str();
        let default = |line: Option<&str>| {
            let mut command = parser::<ServerSettings>();
            let matches = command.try_get_matches_from_mut(line).unwrap();
            let is_default = matches.value_source(id) == Some(ValueSource::DefaultValue);
            let mut texts = matches.get_raw(id).filter(|_| is_default)?;
            Some(texts.next()?.to_str()?.to_owned())
        };
        let development = default(None);
        let production = default(Some("--PORTAL_ENV=production"));
        let other = production.filter(|production| development.as_ref() != Some(production));
        [development, other]
    }

    /// The rows of the table of settings in a README: names, default, meaning.
    fn rows(readme: &str) -> Vec<[&str; 3]> {
        let (_, section) = readme.split_once("\n## Settings\n").unwrap();
        let section = section.split("\n## ").next().unwrap();
        let lines = section.lines().filter(|line| line.starts_with("| `"));
        let cells = lines.map(|line| line.trim_matches('|').split(" | ").map(str::trim));
        cells
            .map(|cells| cells.collect::<Vec<_>>().try_into().unwrap())
            .collect()
    }

    /// The texts between backticks.
    fn code(cell: &str) -> impl Iterator<Item = &str> {
        cell.split('`').skip(1).step_by(2)
    }

    #[test]
    fn the_readme_has_every_setting_with_its_default() {
        let rows = rows(include_str!("../README.md"));
        let declared = command::<ServerSettings>();
        for setting in declared.get_arguments() {
            let name = name(setting);
            let first = if is_secret(setting) {
                format!("`{name}` †")
            } else {
                format!("`{name}`")
            };
            let row = rows.iter().find(|row| row[0] == first);
            let [_, default, _] = row.unwrap_or_else(|| panic!("no row {first}"));
            let [always, production] = defaults(setting);
            match always {
                Some(always) => assert!(default.starts_with(&format!("`{always}`")), "{name}"),
                None => assert!(!default.starts_with('`'), "{name}"),
            }
            match production {
                Some(other) => {
                    assert!(
                        default.ends_with(&format!("`{other}` in production")),
                        "{name}"
                    );
                }
                None => assert!(!default.contains("in production"), "{name}"),
            }
        }
        assert_eq!(rows.len(), declared.get_arguments().count());
    }

    #[test]
    fn the_workspace_readme_names_existing_settings_with_their_defaults() {
        let declared = command::<ServerSettings>();
        for [names, default, _] in rows(include_str!("../../../README.md")) {
            let names: Vec<&str> = code(names).collect();
            for known in &names {
                let setting = declared
                    .get_arguments()
                    .find(|setting| name(setting) == *known);
                let setting = setting.unwrap_or_else(|| panic!("there is no {known}"));
                if names.len() == 1 {
                    let said: Vec<String> = code(default).map(str::to_owned).collect();
                    let expected: Vec<String> = defaults(setting).into_iter().flatten().collect();
                    assert_eq!(said, expected, "{known}");
                }
            }
        }
    }

    #[test]
    fn the_help_has_the_defaults_of_development_and_production() {
        let help = SettingsArgs::<ServerSettings>::augment_args(Command::new("portal"));
        let help = help.clone().render_help().to_string();
        for setting in command::<ServerSettings>().get_arguments() {
            let [always, production] = defaults(setting);
            let text = setting.get_help().unwrap().to_string();
            let said = text
                .split("; ")
                .find_map(|part| part.strip_suffix(" in production"));
            assert_eq!(said, production.as_deref(), "{text}");
            assert!(help.contains(&text.replace('`', "")), "{text}");
            if let Some(always) = always {
                assert!(
                    help.contains(&format!(" [default: {always}]\n")),
                    "{always}"
                );
            }
        }
    }

    #[test]
    fn errors_of_another_parser_do_not_quote_the_value() {
        #[derive(Debug, Args)]
        struct Careless {
            #[arg(env = "CARELESS")]
            _count: u16,
        }
        let variables = [("CARELESS", "hunter2")].into_iter().collect();
        let error = read::<Careless>(&variables).unwrap_err();
        assert_eq!(error.to_string(), "CARELESS cannot be used as it is.");
    }

    #[test]
    fn each_program_knows_the_variables_of_the_other() {
        assert_eq!(names::<AdminSettings>(), names::<ServerSettings>());
        for name in ["PORTAL_BIND", "SMTP_URL", "SMTP_URL_FILE"] {
            assert!(names::<AdminSettings>().contains(name), "{name}");
        }
        assert!(!names::<AdminSettings>().contains("PORTAL_BIND_FILE"));
    }
}
