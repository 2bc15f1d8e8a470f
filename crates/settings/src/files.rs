//! Files that people attach to tickets.

use std::path::PathBuf;

use clap::{ArgAction, Args};
use secrecy::SecretString;

use crate::database::{DatabaseSettings, DatabaseUrl};
use crate::error::{InvalidValue, SettingsError};
use crate::general::DeploymentMode;
use crate::network::base_url;
use crate::parse::{boolean, number};

/// Where files are, and what is taken.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Files")]
pub struct FileSettings {
    /// A folder, or `s3://BUCKET/PREFIX` of any S3-compatible store
    #[arg(env = "PORTAL_FILES", value_name = "PLACE", value_parser = place)]
    #[arg(default_value = "data/files")]
    pub place: FilePlace,

    /// Whether all portals share that folder
    #[arg(env = "PORTAL_FILES_SHARED", value_name = "BOOL")]
    #[arg(default_value = "false", action = ArgAction::Set, value_parser = boolean)]
    pub shared: bool,

    /// Address of the S3-compatible store; else Amazon's
    #[arg(env = "PORTAL_S3_ENDPOINT", value_name = "URL", value_parser = endpoint)]
    pub s3_endpoint: Option<String>,

    /// Region of the bucket
    #[arg(
        env = "PORTAL_S3_REGION",
        value_name = "NAME",
        default_value = "us-east-1"
    )]
    pub s3_region: String,

    /// Access key of the store; else the role of the machine
    #[arg(env = "PORTAL_S3_ACCESS_KEY_ID", value_name = "ID")]
    pub s3_access_key_id: Option<String>,

    /// The secret of that key
    #[arg(env = "PORTAL_S3_SECRET_ACCESS_KEY", hide_env_values = true)]
    pub s3_secret_access_key: Option<SecretString>,

    /// Largest file, in megabytes
    #[arg(
        env = "PORTAL_FILE_MAX_MB",
        value_name = "MEGABYTES",
        default_value = "25"
    )]
    #[arg(value_parser = number::<u64>(1..=1000))]
    pub max_megabytes: u64,

    /// Room for all files of an organization, in megabytes
    #[arg(
        env = "PORTAL_FILES_QUOTA_MB",
        value_name = "MEGABYTES",
        default_value = "10000"
    )]
    #[arg(value_parser = number::<u64>(1..=100_000_000))]
    pub quota_megabytes: u64,

    /// Files that a user may upload in an hour
    #[arg(
        env = "PORTAL_FILES_PER_HOUR",
        value_name = "NUMBER",
        default_value = "100"
    )]
    #[arg(value_parser = number::<usize>(1..=10_000))]
    pub per_hour: usize,

    /// Scanner of files: `tcp://HOST:PORT` or `unix:/PATH` of clamd
    #[arg(env = "CLAMD_URL", value_name = "ADDRESS", value_parser = clamd)]
    pub clamd_url: Option<String>,
}

/// Where files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilePlace {
    /// In a folder.
    Folder(PathBuf),
    /// In a bucket of an S3-compatible store.
    Bucket {
        /// Its name.
        name: String,
        /// What all keys begin with; may be empty.
        prefix: String,
    },
}

impl FileSettings {
    /// Checks the rules that span several settings. Several portals need one store; those on SQLite
    /// are alone.
    pub fn check(
        &self,
        mode: DeploymentMode,
        database: &DatabaseSettings,
    ) -> Result<(), SettingsError> {
        if self.s3_access_key_id.is_some() != self.s3_secret_access_key.is_some() {
            return Err(SettingsError::invalid(
                "PORTAL_S3_SECRET_ACCESS_KEY",
                "must be set together with PORTAL_S3_ACCESS_KEY_ID",
            ));
        }
        let is_alone = self.shared || matches!(database.url, DatabaseUrl::Sqlite(_));
        if matches!(self.place, FilePlace::Folder(_)) && mode.is_production() && !is_alone {
            return Err(SettingsError::invalid(
                "PORTAL_FILES",
                "must be an s3:// address in production, or a folder that all portals share, with \
                 PORTAL_FILES_SHARED=true",
            ));
        }
        Ok(())
    }
}

