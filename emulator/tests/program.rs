//! The program: how it starts, what it prints, and how it ends.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use descope_ml_emulator::{Emulator, Options};
use serde_json::{Value, json};

/// A started program, its ready line, and the rest of its stdout.
struct Program {
    child: Child,
    ready: Value,
    stdout: BufReader<ChildStdout>,
}

/// Starts the program with these flags. Its stdin stays open.
fn start(flags: &[&str], stderr: Stdio) -> Program {
    let command = Command::new(env!("CARGO_BIN_EXE_descope-ml-emulator"));
    start_command(command, flags, stderr)
}

fn start_command(mut command: Command, flags: &[&str], stderr: Stdio) -> Program {
    let mut child = command
        .args(["--port", "0", "--exit-with-stdin"])
        .args(flags)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(stderr)
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    Program {
        child,
        ready: serde_json::from_str(&line).unwrap(),
        stdout,
    }
}

impl Program {
    /// Posts JSON to the API, with what follows the project ID in the bearer. Returns the JSON of the response,
    /// whose status is 200.
    fn post(&self, path: &str, bearer: &str, body: &Value) -> Value {
        let [url, project] = ["baseUrl", "projectId"].map(|key| self.ready[key].as_str().unwrap());
        let request = ureq::post(format!("{url}{path}"));
        let request = request.header("authorization", format!("Bearer {project}{bearer}"));
        let mut response = request.send(body.to_string()).unwrap();
        serde_json::from_str(&response.body_mut().read_to_string().unwrap()).unwrap()
    }

    fn address(&self) -> SocketAddr {
        let url = self.ready["baseUrl"].as_str().unwrap();
        url.rsplit('/').next().unwrap().parse().unwrap()
    }

    /// Closes stdin. Returns whether the program succeeded, and what it printed after the ready line.
    fn close_stdin(mut self) -> (bool, String) {
        drop(self.child.stdin.take());
        let ended = self.child.wait().unwrap().success();
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        (ended, rest)
    }
}

#[test]
fn it_prints_a_ready_line_and_export_lines_and_exits_when_stdin_closes() {
    let mut program = start(&["--tls", "--project-id", "Pmine"], Stdio::piped());
    let ready = &program.ready;
    assert_eq!(
        (&ready["ready"], &ready["projectId"]),
        (&json!(true), &json!("Pmine"))
    );
    let url = ready["baseUrl"].as_str().unwrap();
    assert!(url.starts_with("https://127.0.0.1:"));
    assert!(Path::new(ready["caFile"].as_str().unwrap()).exists());

    let mut stderr = program.child.stderr.take().unwrap();
    assert_eq!(program.close_stdin(), (true, String::new()));
    let mut printed = String::new();
    stderr.read_to_string(&mut printed).unwrap();
    for name in [
        "DESCOPE_BASE_URL",
        "DESCOPE_BASE_URI",
        "DESCOPE_PROJECT_ID",
        "DESCOPE_MANAGEMENT_KEY",
        "SSL_CERT_FILE",
        "NODE_EXTRA_CA_CERTS",
        "CURL_CA_BUNDLE",
        "REQUESTS_CA_BUNDLE",
        "JAVA_TOOL_OPTIONS",
        "PHP_INI_SCAN_DIR",
        "NO_PROXY",
        "no_proxy",
    ] {
        assert!(printed.contains(&format!("export {name}=")), "{printed}");
    }
}

#[test]
fn the_export_lines_keep_what_no_proxy_contains_already() {
    for (present, expected) in [
        (&[][..], "127.0.0.1,localhost,::1"),
        (&[("NO_PROXY", "")], "127.0.0.1,localhost,::1"),
        (
            &[("NO_PROXY", "corp.example, *.a")],
            "127.0.0.1,localhost,::1,corp.example, *.a",
        ),
        (
            &[("no_proxy", "it's.example"), ("NO_PROXY", "b.example")],
            "127.0.0.1,localhost,::1,it's.example",
        ),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_descope-ml-emulator"));
        command.env_remove("NO_PROXY").env_remove("no_proxy");
        command.envs(present.iter().copied());
        let mut program = start_command(command, &[], Stdio::piped());
        let mut stderr = program.child.stderr.take().unwrap();
        assert!(program.close_stdin().0);
        let mut printed = String::new();
        stderr.read_to_string(&mut printed).unwrap();
        assert!(
            printed.contains("export NO_PROXY=127.0.0.1,localhost,::1"),
            "{printed}"
        );
        // A shell that the lines are pasted into.
        let script = format!("{printed}printf '%s|%s' \"$NO_PROXY\" \"$no_proxy\"");
        let shell = Command::new("sh").args(["-c", &script]).output().unwrap();
        let variables = String::from_utf8(shell.stdout).unwrap();
        assert_eq!(variables, format!("{expected}|{expected}"));
    }
}

