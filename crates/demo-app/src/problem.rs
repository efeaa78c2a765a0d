use http::StatusCode;

use crate::http_client::HttpFault;

/// A page that says what went wrong and what to do now.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    /// One line, the heading of the page.
    pub(crate) title: String,
    /// What it means to the reader.
    pub(crate) text: String,
    /// What a developer needs; `None` if there is no more to say.
    pub(crate) detail: Option<String>,
    /// The methods that the address knows, where another was used.
    pub(crate) allow: Option<&'static str>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, title: &str, text: impl Into<String>) -> Self {
        Self {
            status,
            title: title.to_owned(),
            text: text.into(),
            detail: None,
            allow: None,
        }
    }

    pub(crate) fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    pub(crate) fn bad_request(text: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "This request cannot be understood",
            text,
        )
    }

    pub(crate) fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "There is no such page",
            "Check the address, or begin again at the start page.",
        )
    }

    pub(crate) fn wrong_method(allow: &'static str) -> Self {
        Self {
            allow: Some(allow),
            ..Self::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "This address cannot be used that way",
                "Go to the start page and use its links and buttons.",
            )
        }
    }

    pub(crate) fn forged_form() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "This form was not accepted",
            "It does not belong to this browser, or your cookies were cleared in the meantime. \
             Go back, reload the page and send the form again.",
        )
    }

    pub(crate) fn internal(detail: impl Into<String>) -> Self {
        let text = "This is a fault of the demo. Try again from the start page.";
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Something went wrong",
            text,
        )
        .with_detail(detail)
    }
}

impl From<HttpFault> for Problem {
    fn from(fault: HttpFault) -> Self {
        tracing::warn!(error = %fault, "Hydrus gave no answer");
        Self::new(
            StatusCode::BAD_GATEWAY,
            "Hydrus did not answer",
            "Is it running? Try again in a moment.",
        )
        .with_detail(fault.to_string())
    }
}
