//! The inbox: every message that the emulator "delivered". Nothing is really sent.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::login_id::same_login_id;

/// A delivered message, in the form that `/_emulator/messages` returns.
#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Message {
    /// The message's identifier.
    pub id: String,
    /// The phone number or email address that it was sent to.
    pub to: String,
    /// `sms`, `email` or `whatsapp`.
    pub channel: String,
    /// The text that the recipient reads.
    pub text: String,
    /// The link in the text.
    pub link: String,
    /// The token in the link.
    pub token: String,
    /// When it was sent, in seconds since 1970.
    pub created_time: u64,
}

impl std::fmt::Debug for Message {
    /// Omits the recipient and the token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message")
            .field("id", &self.id)
            .field("channel", &self.channel)
            .field("created_time", &self.created_time)
            .finish_non_exhaustive()
    }
}

/// The messages, newest first.
#[derive(Default, Deserialize, Serialize)]
#[serde(transparent)]
pub(super) struct Messages(VecDeque<Message>);

impl Messages {
    /// Adds a message, and removes the oldest ones beyond the limit.
    pub(super) fn push(&mut self, message: Message, limit: usize) {
        self.0.push_front(message);
        self.0.truncate(limit);
    }

    /// The newest messages, at most `count`.
    pub(super) fn newest(&self, count: usize) -> Vec<Message> {
        self.0.iter().take(count).cloned().collect()
    }

    /// The messages to an address, or all messages; newest first.
    pub(super) fn to(&self, address: Option<&str>) -> Vec<Message> {
        let is_to = is_to(address);
        let found = self.0.iter().filter(|message| is_to(message));
        found.cloned().collect()
    }

    /// Removes the messages to an address, or all messages.
    pub(super) fn clear(&mut self, address: Option<&str>) {
        let is_to = is_to(address);
        self.0.retain(|message| !is_to(message));
    }
}

/// Whether a message is to an address; without one, every message is.
fn is_to(address: Option<&str>) -> impl Fn(&Message) -> bool {
    // A `+` that is not percent-encoded in a query arrives as a space.
    let address = address.map(|address| match address.strip_prefix(' ') {
        Some(digits) => format!("+{digits}"),
        None => address.to_owned(),
    });
    move |message| {
        let address = address.as_deref();
        address.is_none_or(|address| same_login_id(&message.to, address))
    }
}