#[test]
fn the_path_of_the_ca_file_is_quoted_for_php() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("it's \"my\" ${HOME}.pem");
    let flags = ["--tls", "--ca-file", path.to_str().unwrap()];
    let mut program = start(&flags, Stdio::piped());
    assert_eq!(program.ready["caFile"], json!(path));
    let stderr = BufReader::new(program.child.stderr.take().unwrap());
    let mut lines = stderr.lines().map(Result::unwrap);
    let ini_folders = lines.find(|line| line.starts_with("export PHP_INI_SCAN_DIR="));
    let ini_folder = ini_folders.unwrap().rsplit(':').next().unwrap().to_owned();
    let ini_file = Path::new(ini_folder.trim_matches('\'')).join("descope-ml-emulator.ini");
    let settings = std::fs::read_to_string(ini_file).unwrap();
    let folder = folder.path().display();
    let quoted = format!(r#"'{folder}/it'"'"'s "my" ${{HOME}}.pem'"#);
    let expected = format!("openssl.cafile={quoted}\ncurl.cainfo={quoted}\n");
    assert_eq!(settings, expected);
    assert!(program.close_stdin().0);
}

#[test]
fn a_path_of_the_ca_file_that_is_no_text_is_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(OsStr::from_bytes(b"\xff.pem"));
    let options = Options {
        tls: true,
        ca_file: Some(path.clone()),
        ..Options::default()
    };
    let problem = Emulator::start(options).unwrap_err().to_string();
    assert!(problem.contains("must be UTF-8"), "{problem}");
    assert!(!path.exists());
}

#[test]
fn without_tls_the_ready_line_has_four_keys() {
    let program = start(&[], Stdio::null());
    let mut keys: Vec<&String> = program.ready.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["baseUrl", "managementKey", "projectId", "ready"]);
    assert!(program.close_stdin().0);
}

#[test]
fn a_signal_ends_it_cleanly_while_stdin_is_open() {
    for signal in ["-INT", "-TERM"] {
        let mut program = start(&["--tls"], Stdio::null());
        let input = program.child.stdin.take().unwrap();
        let pid = program.child.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status().unwrap();
        assert!(sent.success());
        assert!(program.child.wait().unwrap().success(), "{signal}");
        let ca_file = program.ready["caFile"].as_str().unwrap();
        assert!(!Path::new(ca_file).exists(), "{signal}");
        drop(input);
    }
}

#[test]
fn it_runs_when_stderr_is_closed() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let program = start(&[], Stdio::from(writer));
    assert!(TcpStream::connect(program.address()).is_ok());
    assert!(program.close_stdin().0);
}

#[test]
fn it_serves_requests_posts_messages_and_ends_when_nobody_reads_stderr() {
    let hook = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", hook.local_addr().unwrap());
    let (reader, writer) = UnixStream::pair().unwrap();
    let mut full = writer.try_clone().unwrap();
    let program = start(&["--on-message", &url], Stdio::from(OwnedFd::from(writer)));
    let mut lines = BufReader::new(reader).lines();
    assert!(lines.any(|line| line.unwrap().starts_with("export no_proxy=")));
    full.set_nonblocking(true).unwrap();
    let written = std::iter::from_fn(|| full.write(&[b' '; 64]).ok());
    assert!(written.sum::<usize>() > 0);
    full.set_nonblocking(false).unwrap();

    for number in 0..3 {
        let phone = format!("+1415555012{number}");
        let user = json!({"loginId": phone, "phone": phone});
        let path = "/v1/auth/magiclink/signup/sms";
        assert!(program.post(path, "", &user)["maskedPhone"].is_string());
        // The emulator has a problem to report after each message.
        let (mut stream, _) = hook.accept().unwrap();
        let mut head = BufReader::new(stream.try_clone().unwrap()).lines();
        assert!(head.any(|line| line.unwrap().is_empty()));
        write!(stream, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n").unwrap();
    }
    assert!(program.close_stdin().0);
    drop(lines);
}

#[test]
fn it_listens_on_loopback_addresses_only() {
    let program = start(&[], Stdio::null());
    let port = program.address().port();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_ok());
    if TcpListener::bind(("::1", 0)).is_ok() {
        assert!(TcpStream::connect(("::1", port)).is_ok());
    }
    // Another loopback address. A server that listens on all addresses would accept this connection.
    assert!(TcpStream::connect(("127.0.0.2", port)).is_err());
    assert!(program.close_stdin().0);
}

