//! Requests: Python values to JSON text.
//!
//! [`crate::fast_json`] handles the common cases. `descope_ml.json_codec` handles the rest, and has the
//! error messages for values that have no JSON form.

use descope_ml_core::Error;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::fast_json;
use crate::text::extract_text;

/// The JSON text of a request, which is a `str` that already is JSON, or a dictionary of the fast path.
/// `None` for anything else, which is left to `descope_ml.json_codec`.
///
/// `skip_none` leaves out members that are None: core treats a known member that is null as absent. Use it
/// only if core knows every member's name, since an unknown name that is left out is not rejected.
pub(crate) fn request_text(
    request: &Bound<'_, PyAny>,
    skip_none: bool,
) -> Result<Option<String>, Error> {
    if request.is_instance_of::<PyString>() {
        return extract_text(request, Error::argument).map(Some);
    }
    let members = request.cast_exact::<PyDict>().ok();
    Ok(members.and_then(|members| fast_json::dumps(members, skip_none)))
}
