//! Why a proxy opened no tunnel, in words.

use std::borrow::Cow;

use super::tls_error::describe_proxy_tls_error;
use crate::error::{Error, ErrorDetails};
use crate::status::Outcome;

/// Why a proxy opened no tunnel.
#[derive(Debug)]
pub(crate) enum ProxyError {
    /// The proxy of the environment cannot be used.
    Unusable(Error),
    /// The response to `CONNECT` has this status.
    HttpStatus(u16),
    /// The response to `CONNECT` is not HTTP.
    NotHttp,
    /// The SOCKS proxy wants a user name and password, or others.
    SocksCredentials,
    /// The SOCKS proxy could not connect, and says why (RFC 1928, 6).
    SocksReply(u8),
    /// The response is not SOCKS 5.
    NotSocks,
    /// TLS with the proxy failed.
    Tls(rustls::Error),
}

impl ProxyError {
    /// The error of the call.
    pub(super) fn into_error(self, outcome: Outcome) -> Error {
        let is_permanent = self.is_permanent();
        let cause = match self {
            ProxyError::Unusable(error) => return error,
            ProxyError::Tls(error) => {
                let cause = format!(
                    "TLS with the proxy failed: {}",
                    describe_proxy_tls_error(&error)
                );
                return Error::Tls(Box::new(ErrorDetails::new(cause, outcome)));
            }
            ProxyError::HttpStatus(407) => Cow::Borrowed(
                "the proxy requires a user name and password: set `proxy` to http://user:password@host:port",
            ),
            ProxyError::HttpStatus(status) => Cow::Owned(format!(
                "the proxy rejected the connection (HTTP {status}): check `proxy` and NO_PROXY"
            )),
            ProxyError::NotHttp => Cow::Borrowed(
                "the proxy did not respond like an HTTP proxy: check `proxy` and NO_PROXY",
            ),
            ProxyError::SocksCredentials => Cow::Borrowed(
                "the proxy requires a user name and password, or rejected them: set `proxy` to socks5://user:password@host:port",
            ),
            ProxyError::SocksReply(reply) => describe_socks_reply(reply),
            ProxyError::NotSocks => Cow::Borrowed(
                "the proxy did not respond like a SOCKS 5 proxy: check `proxy` and NO_PROXY",
            ),
        };
        Error::Network(Box::new(ErrorDetails {
            is_permanent,
            ..ErrorDetails::new(cause, outcome)
        }))
    }

    /// Whether a second attempt fails as well. Some proxies lock an account after a few wrong passwords.
    fn is_permanent(&self) -> bool {
        matches!(
            self,
            ProxyError::HttpStatus(400..=499)
                | ProxyError::SocksCredentials
                | ProxyError::SocksReply(2 | 7 | 8)
        )
    }
}

fn describe_socks_reply(reply: u8) -> Cow<'static, str> {
    let problem = match reply {
        1 => "the proxy reported a general failure",
        2 => "the rules of the proxy do not allow the connection",
        3 => "the proxy could not reach the network of the server",
        4 => "the proxy could not reach the server",
        5 => "the server refused the connection of the proxy",
        6 => "the connection of the proxy to the server took too many hops",
        7 => "the proxy does not open connections",
        8 => "the proxy does not support this type of address",
        _ => "the proxy rejected the connection",
    };
    Cow::Owned(format!(
        "{problem} (SOCKS reply {reply}): check `baseUrl`, `proxy` and NO_PROXY"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_second_attempt_cannot_change_is_permanent() {
        let permanent = [
            ProxyError::HttpStatus(403),
            ProxyError::HttpStatus(407),
            ProxyError::SocksCredentials,
            ProxyError::SocksReply(2),
            ProxyError::SocksReply(7),
            ProxyError::SocksReply(8),
        ];
        let temporary = [
            ProxyError::HttpStatus(502),
            ProxyError::NotHttp,
            ProxyError::NotSocks,
            ProxyError::SocksReply(1),
            ProxyError::SocksReply(3),
            ProxyError::SocksReply(4),
            ProxyError::SocksReply(5),
            ProxyError::SocksReply(6),
        ];
        assert!(permanent.iter().all(ProxyError::is_permanent));
        assert!(!temporary.iter().any(ProxyError::is_permanent));
    }
}
