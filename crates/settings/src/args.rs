//! The flags of the settings, and loading settings in a process.

use std::marker::PhantomData;
use std::mem;
use std::path::Path;

use clap::builder::{PossibleValue, Str};
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

use crate::declared::{self, read};
use crate::error::SettingsError;
use crate::general::GeneralSettings;
use crate::programs::Settings;
use crate::unknown::{self, UnknownVariable};
use crate::variables::Variables;

const SECRETS_HEADING: &str = "\
Settings are environment variables as well; in development, .env is read, too.
Secrets have no flag. <NAME>_FILE may name a file with the secret instead:\n";

/// The flags of the settings `S`, to be flattened into a program's own arguments.
///
/// They accept any text; [`load`](Self::load) merges it with the environment and checks it.
#[derive(Debug, Clone)]
pub struct SettingsArgs<S> {
    given: Variables,
    settings: PhantomData<S>,
}

/// The settings, and unknown variables that look like settings.
#[derive(Debug, Clone)]
pub struct Loaded<S> {
    /// The settings, checked.
    pub settings: S,
    /// Unknown variables that begin like a setting; the program should warn of them.
    pub unknown: Vec<UnknownVariable>,
}

impl<S: Settings> SettingsArgs<S> {
    /// Merges the flags with the environment of this process and, in development, with the file
    /// `.env` of the working directory.
    ///
    /// # Errors
    ///
    /// The first problem, as a sentence to print.
    pub fn load(self) -> Result<Loaded<S>, SettingsError> {
        self.load_from(Variables::of_process(), Path::new(".env"))
    }

    fn load_from(self, process: Variables, dotenv: &Path) -> Result<Loaded<S>, SettingsError> {
        let mut variables = self.given.or(process);
        if !in_production(&variables)? {
            variables = variables.or(Variables::of_dotenv(dotenv)?);
            if in_production(&variables)? {
                return Err(SettingsError::ProductionInDotenv);
            }
        }
        Ok(Loaded {
            settings: S::from_variables(&variables)?,
            unknown: unknown::among(variables.names(), &declared::names::<S>()),
        })
    }
}

fn in_production(variables: &Variables) -> Result<bool, SettingsError> {
    read(variables).map(|general: GeneralSettings| general.mode.is_production())
}