#[test]
fn it_listens_on_another_address_with_a_warning() {
    let mut program = start(&["--host", "0.0.0.0"], Stdio::piped());
    let address = program.address();
    assert!(address.ip().is_loopback(), "{address}");
    assert!(TcpStream::connect(("127.0.0.2", address.port())).is_ok());
    let mut stderr = program.child.stderr.take().unwrap();
    assert!(program.close_stdin().0);
    let mut printed = String::new();
    stderr.read_to_string(&mut printed).unwrap();
    let warning = "# WARNING: it listens on 0.0.0.0, not only on this machine";
    assert!(printed.contains(warning), "{printed}");

    let mut program = start(&["--host", "127.0.0.2"], Stdio::piped());
    assert_eq!(program.address().ip().to_string(), "127.0.0.2");
    let mut stderr = program.child.stderr.take().unwrap();
    assert!(program.close_stdin().0);
    let mut printed = String::new();
    stderr.read_to_string(&mut printed).unwrap();
    assert!(!printed.contains("WARNING"), "{printed}");
    assert!(printed.contains("NO_PROXY=127.0.0.1,localhost,::1,127.0.0.2"));
}

#[test]
fn an_invalid_flag_is_rejected_with_advice() {
    for (flags, expected_text) in [
        (&["--link-ttl", "3y"][..], "use ms, s, m, h, d or w"),
        (&["--project-id", ""], "--project-id must not be empty"),
        (
            &["--management-key", "a:b"],
            "--management-key must not be empty",
        ),
        (&["--approved-domain", "https://a.example"], "a host only"),
        (&["--redirect-url", "/verify"], "a URL with a host"),
        (&["--issuer-url", "example.com"], "--issuer-url must be"),
        (&["--clock-offset", "-9999999h"], "before 1970"),
        (&["--clock-offset", "-3y"], "use ms, s, m, h, d or w"),
        (&["--algorithm", "HS256"], "possible values: RS256"),
        (&["--ca-file", "ca.pem"], "--tls"),
        (&["--tls-name", "a"], "--tls"),
        (&["--tls", "--tls-name", "a:1"], "--tls-name must be a host"),
        (&["--host", "localhost"], "invalid IP address"),
        (
            &["--host", "192.0.2.1"],
            "cannot listen on port 0 of 192.0.2.1",
        ),
        (&["--allow-host", "http://a"], "--allow-host must be a host"),
        (&["--session-ttl", "1m"], "must be at least 3 minutes"),
        (
            &["--session-ttl", "10m", "--refresh-ttl", "5m"],
            "must be at most refresh_token_expiration",
        ),
        (&["--refresh-rotation", "yes"], "on or off"),
        (&["--seed", "/nowhere.json"], "/nowhere.json"),
        (&["--settings", "/nowhere.json"], "/nowhere.json"),
        (&["--state", "/nowhere/state.json"], "/nowhere/state.json"),
    ] {
        let ended = Command::new(env!("CARGO_BIN_EXE_descope-ml-emulator"))
            .args(flags)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let stderr = String::from_utf8(ended.stderr).unwrap();
        assert!(
            !ended.status.success() && stderr.contains(expected_text),
            "{stderr}"
        );
        assert!(ended.stdout.is_empty());
    }
}

#[test]
fn with_a_state_file_nothing_that_was_answered_is_lost_when_it_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let flags = ["--state", path.to_str().unwrap()];
    let mut first = start(&flags, Stdio::null());
    let phone = "+14155550123";
    let user = json!({"loginId": phone, "phone": phone});
    first.post("/v1/auth/magiclink/signup/sms", "", &user);
    let saved: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let token = &saved["state"]["messages"][0]["token"];
    let session = first.post("/v1/auth/magiclink/verify", "", &json!({"token": token}));
    first.child.kill().unwrap();
    first.child.wait().unwrap();

    let second = start(&flags, Stdio::null());
    assert_eq!(second.ready["managementKey"], first.ready["managementKey"]);
    let [session_token, refresh_token] =
        ["sessionJwt", "refreshJwt"].map(|key| format!(":{}", session[key].as_str().unwrap()));
    let validated = second.post("/v1/auth/validate", &session_token, &json!({}));
    assert_eq!(validated["parsedJWT"]["sub"], session["user"]["userId"]);
    let refreshed = second.post("/v1/auth/refresh", &refresh_token, &json!({}));
    assert_eq!(refreshed["user"], session["user"]);
    assert!(second.close_stdin().0);
}