/// Why the place for files could not be opened.
#[cfg(feature = "files")]
#[derive(Debug, thiserror::Error)]
pub enum OpenDepotError {
    /// The store could not be opened.
    #[error("PORTAL_FILES")]
    Store(#[source] portal_files::OpenFilesError),
    /// The scanner's address is not valid.
    #[error("CLAMD_URL")]
    Scanner(#[source] portal_files::InvalidClamdAddress),
}

#[cfg(feature = "files")]
impl FileSettings {
    /// Opens the place for files. A folder is created; a bucket is not connected yet.
    ///
    /// # Errors
    ///
    /// [`OpenDepotError`].
    pub fn open(&self) -> Result<portal_domain::files::FileDepot, OpenDepotError> {
        use std::sync::Arc;

        use portal_domain::files::{FileDepot, FileLimits, FileScanner, FileStore};
        use portal_files::{Clamd, ObjectFiles, S3Config};

        let store = match &self.place {
            FilePlace::Folder(folder) => ObjectFiles::in_folder(folder),
            FilePlace::Bucket { name, prefix } => {
                let key = self.s3_access_key_id.clone();
                ObjectFiles::in_bucket(&S3Config {
                    bucket: name.clone(),
                    prefix: prefix.clone(),
                    endpoint: self.s3_endpoint.clone(),
                    region: self.s3_region.clone(),
                    credentials: key.zip(self.s3_secret_access_key.clone()),
                })
            }
        };
        let store: Arc<dyn FileStore> = Arc::new(store.map_err(OpenDepotError::Store)?);
        let clamd = self.clamd_url.as_deref().map(str::parse::<Clamd>);
        let clamd = clamd.transpose().map_err(OpenDepotError::Scanner)?;
        Ok(FileDepot {
            store,
            scanner: clamd.map(|clamd| Arc::new(clamd) as Arc<dyn FileScanner>),
            limits: FileLimits {
                max_bytes: self.max_megabytes * 1_000_000,
                quota_bytes: self.quota_megabytes * 1_000_000,
                per_hour: self.per_hour,
            },
        })
    }
}

fn place(text: &str) -> Result<FilePlace, InvalidValue> {
    let invalid = InvalidValue::new("must be a folder, or s3://bucket or s3://bucket/prefix");
    let Some(bucket) = text.strip_prefix("s3://") else {
        return if text.contains("://") {
            Err(invalid)
        } else {
            Ok(FilePlace::Folder(text.into()))
        };
    };
    let (name, prefix) = bucket.split_once('/').unwrap_or((bucket, ""));
    let prefix = prefix.trim_end_matches('/');
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let is_name = name.len() >= 3 && name.chars().all(allowed);
    let is_prefix = prefix.is_empty()
        || prefix
            .split('/')
            .all(|part| !matches!(part, "" | "." | "..") && part.chars().all(allowed));
    if !is_name || !is_prefix {
        return Err(invalid);
    }
    Ok(FilePlace::Bucket {
        name: name.to_owned(),
        prefix: prefix.to_owned(),
    })
}

fn endpoint(text: &str) -> Result<String, InvalidValue> {
    base_url(text).map(|_| text.trim_end_matches('/').to_owned())
}

/// Checks the address as the library does that parses it later.
fn clamd(text: &str) -> Result<String, InvalidValue> {
    let is_path = |path: &str| path.strip_prefix("//").unwrap_or(path).starts_with('/');
    let is_host = |host: &str| {
        let parts = host.trim_end_matches('/').rsplit_once(':');
        parts.is_some_and(|(name, port)| !name.is_empty() && port.parse::<u16>().is_ok())
    };
    if text.strip_prefix("tcp://").is_some_and(is_host)
        || text.strip_prefix("unix:").is_some_and(is_path)
    {
        return Ok(text.to_owned());
    }
    Err(InvalidValue::new("must be tcp://host:port or unix:/path"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declared::read;

    #[derive(Debug, Args)]
    struct Parts {
        #[command(flatten)]
        database: DatabaseSettings,
        #[command(flatten)]
        files: FileSettings,
    }

    fn resolve(mode: DeploymentMode, variables: &[(&str, &str)]) -> Result<FileSettings, String> {
        let variables = variables.iter().copied().collect();
        read(&variables)
            .and_then(|Parts { database, files }| files.check(mode, &database).map(|()| files))
            .map_err(|error| error.to_string())
    }

    const POSTGRES: (&str, &str) = ("DATABASE_URL", "postgres://portal_app@db/portal");

    #[test]
    fn by_default_files_are_in_a_folder() {
        let files = resolve(DeploymentMode::Development, &[]).unwrap();
        assert_eq!(files.place, FilePlace::Folder("data/files".into()));
        let limits = (files.max_megabytes, files.quota_megabytes, files.per_hour);
        assert_eq!(limits, (25, 10_000, 100));
        assert_eq!(files.clamd_url, None);
    }

    #[test]
    fn several_portals_in_production_need_one_store() {
        let refused = resolve(DeploymentMode::Production, &[POSTGRES]).unwrap_err();
        assert!(
            refused.starts_with("PORTAL_FILES must be an s3:// address"),
            "{refused}"
        );
        for cure in [
            ("PORTAL_FILES_SHARED", "true"),
            ("PORTAL_FILES", "s3://files"),
            ("DATABASE_URL", "sqlite://data/portal.db"),
        ] {
            let variables = if cure.0 == "DATABASE_URL" {
                vec![cure]
            } else {
                vec![POSTGRES, cure]
            };
            let accepted = resolve(DeploymentMode::Production, &variables);
            assert!(accepted.is_ok(), "{cure:?}");
        }
    }

    #[test]
    fn a_bucket_may_have_a_prefix() {
        for (text, name, prefix) in [
            ("s3://files", "files", ""),
            ("s3://my.files-1/portal/a/", "my.files-1", "portal/a"),
        ] {
            let bucket = FilePlace::Bucket {
                name: name.to_owned(),
                prefix: prefix.to_owned(),
            };
            assert_eq!(place(text), Ok(bucket), "{text}");
        }
        for text in [
            "s3://",
            "s3:///a",
            "s3://a b",
            "s3://files/../x",
            "gs://files",
            "s3://files//a",
        ] {
            assert!(place(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_and_its_secret_come_together_and_are_not_printed() {
        let id = ("PORTAL_S3_ACCESS_KEY_ID", "AKIA");
        let secret = ("PORTAL_S3_SECRET_ACCESS_KEY", "hunter2");
        for one in [id, secret] {
            let error = resolve(DeploymentMode::Development, &[one]).unwrap_err();
            assert!(error.starts_with("PORTAL_S3_SECRET_ACCESS_KEY must be set together"));
            assert!(!error.contains("hunter2"), "{error}");
        }
        let both = resolve(DeploymentMode::Development, &[id, secret]).unwrap();
        assert!(!format!("{both:?}").contains("hunter2"));
    }

    #[test]
    fn clamd_listens_on_a_port_or_a_socket() {
        for text in [
            "tcp://clamav:3310",
            "unix:/run/clamav/clamd.ctl",
            "unix:///run/clamav/clamd.ctl",
        ] {
            assert!(clamd(text).is_ok(), "{text}");
        }
        for text in [
            "clamav:3310",
            "tcp://clamav",
            "unix:clamd",
            "unix://run/clamd.ctl",
            "unix:",
            "unix://",
            "http://clamav:1",
        ] {
            assert!(clamd(text).is_err(), "{text}");
        }
    }
}
