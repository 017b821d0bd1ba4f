//! What the server is told on stdin, one command per line.

use std::io::{self, BufRead, Write};

use crate::site::Site;

/// Does what each line says and answers it with the counts, until the lines end.
pub(crate) fn obey(lines: impl BufRead, mut replies: impl Write, site: &Site) -> io::Result<()> {
    for line in lines.lines() {
        let line = line?;
        let mut words = line.split_whitespace();
        match (words.next(), words.next(), words.next()) {
            (Some("stats"), None, None) => {}
            (Some("answer"), Some(bytes), None) => {
                let bytes = bytes
                    .parse()
                    .map_err(|_| io::Error::other("`answer BYTES` takes a number"))?;
                site.pad_to(bytes);
            }
            _ => return Err(io::Error::other(format!("unknown command `{line}`"))),
        }
        let (connections, requests) = site.counted();
        let reply = serde_json::json!({ "connections": connections, "requests": requests });
        writeln!(replies, "{reply}")?;
        replies.flush()?;
    }
    Ok(())
}
