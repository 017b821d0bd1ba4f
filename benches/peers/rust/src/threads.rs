//! Runs over threads that live until the process ends.

use std::io::{BufRead, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier};
use std::thread::Builder;
use std::time::Instant;

use crate::Failure;

/// One thread's part of a run.
struct Work {
    calls: usize,
    start: Arc<Barrier>,
    done: Sender<Result<Done, Failure>>,
}

/// What a thread has measured.
struct Done {
    started: Instant,
    ended: Instant,
    latencies: Vec<u64>,
}

/// Does what each line of stdin says.
pub(crate) fn serve<Call>(call: &Call) -> Result<(), Failure>
where
    Call: FnMut() -> Result<(), Failure> + Clone + Send + 'static,
{
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "ready")?;
    stdout.flush()?;
    let mut workers: Vec<Sender<Work>> = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let ["run", threads, calls] = words[..] else {
            return Err(format!("a line is not `run THREADS CALLS`: {line}").into());
        };
        let threads: usize = threads.parse()?;
        while workers.len() < threads {
            let (sender, work) = channel();
            let call = call.clone();
            Builder::new().spawn(move || obey(&work, call))?;
            workers.push(sender);
        }
        writeln!(stdout, "{}", run(&workers[..threads], calls.parse()?)?)?;
        stdout.flush()?;
    }
    Ok(())
}

fn run(workers: &[Sender<Work>], calls: usize) -> Result<String, Failure> {
    let start = Arc::new(Barrier::new(workers.len()));
    let (done, results) = channel();
    for worker in workers {
        worker.send(Work {
            calls,
            start: Arc::clone(&start),
            done: done.clone(),
        })?;
    }
    drop(done);
    let done = results.iter().collect::<Result<Vec<Done>, Failure>>()?;
    let first = done.iter().map(|one| one.started).min();
    let last = done.iter().map(|one| one.ended).max();
    let (Some(first), Some(last)) = (first, last) else {
        return Err("a run takes a thread".into());
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

fn obey(work: &Receiver<Work>, mut call: impl FnMut() -> Result<(), Failure>) {
    for work in work {
        let done = measure(&work, &mut call);
        if work.done.send(done).is_err() {
            return;
        }
    }
}

fn measure(work: &Work, call: &mut impl FnMut() -> Result<(), Failure>) -> Result<Done, Failure> {
    // Written to, so that no page is missing during the run.
    let mut latencies = vec![u64::MAX; work.calls];
    work.start.wait();
    let started = Instant::now();
    let mut before = started;
    for latency in &mut latencies {
        call()?;
        let after = Instant::now();
        *latency = after.duration_since(before).as_nanos() as u64;
        before = after;
    }
    Ok(Done {
        started,
        ended: before,
        latencies,
    })
}