impl<S: Settings> Args for SettingsArgs<S> {
    fn augment_args(mut command: Command) -> Command {
        let mut secrets = SECRETS_HEADING.to_owned();
        for setting in declared::command::<S>().get_arguments() {
            let name = declared::name(setting);
            // The field's documentation, which is Markdown.
            let help = setting.get_help().map(ToString::to_string);
            let help = help.unwrap_or_default().replace('`', "");
            let default = match setting.get_default_values() {
                [default] => format!(" [default: {}]", default.to_string_lossy()),
                _ => String::new(),
            };
            if declared::is_secret(setting) {
                secrets += &["\n      ", name, &default, "\n          ", &help].concat();
                continue;
            }
            let flag = Arg::new(name.to_owned())
                .long(name.to_lowercase().replace('_', "-"))
                .value_name(value_name(setting))
                .help(format!("{help}\n[env: {name}]{default}"))
                .help_heading(setting.get_help_heading().unwrap_or("Settings").to_owned())
                .next_line_help(true);
            command = command.arg(flag);
        }
        command.after_help(secrets)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// A flag's placeholder in the help; for an enum its words.
fn value_name(setting: &Arg) -> String {
    let words = setting.get_possible_values();
    if words.is_empty() {
        let names = setting.get_value_names().unwrap_or_default();
        names.iter().map(Str::as_str).collect()
    } else {
        let words: Vec<&str> = words.iter().map(PossibleValue::get_name).collect();
        words.join("|")
    }
}

impl<S: Settings> FromArgMatches for SettingsArgs<S> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let declared = declared::command::<S>();
        let given = declared.get_arguments().filter_map(|setting| {
            let name = declared::name(setting);
            // Secrets have no flag.
            let text = matches.try_get_one::<String>(name).ok()??;
            Some((name, text))
        });
        Ok(Self {
            given: given.collect(),
            settings: PhantomData,
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        let given = Self::from_arg_matches(matches)?.given;
        self.given = given.or(mem::take(&mut self.given));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use clap::{CommandFactory, Parser};

    use super::*;
    use crate::{AdminSettings, LogFormat, ServerSettings, StateBackend};

    #[derive(Debug, Parser)]
    struct Program<S: Settings> {
        #[command(flatten)]
        settings: SettingsArgs<S>,
        /// A flag of the program's own
        #[arg(long)]
        demo: bool,
    }

    type Server = Program<ServerSettings>;

    fn server() -> SettingsArgs<ServerSettings> {
        Server::parse_from(["portal"]).settings
    }

    #[test]
    fn flags_are_the_variables_in_kebab_case_and_win() {
        let program = Server::try_parse_from([
            "portal",
            "--demo",
            "--portal-bind",
            "127.0.0.1:9000",
            "--redis-cluster=true",
            "--trusted-proxy-cidrs",
            "10.0.0.0/8",
        ])
        .unwrap();
        assert!(program.demo);
        let variables = Variables::from_iter([
            ("PORTAL_BIND", "127.0.0.1:7000"),
            ("PORTAL_LOG", "debug"),
            ("PORTAL_STATE_BACKEND", "redis"),
        ]);
        let settings =
            ServerSettings::from_variables(&program.settings.given.or(variables)).unwrap();
        assert_eq!(settings.http.bind, "127.0.0.1:9000".parse().unwrap());
        let proxies = settings.http.trusted_proxies;
        assert_eq!(proxies, ["10.0.0.0/8".parse().unwrap()]);
        assert_eq!(settings.log.filter, "debug");
        assert_eq!(settings.state.backend, StateBackend::Redis);
        assert!(settings.state.redis_cluster);
    }

    #[test]
    fn every_flag_is_its_variable_in_kebab_case() {
        let command = Server::command();
        for flag in command
            .get_arguments()
            .filter(|flag| *flag.get_id() != "demo")
        {
            let name = flag.get_id().as_str();
            let help = flag.get_help().unwrap().to_string();
            assert!(help.contains(&format!("[env: {name}]")), "{help}");
            assert_eq!(
                flag.get_long(),
                Some(&*name.to_lowercase().replace('_', "-"))
            );
        }
    }

    #[test]
    fn an_invalid_flag_is_reported_by_its_variable() {
        for (flag, sentence) in [
            (
                "--portal-bind=hunter2",
                "PORTAL_BIND must be an IP address or a known host name with a port, such as \
                 127.0.0.1:8080.",
            ),
            (
                "--portal-log-format=hunter2",
                "PORTAL_LOG_FORMAT must be one of pretty, json.",
            ),
        ] {
            let program = Server::try_parse_from(["portal", flag]).unwrap();
            let error = ServerSettings::from_variables(&program.settings.given).unwrap_err();
            assert_eq!(error.to_string(), sentence);
        }
    }

    #[test]
    fn an_empty_flag_or_variable_is_unset() {
        let line = ["portal", "--portal-bind=", "--portal-log", " "];
        let program = Server::try_parse_from(line).unwrap();
        let variables = Variables::from_iter([
            ("PORTAL_LOG", "debug"),
            ("PORTAL_LOG_FORMAT", ""),
            ("REDIS_URL_FILE", " "),
        ]);
        let variables = program.settings.given.or(variables);
        let settings = ServerSettings::from_variables(&variables).unwrap();
        assert_eq!(settings.http.bind, "127.0.0.1:8080".parse().unwrap());
        assert_eq!(settings.log.filter, "debug");
        assert_eq!(settings.log.format, LogFormat::Pretty);
    }

    #[test]
    fn a_flag_overrides_an_invalid_variable() {
        let program =
            Server::try_parse_from(["portal", "--portal-bind", "127.0.0.1:9000"]).unwrap();
        let variables = Variables::from_iter([("PORTAL_BIND", "hunter2")]);
        let settings =
            ServerSettings::from_variables(&program.settings.given.or(variables)).unwrap();
        assert_eq!(settings.http.bind, "127.0.0.1:9000".parse().unwrap());
    }

    #[test]
    fn secrets_have_no_flag() {
        for flag in [
            "--database-url",
            "--redis-url",
            "--smtp-url",
            "--portal-secret-key",
            "--PORTAL_SECRET_KEY",
        ] {
            assert!(
                Server::try_parse_from(["portal", flag, "x"]).is_err(),
                "{flag}"
            );
        }
        assert!(Server::try_parse_from(["portal", "x"]).is_err());
    }

    #[test]
    fn help_has_variables_defaults_and_secrets_under_headings_of_their_own() {
        let help = Server::command().render_help().to_string();
        for part in [
            "HTTP:\n      --portal-bind <HOST:PORT>\n          Listen address; a host name is \
             resolved at the start\n          [env: PORTAL_BIND] [default: 127.0.0.1:8080]\n",
            "; 127.0.0.1:9090 in production\n          [env: PORTAL_OPS_BIND]\n",
            "--portal-cookie-same-site <lax|strict|none>\n",
            " [env: PORTAL_KEEP_ALIVE_SECONDS] [default: 150]\n",
            " [env: PORTAL_DRAIN_SECONDS] [default: 0]\n",
            " [env: TRUSTED_PROXY_CIDRS]\n",
            "\n      REDIS_URL [default: redis://127.0.0.1:6379]\n          Address of Redis",
        ] {
            assert!(help.contains(part), "{part}{help}");
        }
        for name in [
            "DATABASE_URL",
            "DATABASE_SYSTEM_URL",
            "DATABASE_OWNER_URL",
            "REDIS_URL",
            "PORTAL_SECRET_KEY",
            "SMTP_URL",
        ] {
            assert!(help.contains(&format!("\n      {name}")), "{name}");
        }
        let (before, _) = help.split_once("General:").unwrap();
        assert!(before.contains("--demo"), "{help}");
        // clap does not wrap it.
        for line in help.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }

    #[test]
    fn help_lists_only_the_programs_own_settings() {
        let help = Program::<AdminSettings>::command()
            .render_help()
            .to_string();
        for name in [
            "PORTAL_ENV",
            "DATABASE_OWNER_URL",
            "PORTAL_ARGON2_QUEUE",
            "PORTAL_LOG",
        ] {
            assert!(help.contains(name), "{name}");
        }
        for name in ["PORTAL_BIND", "REDIS_URL", "SMTP_URL", "PORTAL_SECRET_KEY"] {
            assert!(!help.contains(name), "{name}");
        }
    }

    #[test]
    fn development_reads_dotenv_and_production_does_not() {
        let directory = tempfile::tempdir().unwrap();
        let dotenv = directory.path().join(".env");
        fs::write(&dotenv, "PORTAL_LOG=trace\nPORTAL_LOG_FORMAT=json\n").unwrap();

        let process = Variables::from_iter([("PORTAL_LOG", "warn")]);
        let log = server().load_from(process, &dotenv).unwrap().settings.log;
        assert_eq!((log.filter.as_str(), log.format), ("warn", LogFormat::Json));

        let process = Variables::from_iter([
            ("PORTAL_ENV", "production"),
            ("PORTAL_PUBLIC_URL", "https://portal.example.com"),
            ("DATABASE_URL", "postgres://portal_app@db/portal"),
            ("PORTAL_SECRET_KEY", "0123456789abcdef0123456789abcdef"),
            ("SMTP_URL", "smtp://mail.example.com"),
            ("MAIL_FROM", "portal@example.com"),
            ("PORTAL_FILES", "s3://files"),
        ]);
        let log = server().load_from(process, &dotenv).unwrap().settings.log;
        assert_eq!(log.filter, "info");
    }

    #[test]
    fn production_mode_in_dotenv_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let dotenv = directory.path().join(".env");
        fs::write(&dotenv, "PORTAL_ENV=production\n").unwrap();
        let error = server()
            .load_from(Variables::default(), &dotenv)
            .unwrap_err();
        assert!(
            matches!(error, SettingsError::ProductionInDotenv),
            "{error:?}"
        );
        let process = Variables::from_iter([("PORTAL_ENV", "development")]);
        assert!(server().load_from(process, &dotenv).is_ok());
    }

    #[test]
    fn unknown_variables_are_found_in_the_environment_and_in_dotenv() {
        let directory = tempfile::tempdir().unwrap();
        let dotenv = directory.path().join(".env");
        fs::write(&dotenv, "PORTAL_LGO=hunter2\nPORTAL_BIND=127.0.0.1:1\n").unwrap();
        let process = || {
            Variables::from_iter([
                ("DATABASE_PORT", "tcp://10.0.0.1:5432"),
                ("PORTAL_BNID", "hunter2"),
                ("PORTAL_UNSET", " "),
            ])
        };
        let said = |process, dotenv: &Path| -> Vec<String> {
            let unknown = server().load_from(process, dotenv).unwrap().unknown;
            unknown.iter().map(ToString::to_string).collect()
        };
        assert_eq!(
            said(process(), &dotenv),
            [
                "PORTAL_BNID is not a setting; did you mean PORTAL_BIND?",
                "PORTAL_LGO is not a setting; did you mean PORTAL_LOG?",
            ]
        );
        assert_eq!(
            said(Variables::default(), Path::new("/nowhere/.env")),
            [""; 0]
        );
    }
}
