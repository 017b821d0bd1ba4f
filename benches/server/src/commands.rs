//! Commands on stdin, one per line.

use std::io::{self, BufRead, Write};

use crate::responses::Responses;

/// Runs each command and replies with the counts, until stdin is closed.
pub(crate) fn run(
    lines: impl BufRead,
    mut replies: impl Write,
    responses: &Responses,
) -> io::Result<()> {
    for line in lines.lines() {
        let line = line?;
        let mut words = line.split_whitespace();
        match (words.next(), words.next(), words.next()) {
            (Some("stats"), None, None) => {}
            (Some("response-size"), Some(bytes), None) => {
                let bytes = bytes
                    .parse()
                    .map_err(|_| io::Error::other("`response-size BYTES` needs a number"))?;
                responses.set_size(bytes);
            }
            (Some("group-size"), Some(requests), None) => {
                let requests = requests
                    .parse()
                    .map_err(|_| io::Error::other("`group-size REQUESTS` needs a number"))?;
                responses.set_group_size(requests);
            }
            _ => return Err(io::Error::other(format!("unknown command `{line}`"))),
        }
        let (connections, requests) = responses.take_counts();
        let reply = serde_json::json!({ "connections": connections, "requests": requests });
        writeln!(replies, "{reply}")?;
        replies.flush()?;
    }
    Ok(())
}
