//! The customer portal as one program: settings, telemetry, backends, and serving. Only wiring.

mod args;
mod gauges;
mod logging;
mod serve;
mod wiring;

use std::process::ExitCode;

use args::Arguments;
use clap::Parser as _;
use portal_settings::Loaded;

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {}", sentence(&error)));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let Arguments {
        demo,
        check_config,
        settings,
    } = arguments;
    let Loaded { settings, unknown } = settings.load()?;
    anyhow::ensure!(
        !(demo && settings.general.mode.is_production()),
        "--demo is for development; PORTAL_ENV is production"
    );
    logging::init(&settings.log)?;
    for variable in &unknown {
        tracing::warn!(variable = variable.name, "{variable}");
    }
    if check_config {
        say("the settings are good");
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(serve::serve(settings, demo))
}

/// An error with all its causes, as one sentence.
fn sentence(error: &anyhow::Error) -> String {
    error
        .chain()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

/// Tells the person at the terminal, beside the log.
#[expect(clippy::print_stderr, reason = "for the person who starts the program")]
fn say(text: &str) {
    eprintln!("{text}");
}
