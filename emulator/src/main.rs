//! The program: parses flags, starts the emulator, prints the ready line, and waits for a reason to stop.

use std::io::{Read, Write};
use std::process::ExitCode;

use clap::Parser;
use descope_ml_emulator::{Emulator, Error, Options};
use tokio::sync::oneshot;

/// A local Descope for developing and testing magic-link sign-in. Listens on 127.0.0.1 and ::1 only, unless
/// --host says otherwise.
#[derive(Parser)]
#[command(name = "descope-ml-emulator", version)]
struct Flags {
    #[command(flatten)]
    options: Options,

    /// Exit when standard input is closed, for example when the test that started it ends
    #[arg(long)]
    exit_with_stdin: bool,
}

fn main() -> ExitCode {
    match run(Flags::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If stderr is closed, the error cannot be reported.
            let _ = writeln!(std::io::stderr(), "descope-ml-emulator: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(flags: Flags) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let stop = runtime.block_on(async { StopSignals::new(flags.exit_with_stdin) })?;
    let emulator = Emulator::start(flags.options)?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{}", emulator.ready_line())?;
    stdout.flush()?;
    // The parent process may have closed stderr. The emulator runs anyway.
    let _ = write!(std::io::stderr(), "{}", emulator.exports());
    runtime.block_on(stop.wait());
    Ok(())
}

/// The events that end the program.
struct StopSignals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    /// Completes when standard input is closed. `None` without `--exit-with-stdin`.
    stdin_closed: Option<oneshot::Receiver<()>>,
}

impl StopSignals {
    fn new(with_stdin: bool) -> Result<StopSignals, Error> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(StopSignals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            stdin_closed: with_stdin.then(watch_stdin).transpose()?,
        })
    }

    async fn wait(mut self) {
        let stdin = async {
            match self.stdin_closed {
                // An error means that the reading thread has ended.
                Some(closed) => drop(closed.await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            () = stdin => {}
        }
    }
}

/// Reads standard input to its end on a thread of its own. `tokio::io::stdin` does not work here: the
/// runtime waits for its read on shutdown, so a signal could not stop a program whose stdin stays open.
fn watch_stdin() -> std::io::Result<oneshot::Receiver<()>> {
    let (sender, closed) = oneshot::channel();
    std::thread::Builder::new()
        .name("stdin".to_owned())
        .spawn(move || {
            let mut stdin = std::io::stdin().lock();
            let mut ignored = [0; 256];
            loop {
                match stdin.read(&mut ignored) {
                    Ok(read) if read > 0 => {}
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    // An error counts as the end of the input.
                    _ => break,
                }
            }
            // This fails if a signal came first.
            let _ = sender.send(());
        })?;
    Ok(closed)
}
