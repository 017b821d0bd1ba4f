//! Concurrent requests for the same link or user.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{EMAIL, PHONE, start};
use serde_json::json;

#[test]
fn one_of_many_concurrent_verifications_of_a_link_succeeds() {
    let emulator = start();
    let token = emulator.sign_up(PHONE);
    let verified = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| emulator.verify(&token).0))
            .collect();
        let responses = asked.into_iter().map(|asked| asked.join().unwrap());
        responses.filter(|status| *status == 200).count()
    });
    assert_eq!(verified, 1);
}

#[test]
fn one_of_many_concurrent_sign_ups_with_a_number_succeeds() {
    let emulator = start();
    let body = json!({"loginId": PHONE, "phone": PHONE});
    let made = std::thread::scope(|scope| {
        let sign_up = || emulator.post("/v1/auth/magiclink/signup/sms", "", &body).0;
        let asked: Vec<_> = (0..8).map(|_| scope.spawn(sign_up)).collect();
        let responses = asked.into_iter().map(|asked| asked.join().unwrap());
        responses.filter(|status| *status == 200).count()
    });
    assert_eq!((made, emulator.server.messages(PHONE).len()), (1, 1));
}

#[test]
fn all_concurrent_sign_ups_or_ins_get_a_link() {
    let emulator = start();
    let body = json!({"loginId": EMAIL});
    let sent = std::thread::scope(|scope| {
        let ask = || emulator.post_magic_link("signup-in/email", "", &body).0;
        let asked: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        let responses = asked.into_iter().map(|asked| asked.join().unwrap());
        responses.filter(|status| *status == 200).count()
    });
    assert_eq!((sent, emulator.server.messages(EMAIL).len()), (8, 8));
}
