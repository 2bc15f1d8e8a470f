//! The customer portal's server: wiring of settings, telemetry, backends and HTTP.

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
            to_stderr(&format!("error: {error:#}"));
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
    if !check_config {
        tracing::info!(mode = ?settings.general.mode, "starting");
    }
    for variable in &unknown {
        tracing::warn!(variable = variable.name, "{variable}");
    }
    wiring::check_database(&settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    if check_config {
        // Pools belong to a runtime, even those that never connect.
        let _in_runtime = runtime.enter();
        wiring::try_out(&settings)?;
        to_stderr("the settings are valid");
        return Ok(());
    }
    runtime.block_on(serve::serve(settings, demo))
}

/// Prints a line to standard error, outside the log.
#[expect(clippy::print_stderr, reason = "for the person who starts the program")]
fn to_stderr(text: &str) {
    eprintln!("{text}");
}
