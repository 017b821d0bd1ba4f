//! The setters of what a caller in Rust builds: a configuration, a request, its options.

/// A setter for each optional field: `name: type of the argument => value of the field`.
macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $type:ty => $value:expr;)*) => {
        $($(#[$doc])*
        #[must_use]
        pub fn $name(mut self, $name: $type) -> Self {
            self.$name = Some($value);
            self
        })*
    };
}

pub(crate) use setters;
