//! The program: flags in, one ready line on stdout, and then a local Descope until it is told to stop.

use std::io::{Read, Write};
use std::process::ExitCode;

use clap::Parser;
use descope_ml_emulator::{Emulator, Error, Options};
use tokio::sync::oneshot;

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
    // Whoever reads the ready line may have closed the other stream: that is no reason to stop.
    let _ = write!(std::io::stderr(), "{}", emulator.exports());
    runtime.block_on(stop.wait());
    Ok(())
}

/// What ends the program.
struct Stop {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    /// Ends with standard input; never, if that is not asked for.
    input: Option<oneshot::Receiver<()>>,
}

impl Stop {
    fn new(with_stdin: bool) -> Result<Stop, Error> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Stop {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            input: with_stdin.then(end_of_input).transpose()?,
        })
    }

    async fn wait(mut self) {
        let stdin = async {
            match self.input {
                // A reader that is gone has ended as well.
                Some(input) => drop(input.await),
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

/// Reads standard input to its end on a thread of its own. The runtime's own reader will not do: the
/// runtime waits for it when it ends, and so a signal would not stop a program whose input stays open.
fn end_of_input() -> std::io::Result<oneshot::Receiver<()>> {
    let (ended, input) = oneshot::channel();
    std::thread::Builder::new()
        .name("stdin".to_owned())
        .spawn(move || {
            let mut stdin = std::io::stdin().lock();
            let mut ignored = [0; 256];
            loop {
                match stdin.read(&mut ignored) {
                    Ok(read) if read > 0 => {}
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    // An error ends the input as well.
                    _ => break,
                }
            }
            // Nobody listens once a signal has come first.
            let _ = ended.send(());
        })?;
    Ok(input)
}
