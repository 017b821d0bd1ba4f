//! Parts of a call for the fuzz targets.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::Client;
use crate::call::{ApiResponse, Engine};
use crate::config::Config;
use crate::error::Error;
use crate::json::Object;
use crate::net::{CallContext, Progress, SimulatedWaiter, Simulation, Traffic, Waiter};
use crate::operations::Operation;

impl Client {
    /// Validates a configuration without the environment and without reading files.
    pub(crate) fn validate_config(config: Config<'_>) -> Result<(), Error> {
        Engine::validate_settings(&config.resolve_without_env()?)
    }

    /// Validates the session in a response without fetching keys.
    pub(crate) fn complete_session_offline(
        &self,
        request: &Object<'_>,
        response: ApiResponse,
    ) -> Result<String, Error> {
        self.block_on("session", None, async |context| {
            self.engine
                .complete_session_offline(request, response, context)
                .await
        })
    }
}

/// A call that the network of [`Simulation`] served.
pub struct SimulatedCall {
    /// The login ID in its request.
    pub login_id: String,
    /// Its result. The error is [`Error::Cancelled`] if the call was cancelled.
    pub result: Result<String, Error>,
    /// What the network has seen of it.
    pub traffic: Traffic,
    /// Whether it went on after its deadline.
    pub is_overdue: bool,
}

/// What a simulation has left behind.
pub struct SimulationEnd {
    /// All calls, in the order of their start. The last one was made when the network worked.
    pub calls: Vec<SimulatedCall>,
    /// The open connections after the last call.
    pub idle_connections: usize,
    /// The open connections after the end of the client.
    pub leaked_connections: usize,
}

/// A call in progress.
struct RunningCall {
    login_id: String,
    deadline: Instant,
    progress: Arc<Progress>,
    future: Pin<Box<dyn Future<Output = Result<String, Error>>>>,
}

/// Calls of one client, and the simulation that runs them.
struct Simulator {
    client: Arc<Client>,
    simulation: Arc<Simulation>,
    timeout: Duration,
    running: Vec<Option<RunningCall>>,
    ended: Vec<Option<SimulatedCall>>,
}

/// The steps by which the clock advances.
const TIME_STEPS: [u64; 8] = [1, 10, 49, 100, 250, 1000, 2500, 20_000];

/// How long a round takes after the last decision.
const ROUND: Duration = Duration::from_millis(200);

const MAX_CALLS: usize = 8;

impl Client {
    /// Makes calls on a simulated network, which `input` decides. Each call has the timeout `timeout`.
    pub(crate) fn simulate(self, input: &[u8], key_set: &str, timeout: Duration) -> SimulationEnd {
        let (choice, input) = input.split_first().unwrap_or((&0, &[]));
        let simulation = Simulation::new(input, choice % 2 == 0, key_set);
        let mut simulator = Simulator {
            client: Arc::new(self),
            simulation,
            timeout,
            running: Vec::new(),
            ended: Vec::new(),
        };
        simulator.start(*choice);
        simulator.start(choice / 8);
        simulator.run_decisions();
        simulator.finish_all();
        simulator.simulation.mend();
        simulator.start(0);
        simulator.finish_all();
        let Simulator {
            client,
            simulation,
            ended,
            ..
        } = simulator;
        let idle_connections = simulation.open_connections();
        drop(client);
        SimulationEnd {
            calls: ended.into_iter().flatten().collect(),
            idle_connections,
            leaked_connections: simulation.open_connections(),
        }
    }
}

impl Simulator {
    /// Starts a call.
    fn start(&mut self, choice: u8) {
        let number = self.running.len();
        let login_id = format!("+1415555{number:04}");
        let verify = choice % 4 == 3;
        let (operation, request) = if verify {
            ("magiclink/verify", format!(r#"{{"token":"{login_id}"}}"#))
        } else {
            (
                "magiclink/signin/sms",
                format!(r#"{{"loginId":"{login_id}"}}"#),
            )
        };
        let progress = Arc::new(Progress::new(self.simulation.now(), None));
        let client = Arc::clone(&self.client);
        let waiter = Waiter::Simulated(SimulatedWaiter {
            simulation: Arc::clone(&self.simulation),
            queue: u64::from(choice / 4 % 2),
        });
        let shared_progress = Arc::clone(&progress);
        let future = Box::pin(async move {
            let context = CallContext::new(&waiter, &shared_progress);
            let operation = Operation::by_name(operation)?;
            client.engine.call(operation, &request, context).await
        });
        self.running.push(Some(RunningCall {
            login_id,
            deadline: self.simulation.now() + self.timeout,
            progress,
            future,
        }));
        self.ended.push(None);
        // As in a queue: the deadline counts from now.
        self.poll(number);
    }

    /// Does what the input says, to its end.
    fn run_decisions(&mut self) {
        while let Some(decision) = self.simulation.decide() {
            let (action, choice) = (decision % 8, decision / 8);
            let call = usize::from(choice) % self.running.len();
            match action {
                0..=4 => self.poll(call),
                5 => self.advance(choice),
                6 => self.cancel(call),
                _ if self.running.len() < MAX_CALLS => self.start(choice),
                _ => {}
            }
        }
    }

    /// Continues all calls until the last one has ended.
    fn finish_all(&mut self) {
        while self.running.iter().any(Option::is_some) {
            (0..self.running.len()).for_each(|call| self.poll(call));
            self.simulation.advance(ROUND);
        }
    }

    fn advance(&self, choice: u8) {
        let step = TIME_STEPS[usize::from(choice) % TIME_STEPS.len()];
        self.simulation.advance(Duration::from_millis(step));
    }

    fn poll(&mut self, call: usize) {
        let Some(running) = &mut self.running[call] else {
            return;
        };
        self.simulation.run(call);
        let is_due = running.deadline <= self.simulation.now();
        match running
            .future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(result) => self.end(call, result, false),
            Poll::Pending if is_due => self.end(call, Err(Error::internal("timing out")), true),
            Poll::Pending => {}
        }
    }

    fn cancel(&mut self, call: usize) {
        if let Some(running) = &self.running[call] {
            let error = Error::cancelled(running.progress.outcome());
            self.simulation.run(call);
            self.end(call, Err(error), false);
        }
    }

    fn end(&mut self, call: usize, result: Result<String, Error>, is_overdue: bool) {
        if let Some(running) = self.running[call].take() {
            self.ended[call] = Some(SimulatedCall {
                login_id: running.login_id,
                result,
                traffic: self.simulation.traffic(call),
                is_overdue,
            });
        }
    }
}
