//! The project that the emulator plays: its settings, its key, its memory, and how a link is sent.

use crate::clock::Clock;
use crate::control::Control;
use crate::id;
use crate::link;
use crate::method::Method;
use crate::settings::Current;
use crate::store::{Link, Message, Purpose, Store};
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
        user_id: &str,
        redirect: &str,
        method: Method,
        purpose: Purpose,
    ) -> (String, String) {
        let token = id::token();
        let now = self.clock.now();
        let link = Link {
            user_id: user_id.to_owned(),
            expires: now.saturating_add(self.settings.get().link_ttl),
            method,
            purpose,
        };
        self.store.lock().links.add(token.clone(), link, now);
        (link::join(redirect, &token), token)
    }

    /// Makes a link and delivers it to an address.
    pub(crate) fn send(
        &self,
        user_id: &str,
        to: &str,
        redirect: &str,
        method: Method,
        purpose: Purpose,
    ) {
        let text = match purpose.update {
            Some(_) => "Your link to confirm this address",
            None => "Your sign-in link",
        };
        let (link, token) = self.make_link(user_id, redirect, method, purpose);
        self.store.deliver(Message {
            id: id::message(),
            to: to.to_owned(),
            channel: method.name(),
            text: format!("{text}: {link}"),
            link,
            token,
            created_time: self.clock.seconds(),
        });
    }
}
