use crate::reader::Reader;
use crate::schema::{Initial, Key, Kind, key};
use crate::word::words;

pub(crate) const KEYS: &[Key] = &[
    key(
        "tracing.provider",
        Kind::OneOf(TracingProvider::WORDS),
        "Where traces are sent.",
    ),
    key(
        "tracing.service_name",
        Kind::Text,
        "Name of this service in traces.",
    )
    .or(Initial::Text("Ory Hydra")),
    key(
        "tracing.providers.jaeger.local_agent_address",
        Kind::HostPort,
        "Address of the Jaeger agent.",
    ),
    key(
        "tracing.providers.jaeger.propagation",
        Kind::Text,
        "Accepted, without effect.",
    ),
    key(
        "tracing.providers.jaeger.max_tag_value_length",
        Kind::Integer {
            min: 0,
            max: i64::MAX,
        },
        "Accepted, without effect.",
    ),
    key(
        "tracing.providers.jaeger.sampling.type",
        Kind::OneOf(&["const", "probabilistic", "rateLimiting"]),
        "Accepted, without effect.",
    ),
    key(
        "tracing.providers.jaeger.sampling.value",
        Kind::Number,
        "Accepted, without effect.",
    ),
    key(
        "tracing.providers.jaeger.sampling.server_url",
        Kind::Uri,
        "Remote sampler of Jaeger; without it everything is sampled.",
    ),
    key(
        "tracing.providers.zipkin.server_url",
        Kind::Uri,
        "Address of Zipkin.",
    ),
];

words! {
    /// `tracing.provider`: where traces are sent.
    TracingProvider {
        /// Jaeger's agent.
        Jaeger = "jaeger",
        /// Zipkin.
        Zipkin = "zipkin",
        /// Accepted, never supported.
        Datadog = "datadog",
        /// Accepted, never supported.
        ElasticApm = "elastic-apm",
        /// Accepted, never supported.
        Instana = "instana",
        /// OpenTelemetry.
        Otel = "otel",
    } or Otel
}

/// `tracing.*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tracing {
    /// Where traces are sent; `None` for nowhere.
    pub provider: Option<TracingProvider>,
    /// Name of this service in traces.
    pub service_name: String,
    /// Address of the Jaeger agent.
    pub jaeger_agent: Option<String>,
    /// Remote sampler of Jaeger; without it everything is sampled.
    pub jaeger_sampler: Option<String>,
    /// Address of Zipkin.
    pub zipkin: Option<String>,
}

impl Tracing {
    pub(crate) fn read(read: &Reader<'_>) -> Self {
        Self {
            provider: read
                .option("tracing.provider")
                .map(|word| TracingProvider::read(&word)),
            service_name: read.text("tracing.service_name"),
            jaeger_agent: read.option("tracing.providers.jaeger.local_agent_address"),
            jaeger_sampler: read.option("tracing.providers.jaeger.sampling.server_url"),
            zipkin: read.option("tracing.providers.zipkin.server_url"),
        }
    }
}
