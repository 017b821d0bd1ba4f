//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

const USAGE: &str = "usage: descope-ml-bench-server --masked-phone TEXT [--edge] [--event-loop] [--tls --ca-file FILE] [--keys FILE]";

/// The parsed command line.
pub(crate) struct Arguments {
    /// The masked phone number in every sign-in response.
    pub(crate) masked_phone: String,
    /// Whether responses look as if they came through a content delivery network.
    pub(crate) edge: bool,
    /// Whether all connections have one thread, instead of one each.
    pub(crate) event_loop: bool,
    /// With TLS: where to write the certificate of the certificate authority.
    pub(crate) ca_file: Option<PathBuf>,
    /// The file with the key set to return.
    pub(crate) keys: Option<PathBuf>,
}

impl Arguments {
    pub(crate) fn parse(
        mut arguments: impl Iterator<Item = OsString>,
    ) -> Result<Arguments, String> {
        let (mut edge, mut event_loop, mut tls) = (false, false, false);
        let (mut masked_phone, mut ca_file, mut keys) = (None, None, None);
        while let Some(argument) = arguments.next() {
            match argument.to_str() {
                Some("--edge") => edge = true,
                Some("--event-loop") => event_loop = true,
                Some("--tls") => tls = true,
                Some("--masked-phone") => masked_phone = arguments.next(),
                Some("--ca-file") => ca_file = Some(arguments.next().ok_or(USAGE)?.into()),
                Some("--keys") => keys = Some(arguments.next().ok_or(USAGE)?.into()),
                _ => return Err(USAGE.to_owned()),
            }
        }
        if tls != ca_file.is_some() {
            return Err(format!(
                "--tls and --ca-file must be used together\n{USAGE}"
            ));
        }
        let masked_phone = masked_phone.and_then(|text| text.into_string().ok());
        Ok(Arguments {
            masked_phone: masked_phone.ok_or(USAGE)?,
            edge,
            event_loop,
            ca_file,
            keys,
        })
    }
}
