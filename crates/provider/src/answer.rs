use oauth_core::authorize::Reply;
use oauth_types::{FormBody, Timestamp};

/// What a browser asks.
#[derive(Clone, Debug)]
pub struct BrowserRequest<'a> {
    /// Whether it is a POST.
    pub post: bool,
    /// The raw query, without `?`.
    pub query: &'a str,
    /// The body of a POST.
    pub form: FormBody,
    /// The raw body where it is url-encoded, for endpoints that refuse broken pairs.
    pub raw_form: Option<&'a str>,
    /// Path and query as they were sent.
    pub path_and_query: &'a str,
    /// Its cookies.
    pub cookies: &'a Cookies,
}

/// The cookies of a request, in the order that they were sent.
#[derive(Clone, Debug, Default)]
pub struct Cookies(pub Vec<(String, String)>);

impl Cookies {
    /// The first cookie of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }
}

/// Where a browser is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Go {
    /// To the login, consent or logout app: 302.
    App(String),
    /// To the error page: 302.
    ErrorPage(String),
    /// To where a logout leads: 302.
    Target(String),
    /// Back to the client: 303, not to be stored.
    Client(String),
    /// Back to the client by a form that submits itself: 200, not to be stored.
    FormPost {
        /// Where to.
        action: String,
        /// Its fields, in order.
        fields: Vec<(String, String)>,
    },
    /// Past the clients that are told of a logout by a frame each: 200.
    FrontChannel {
        /// The frames' addresses.
        frames: Vec<String>,
        /// Where to in the end.
        target: String,
    },
}

impl From<Reply> for Go {
    fn from(reply: Reply) -> Self {
        match reply {
            Reply::Redirect(url) => Self::Client(url),
            Reply::Form { action, fields } => Self::FormPost { action, fields },
        }
    }
}

/// How long a cookie stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieLifetime {
    /// As long as the browser runs.
    Browser,
    /// So many seconds.
    Seconds(i64),
    /// Not at all: the browser forgets it.
    Removed,
}

/// A cookie that an answer sets or removes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieChange {
    /// Its name.
    pub name: String,
    /// Its sealed value.
    pub value: String,
    /// How long it stays.
    pub lifetime: CookieLifetime,
    /// Whether it is a twin that goes without `SameSite`.
    pub legacy: bool,
    /// From when on the lifetime counts.
    pub now: Timestamp,
}

/// What a browser is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowserAnswer {
    /// Where it goes.
    pub go: Go,
    /// Which cookies change, in order.
    pub cookies: Vec<CookieChange>,
}
