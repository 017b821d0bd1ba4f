//! What a caller in Rust builds: requests as types, over the records that every face shares.

/// Declares a type over a record, with a setter for each key: `kind name "key";`.
macro_rules! typed {
    (
        $(#[$about:meta])*
        pub struct $name:ident over $record:path {
            $($(#[$doc:meta])* $kind:ident $method:ident $key:literal;)*
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug)]
        pub struct $name<'a>(pub(crate) $crate::document::Fields<'a>);

        impl<'a> $name<'a> {
            /// Reads the JSON document of it.
            ///
            /// # Errors
            ///
            /// [`Error::Argument`](crate::Error::Argument) for anything but a JSON object of known keys of
            /// the right types.
            pub fn from_json(json: &'a str) -> Result<$name<'a>, $crate::Error> {
                $crate::document::read_record(&$record, json, "the request")
                    .map($name)
                    .map_err($crate::Error::argument)
            }

            $($crate::typed::setter!($kind [$(#[$doc])*] $method $key);)*
        }
    };
}

/// One setter.
macro_rules! setter {
    (text [$($doc:tt)*] $method:ident $key:literal) => {
        $($doc)*
        #[must_use]
        pub fn $method(mut self, $method: impl Into<std::borrow::Cow<'a, str>>) -> Self {
            self.0.put($key, $crate::document::Value::Text($method.into().into()));
            self
        }
    };
    (flag [$($doc:tt)*] $method:ident $key:literal) => {
        $($doc)*
        #[must_use]
        pub fn $method(mut self, $method: bool) -> Self {
            self.0.put($key, $crate::document::Value::Bool($method));
            self
        }
    };
    (texts [$($doc:tt)*] $method:ident $key:literal) => {
        $($doc)*
        #[must_use]
        pub fn $method<T: Into<std::borrow::Cow<'a, str>>>(
            mut self,
            $method: impl IntoIterator<Item = T>,
        ) -> Self {
            let list = $method.into_iter().map(|text| text.into().into()).collect();
            self.0.put($key, $crate::document::Value::Texts($crate::document::TextList(list)));
            self
        }
    };
    (map [$($doc:tt)*] $method:ident $key:literal) => {
        $($doc)*
        #[must_use]
        pub fn $method<K, V>(mut self, $method: impl IntoIterator<Item = (K, V)>) -> Self
        where
            K: Into<std::borrow::Cow<'a, str>>,
            V: Into<std::borrow::Cow<'a, str>>,
        {
            let entries = $method.into_iter();
            let entries = entries.map(|(key, value)| (key.into().into(), value.into().into()));
            let map = $crate::document::TextMap(entries.collect());
            self.0.put($key, $crate::document::Value::TextMap(map));
            self
        }
    };
    (object [$($doc:tt)*] $method:ident $key:literal) => {
        $($doc)*
        ///
        /// # Errors
        ///
        /// [`Error::Argument`](crate::Error::Argument) for anything but the text of a JSON object.
        pub fn $method(mut self, json: &'a str) -> Result<Self, $crate::Error> {
            let object = $crate::document::Object::parse(json).map_err(|_| {
                $crate::Error::argument(concat!("`", $key, "` must be the text of a JSON object"))
            })?;
            self.0.put($key, $crate::document::Value::Object(object));
            Ok(self)
        }
    };
    (timeout [$($doc:tt)*] $method:ident $key:literal) => {
        $($doc)*
        #[must_use]
        pub fn $method(mut self, $method: std::time::Duration) -> Self {
            let millis = $crate::config::millis($method);
            self.0.put($key, $crate::document::Value::Millis(millis));
            self
        }
    };
    (options [$($doc:tt)*] $method:ident $key:literal) => {
        $($doc)*
        #[must_use]
        pub fn $method(mut self, $method: LoginOptions<'a>) -> Self {
            self.0.put($key, $crate::document::Value::Record($method.0));
            self
        }
    };
    (sign_up_options [$($doc:tt)*] $method:ident $key:literal) => {
        $($doc)*
        #[must_use]
        pub fn $method(mut self, $method: SignUpOptions<'a>) -> Self {
            self.0.put($key, $crate::document::Value::Record($method.0));
            self
        }
    };
    (user [$($doc:tt)*] $method:ident $key:literal) => {
        $($doc)*
        #[must_use]
        pub fn $method(mut self, $method: User<'a>) -> Self {
            self.0.put($key, $crate::document::Value::Record($method.0));
            self
        }
    };
}

pub(crate) use {setter, typed};
