//! The program: flags in, one ready line on stdout, and then a local Descope until it is told to stop.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use descope_ml_emulator::{Emulator, Error, Options};
use tokio::io::AsyncReadExt;

/// A local Descope to develop and test magic-link sign-ins against. Serves this machine only.
#[derive(Parser)]
#[command(name = "descope-ml-emulator", version)]
struct Flags {
    #[command(flatten)]
    options: Options,

    /// Stop when standard input ends, so as not to outlive the test that started it
    #[arg(long)]
    exit_with_stdin: bool,
}

fn main() -> ExitCode {
    match run(Flags::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nowhere is left to say that stderr is gone.
            let _ = writeln!(std::io::stderr(), "descope-ml-emulator: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(flags: Flags) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let stop = runtime.block_on(async { Stop::new(flags.exit_with_stdin) })?;
    let emulator = Emulator::start(flags.options)?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{}", emulator.ready_line())?;
    stdout.flush()?;
    write!(std::io::stderr(), "{}", emulator.exports())?;
    runtime.block_on(stop.wait());
    Ok(())
}

/// What ends the program.
struct Stop {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    with_stdin: bool,
}

impl Stop {
    fn new(with_stdin: bool) -> Result<Stop, Error> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Stop {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            with_stdin,
        })
    }

    async fn wait(mut self) {
        let stdin = async {
            if !self.with_stdin {
                std::future::pending::<()>().await;
            }
            let mut stdin = tokio::io::stdin();
            let mut ignored = [0; 256];
            // An error ends the input as well.
            while stdin.read(&mut ignored).await.unwrap_or(0) > 0 {}
        };
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            () = stdin => {}
        }
    }
}
