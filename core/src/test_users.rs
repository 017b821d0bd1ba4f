//! Users for tests, who need no phone: made, signed in and deleted with the management key.

use std::borrow::Cow;

use crate::client::Client;
use crate::document::{self, Fields, Kind, Text, Value, records};
use crate::error::Error;
use crate::magiclink::{LOGIN_OPTIONS, LoginOptions};
use crate::operation::{Bearer, Endpoint, Method, Operation, Promise, Work, no_check};
use crate::typed::typed;

records! {
    /// API: `CreateUserRequest`.
    NEW_USER {
        "loginId": Kind::Text,
        "email": Kind::Text,
        "phone": Kind::Text,
        "verifiedEmail": Kind::Bool,
        "verifiedPhone": Kind::Bool,
        "name": Kind::Text,
        "roleNames": Kind::Texts,
        "userTenants": Kind::Records(&USER_TENANT),
        "invite": Kind::Bool,
        "test": Kind::Bool,
        "customAttributes": Kind::Object,
        "picture": Kind::Text,
        "sendMail": Kind::Bool,
        "sendSMS": Kind::Bool,
        "additionalIdentifiers": Kind::Texts,
        "inviteUrl": Kind::Text,
        "password": Kind::Text,
        "hashedPassword": Kind::Object,
        "givenName": Kind::Text,
        "middleName": Kind::Text,
        "familyName": Kind::Text,
        "ssoAppIds": Kind::Texts,
        "templateOptions": Kind::TextMap,
        "status": Kind::Text,
        "recoveryEmail": Kind::Text,
        "recoveryPhone": Kind::Text,
        "verifiedRecoveryEmail": Kind::Bool,
        "verifiedRecoveryPhone": Kind::Bool,
        "extra": Kind::Object,
        "projectId": Kind::Text,
        "timeoutMs": Kind::Millis,
    } needs ["loginId"];

    /// API: `AssociatedTenant`.
    USER_TENANT {
        "tenantId": Kind::Text,
        "roleNames": Kind::Texts,
    } needs ["tenantId"];

    /// API: `TestUserGenerateMagicLinkRequest`.
    GENERATED {
        "loginId": Kind::Text,
        "deliveryMethod": Kind::Text,
        "redirectUrl": Kind::Text,
        "loginOptions": Kind::Record(&LOGIN_OPTIONS),
        "extra": Kind::Object,
        "projectId": Kind::Text,
        "timeoutMs": Kind::Millis,
    } needs ["loginId", "deliveryMethod"];

    /// What the deletion takes.
    ALL {
        "projectId": Kind::Text,
        "timeoutMs": Kind::Millis,
    } needs [];
}

/// API: `POST /v1/mgmt/user/create/test`.
pub(crate) static CREATE_USER: Operation = Operation {
    name: "test/create_user",
    record: &NEW_USER,
    check: no_check,
    work: Work::Remote(Endpoint {
        method: Method::Post,
        path: "/v1/mgmt/user/create/test",
        bearer: Bearer::Management,
        promise: Promise::Object("user"),
        is_repeatable: true,
    }),
};

/// API: `POST /v1/mgmt/tests/generate/magiclink`.
pub(crate) static GENERATE_MAGIC_LINK: Operation = Operation {
    name: "test/generate_magiclink",
    record: &GENERATED,
    check: no_check,
    work: Work::Remote(Endpoint {
        method: Method::Post,
        path: "/v1/mgmt/tests/generate/magiclink",
        bearer: Bearer::Management,
        promise: Promise::Text("link"),
        is_repeatable: true,
    }),
};

/// API: `DELETE /v1/mgmt/user/test/delete/all`.
pub(crate) static DELETE_ALL_USERS: Operation = Operation {
    name: "test/delete_all_users",
    record: &ALL,
    check: no_check,
    work: Work::Remote(Endpoint {
        method: Method::Delete,
        path: "/v1/mgmt/user/test/delete/all",
        bearer: Bearer::Management,
        promise: Promise::Nothing,
        is_repeatable: true,
    }),
};

typed! {
    /// Makes a test user. `Debug` shows no value.
    pub struct CreateUserRequest over NEW_USER {
        /// The email address.
        text email "email";
        /// Such as `+14155550123`.
        text phone "phone";
        /// Whether the email address counts as the user's.
        flag verified_email "verifiedEmail";
        /// Whether the phone number counts as the user's.
        flag verified_phone "verifiedPhone";
        /// The full name.
        text name "name";
        /// The given name.
        text given_name "givenName";
        /// The middle name.
        text middle_name "middleName";
        /// The family name.
        text family_name "familyName";
        /// The roles that the user has outside of tenants.
        texts role_names "roleNames";
        /// More login IDs.
        texts additional_identifiers "additionalIdentifiers";
        /// Attributes of the project's own, as the text of a JSON object.
        object custom_attributes "customAttributes";
        /// The project, instead of the client's.
        text project_id "projectId";
        /// How long this call may take, instead of the client's timeout.
        timeout timeout "timeoutMs";
        /// More of the body, as the text of a JSON object: merged in unchecked.
        object extra "extra";
    }
}

typed! {
    /// Makes the link that a test user would be sent. `Debug` shows no value.
    pub struct GenerateMagicLinkRequest over GENERATED {
        /// The URL that the link leads to, `?t=<token>` added; else the project's own.
        text redirect_url "redirectUrl";
        /// How the user is signed in.
        options login_options "loginOptions";
        /// The project, instead of the client's.
        text project_id "projectId";
        /// How long this call may take, instead of the client's timeout.
        timeout timeout "timeoutMs";
        /// More of the body, as the text of a JSON object: merged in unchecked.
        object extra "extra";
    }
}

impl<'a> CreateUserRequest<'a> {
    /// A test user with this login ID.
    #[must_use]
    pub fn new(login_id: impl Into<Cow<'a, str>>) -> Self {
        let mut fields = Fields::new(&NEW_USER);
        fields.put("loginId", Value::Text(Text(login_id.into())));
        CreateUserRequest(fields)
    }
}

impl<'a> GenerateMagicLinkRequest<'a> {
    /// A link for the test user with this login ID, as if it were delivered by `sms`, `email` or
    /// `whatsapp`.
    #[must_use]
    pub fn new(
        login_id: impl Into<Cow<'a, str>>,
        delivery_method: impl Into<Cow<'a, str>>,
    ) -> Self {
        let mut fields = Fields::new(&GENERATED);
        fields.put("loginId", Value::Text(Text(login_id.into())));
        fields.put("deliveryMethod", Value::Text(Text(delivery_method.into())));
        GenerateMagicLinkRequest(fields)
    }
}

impl Client {
    /// Makes a test user; answers a JSON object with `user`. Needs the management key.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn create_test_user(&self, request: &CreateUserRequest<'_>) -> Result<String, Error> {
        self.perform(&CREATE_USER, &request.0)
    }

    /// The link that a test user would be sent, which no message carries. Needs the management key.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn generate_magic_link(
        &self,
        request: &GenerateMagicLinkRequest<'_>,
    ) -> Result<String, Error> {
        let json = self.perform(&GENERATE_MAGIC_LINK, &request.0)?;
        document::get(&json, "/link").map_err(|_| Error::internal("while reading an answer"))
    }

    /// Deletes every test user of the project. Needs the management key.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn delete_all_test_users(&self) -> Result<(), Error> {
        self.perform(&DELETE_ALL_USERS, &Fields::new(&ALL))
            .map(drop)
    }
}
