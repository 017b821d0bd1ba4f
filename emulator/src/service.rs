//! The project that the emulator plays: its settings, its key, its memory, and how a link is sent.

use serde_json::{Map, Value};

use crate::clock::Clock;
use crate::control::Control;
use crate::id;
use crate::link;
use crate::method::Method;
use crate::settings::Current;
use crate::store::{Link, Message, Store, User};
use crate::token::Signer;

/// One emulated project.
pub(crate) struct Service {
    pub(crate) project_id: String,
    pub(crate) management_key: String,
    pub(crate) settings: Current,
    pub(crate) clock: Clock,
    pub(crate) signer: Signer,
    pub(crate) store: Store,
    pub(crate) control: Control,
}

impl Service {
    /// Makes a link for a user; returns it and its token.
    pub(crate) fn make_link(
        &self,
        user: &User,
        redirect: &str,
        method: Method,
        custom_claims: Map<String, Value>,
        mfa: bool,
    ) -> (String, String) {
        let token = id::token();
        let now = self.clock.now();
        let link = Link {
            user_id: user.user_id.clone(),
            expires: now.saturating_add(self.settings.get().link_ttl),
            method,
            custom_claims,
            mfa,
        };
        self.store.lock().links.add(token.clone(), link, now);
        (link::join(redirect, &token), token)
    }

    /// Makes a link and delivers it to the user's phone.
    pub(crate) fn send_sms(
        &self,
        user: &User,
        redirect: &str,
        custom_claims: Map<String, Value>,
        mfa: bool,
    ) {
        let method = Method::Sms;
        let (link, token) = self.make_link(user, redirect, method, custom_claims, mfa);
        self.store.deliver(Message {
            id: id::message(),
            to: user.address().to_owned(),
            channel: method.name(),
            text: format!("Your sign-in link: {link}"),
            link,
            token,
            created_time: self.clock.seconds(),
        });
    }
}
