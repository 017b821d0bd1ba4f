//! Which requests are equal.

use std::borrow::Cow;

use ureq::http::Uri;

use super::*;
use crate::http::Method;

fn digest(requests: &SharedRequests, head: &str, body: &str) -> RequestDigest {
    let url = Uri::from_static("http://127.0.0.1/");
    let request = HttpRequest {
        method: Method::Post,
        url: &url,
        head: Cow::Borrowed(head),
        body: Some(body.as_bytes().to_vec()),
    };
    requests.digest(&request).unwrap()
}

#[test]
fn a_digest_stands_for_all_bytes_of_a_request_in_one_process() {
    let requests = SharedRequests::default();
    let one = digest(&requests, "head", "body");
    assert_eq!(digest(&requests, "head", "body"), one);
    assert_ne!(digest(&requests, "headb", "ody"), one);
    assert_ne!(digest(&requests, "head", "body2"), one);
    assert_ne!(digest(&SharedRequests::default(), "head", "body"), one);
}
