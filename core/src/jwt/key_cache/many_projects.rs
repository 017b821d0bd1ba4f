//! When keys are fetched by a client with several projects, some of which get forged tokens.

use super::simulation::{SharedAllowance, Simulation, most_in_a_minute};
use super::validation::Verdict;
use super::*;

const LATENCY: Duration = Duration::from_millis(200);
/// The time between two forged tokens of a project.
const STEP: Duration = Duration::from_millis(10);
const SECOND: Duration = Duration::from_secs(1);
/// How soon a genuine token is accepted, whatever forged ones arrive for another project.
const PROMPT: Duration = Duration::from_millis(2_500);

/// A client and its projects, each with the key `K0`, a while after they were fetched.
struct Client {
    projects: Vec<Simulation>,
    attacks: usize,
}

impl Client {
    fn new(projects: usize) -> Client {
        let client = Client::without_keys(projects);
        client.after_first_use()
    }

    fn without_keys(projects: usize) -> Client {
        let allowance = SharedAllowance::default();
        let start = Instant::now();
        let new = |project| {
            let mut simulation = Simulation::without_keys(LATENCY).of_client(&allowance, project);
            simulation.now = start;
            simulation.longest_advice = 70;
            simulation
        };
        Client {
            projects: (0..).take(projects).map(new).collect(),
            attacks: 0,
        }
    }

    fn after_first_use(mut self) -> Client {
        self.each(|project| project.validate("K0"));
        self.pass(LATENCY);
        self.each(|project| assert_eq!(project.verdict("K0"), Some(Verdict::Accepted)));
        self.pass(70 * SECOND);
        self
    }

    fn each(&mut self, act: impl FnMut(&mut Simulation)) {
        self.projects.iter_mut().for_each(act);
    }

    fn now(&self) -> Instant {
        self.projects[0].now
    }

    fn pass(&mut self, time: Duration) {
        self.each(|project| project.pass(time));
    }

    /// Lets some milliseconds pass, in which a forged token arrives for each of the first projects. Which one is
    /// the first to ask changes.
    fn attack(&mut self, attacked: usize) {
        self.attacks += 1;
        let forged = format!("F{}", self.attacks);
        let (attacked, _) = self.projects.split_at_mut(attacked);
        let first = self.attacks * 7 % attacked.len();
        let (before, after) = attacked.split_at_mut(first);
        for project in after.iter_mut().chain(before) {
            project.validate(&forged);
        }
        self.pass(STEP);
    }

    fn attack_for(&mut self, attacked: usize, time: Duration) {
        let end = self.now() + time;
        while self.now() < end {
            self.attack(attacked);
        }
    }

    /// Rotates the key of a project during an attack. Returns how long it takes until a token of the new key
    /// is accepted, if the user tries each tenth of a second.
    fn time_to_accept(&mut self, attacked: usize, project: usize, key_id: &str) -> Duration {
        self.projects[project].rotate(key_id);
        let rotated_at = self.now();
        loop {
            self.projects[project].validate(key_id);
            for _ in 0..10 {
                if self.projects[project].verdict(key_id) == Some(Verdict::Accepted) {
                    return self.now().duration_since(rotated_at);
                }
                self.attack(attacked);
            }
        }
    }

    /// The largest number of requests in a minute, for all projects together.
    fn requests_in_a_minute(&self) -> usize {
        let mut requests: Vec<Instant> = self
            .projects
            .iter()
            .flat_map(|one| one.requests.clone())
            .collect();
        requests.sort();
        most_in_a_minute(&requests)
    }
}

#[test]
fn forged_tokens_of_one_project_do_not_delay_the_keys_of_the_others() {
    let mut client = Client::new(6);
    let mut longest_of_attacked = Duration::ZERO;
    for round in 0..15 {
        let key_id = format!("K{}", round + 1);
        client.attack_for(1, 22 * SECOND);
        let other = 1 + round % 5;
        let took = client.time_to_accept(1, other, &key_id);
        assert!(took <= LATENCY + STEP, "{took:?} for {other}");
        longest_of_attacked = longest_of_attacked.max(client.time_to_accept(1, 0, &key_id));
    }
    assert!(longest_of_attacked <= PROMPT, "{longest_of_attacked:?}");
    assert!((35..=40).contains(&client.requests_in_a_minute()));
}

#[test]
fn attacked_projects_share_the_requests() {
    for attacked in [2, 3, 5] {
        let mut client = Client::new(attacked + 3);
        let limit = u32::try_from(attacked).unwrap() * PROMPT + LATENCY;
        for round in 1..=15 {
            client.attack_for(attacked, Duration::from_millis(7_530));
            let key_id = format!("K{round}");
            let took = client.time_to_accept(attacked, round % attacked, &key_id);
            assert!(took <= limit, "{took:?} of {attacked}");
            if round % 4 == 0 {
                let took = client.time_to_accept(attacked, attacked + round / 4 % 3, &key_id);
                assert!(took <= LATENCY + STEP, "{took:?} beside {attacked}");
            }
        }
        assert!((30..=40).contains(&client.requests_in_a_minute()));
    }
}

#[test]
fn nobody_can_use_up_all_requests_with_tokens_of_many_projects() {
    let mut client = Client::new(21);
    client.attack_for(19, 70 * SECOND);
    for project in [19, 20] {
        let took = client.time_to_accept(19, project, "K1");
        assert!(took <= LATENCY + STEP, "{took:?}");
    }
    let took = client.time_to_accept(19, 0, "K1");
    assert!(took <= 62 * SECOND + LATENCY, "{took:?}");
    assert_eq!(client.requests_in_a_minute(), 40);
}

#[test]
fn projects_that_are_used_for_the_first_time_get_their_keys_at_once_or_a_minute_later() {
    let mut client = Client::without_keys(60);
    let validate = |project: &mut Simulation| project.validate("K0");
    let accepted = |client: &Client| {
        let verdicts = client.projects.iter().map(|project| project.verdict("K0"));
        verdicts
            .filter(|verdict| *verdict == Some(Verdict::Accepted))
            .count()
    };
    client.each(validate);
    client.pass(LATENCY);
    assert_eq!(accepted(&client), 40);
    client.pass(62 * SECOND);
    client.each(validate);
    client.pass(LATENCY);
    assert_eq!(accepted(&client), 20);
    assert_eq!(client.requests_in_a_minute(), 40);
}

#[test]
fn failed_fetches_of_many_projects_send_few_requests() {
    let mut client = Client::without_keys(5);
    client.each(|project| project.answers_one_of = None);
    client.attack_for(5, 100 * SECOND);
    assert!((30..=40).contains(&client.requests_in_a_minute()));
    client.each(|project| project.answers_one_of = Some(1));
    let took = client.time_to_accept(5, 3, "K1");
    assert!(took <= 5 * PROMPT + LATENCY, "{took:?}");
}
