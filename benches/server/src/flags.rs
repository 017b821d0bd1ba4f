//! What the command line says.

use std::ffi::OsString;
use std::path::PathBuf;

const USAGE: &str = "usage: descope-ml-bench-server --masked-phone TEXT [--edge] [--tls --ca-file FILE] [--keys FILE]";

/// The command line, read.
pub(crate) struct Flags {
    /// The number that every sign-in is answered with.
    pub(crate) masked_phone: String,
    /// Whether answers look as if they came through a content delivery network.
    pub(crate) edge: bool,
    /// With TLS: the file that the authority's certificate is written to.
    pub(crate) ca_file: Option<PathBuf>,
    /// The file with the key set that is served.
    pub(crate) keys: Option<PathBuf>,
}

impl Flags {
    pub(crate) fn parse(mut words: impl Iterator<Item = OsString>) -> Result<Flags, String> {
        let (mut edge, mut tls) = (false, false);
        let (mut masked_phone, mut ca_file, mut keys) = (None, None, None);
        while let Some(word) = words.next() {
            match word.to_str() {
                Some("--edge") => edge = true,
                Some("--tls") => tls = true,
                Some("--masked-phone") => masked_phone = words.next(),
                Some("--ca-file") => ca_file = Some(words.next().ok_or(USAGE)?.into()),
                Some("--keys") => keys = Some(words.next().ok_or(USAGE)?.into()),
                _ => return Err(USAGE.to_owned()),
            }
        }
        if tls != ca_file.is_some() {
            return Err(format!("--tls and --ca-file belong together\n{USAGE}"));
        }
        let masked_phone = masked_phone.and_then(|text| text.into_string().ok());
        Ok(Flags {
            masked_phone: masked_phone.ok_or(USAGE)?,
            edge,
            ca_file,
            keys,
        })
    }
}
