//! The mode `serve`: runs on threads that live until the process exits.

use std::io::{BufRead, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier};
use std::thread::Builder;
use std::time::Instant;

use crate::PeerError;

/// What one thread does in a run.
struct Job {
    calls: usize,
    start: Arc<Barrier>,
    done: Sender<Result<Measurements, PeerError>>,
}

/// The measurements of one thread.
struct Measurements {
    started: Instant,
    ended: Instant,
    latencies: Vec<u64>,
}

/// Runs the commands on stdin.
pub(crate) fn serve<Call>(call: &Call) -> Result<(), PeerError>
where
    Call: FnMut() -> Result<(), PeerError> + Clone + Send + 'static,
{
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "ready")?;
    stdout.flush()?;
    let mut workers: Vec<Sender<Job>> = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let ["run", threads, calls] = words[..] else {
            return Err(format!("expected `run THREADS CALLS`, but got: {line}").into());
        };
        let threads: usize = threads.parse()?;
        while workers.len() < threads {
            let (sender, jobs) = channel();
            let call = call.clone();
            Builder::new().spawn(move || run_jobs(&jobs, call))?;
            workers.push(sender);
        }
        writeln!(stdout, "{}", run(&workers[..threads], calls.parse()?)?)?;
        stdout.flush()?;
    }
    Ok(())
}

fn run(workers: &[Sender<Job>], calls: usize) -> Result<String, PeerError> {
    let start = Arc::new(Barrier::new(workers.len()));
    let (done, results) = channel();
    for worker in workers {
        worker.send(Job {
            calls,
            start: Arc::clone(&start),
            done: done.clone(),
        })?;
    }
    drop(done);
    let done = results
        .iter()
        .collect::<Result<Vec<Measurements>, PeerError>>()?;
    let first = done.iter().map(|one| one.started).min();
    let last = done.iter().map(|one| one.ended).max();
    let (Some(first), Some(last)) = (first, last) else {
        return Err("a run needs at least one thread".into());
    };
    let mut latencies: Vec<u64> = done.into_iter().flat_map(|one| one.latencies).collect();
    latencies.sort_unstable();
    let total = latencies.len();
    Ok(serde_json::json!({
        "calls": total,
        "wallNs": last.duration_since(first).as_nanos(),
        "p50Ns": latencies.get(total / 2),
        "p99Ns": latencies.get(total * 99 / 100),
    })
    .to_string())
}

fn run_jobs(jobs: &Receiver<Job>, mut call: impl FnMut() -> Result<(), PeerError>) {
    for job in jobs {
        let done = measure(&job, &mut call);
        if job.done.send(done).is_err() {
            return;
        }
    }
}

fn measure(
    job: &Job,
    call: &mut impl FnMut() -> Result<(), PeerError>,
) -> Result<Measurements, PeerError> {
    // Written to now, so that no page fault happens during the run.
    let mut latencies = vec![u64::MAX; job.calls];
    job.start.wait();
    let started = Instant::now();
    let mut before = started;
    for latency in &mut latencies {
        call()?;
        let after = Instant::now();
        *latency = after.duration_since(before).as_nanos() as u64;
        before = after;
    }
    Ok(Measurements {
        started,
        ended: before,
        latencies,
    })
}
