//! The inbox: every message that was 'delivered'.

use std::collections::VecDeque;

use serde::Serialize;

use super::same_address;

/// How many messages are kept.
const KEPT: usize = 10_000;

/// A delivered message, as `/_emulator/messages` shows it.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// The message's identifier.
    pub id: String,
    /// The phone number or email address that it went to.
    pub to: String,
    /// `sms`, `email` or `whatsapp`.
    pub channel: &'static str,
    /// What the person reads.
    pub text: String,
    /// The link in it.
    pub link: String,
    /// The token in the link.
    pub token: String,
    /// When, in seconds since 1970.
    pub created_time: u64,
}

impl std::fmt::Debug for Message {
    /// Leaves out whom it went to and what signs them in.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message")
            .field("id", &self.id)
            .field("channel", &self.channel)
            .field("created_time", &self.created_time)
            .finish_non_exhaustive()
    }
}

/// The messages, newest first.
#[derive(Default)]
pub(crate) struct Messages(VecDeque<Message>);

impl Messages {
    pub(super) fn push(&mut self, message: Message) {
        self.0.push_front(message);
        self.0.truncate(KEPT);
    }

    /// So many of the newest messages.
    pub(crate) fn newest(&self, count: usize) -> Vec<Message> {
        self.0.iter().take(count).cloned().collect()
    }

    /// The messages to this address, or to all; newest first.
    pub(crate) fn to(&self, address: Option<&str>) -> Vec<Message> {
        // A `+` that was put into a query as it is arrives as a space.
        let plus = address.and_then(|address| address.strip_prefix(' '));
        let plus = plus.map(|digits| format!("+{digits}"));
        let address = plus.as_deref().or(address);
        let wanted =
            |message: &&Message| address.is_none_or(|address| same_address(&message.to, address));
        self.0.iter().filter(wanted).cloned().collect()
    }
}
