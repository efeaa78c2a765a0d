use std::fmt;

/// A span of time with nanoseconds; lifespans can be negative (a client may register `-5m`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(i64);

impl Duration {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// From nanoseconds, the unit in which lifespans are stored.
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// From whole seconds.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000_000_000))
    }

    /// Nanoseconds.
    #[must_use]
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Microseconds, cut off.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0 / 1_000
    }

    /// Whole seconds, cut off.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0 / 1_000_000_000
    }
}

/// A moment: microseconds since 1970-01-01T00:00:00Z, the precision that all databases keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The end of life of what does not end. It sorts behind every other moment.
    pub const NEVER: Self = Self(i64::MAX);

    /// From microseconds since the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From seconds since the epoch.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Seconds since the epoch, rounded down: a NumericDate of RFC 7519 §2.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Whether this is [`Timestamp::NEVER`].
    #[must_use]
    pub const fn is_never(self) -> bool {
        self.0 == i64::MAX
    }

    /// Later (or, with a negative span, earlier); stays at the ends of the range.
    #[must_use]
    pub const fn plus(self, span: Duration) -> Self {
        if self.is_never() {
            self
        } else {
            Self(self.0.saturating_add(span.as_micros()))
        }
    }

    /// Later by whole seconds.
    #[must_use]
    pub const fn plus_secs(self, secs: i64) -> Self {
        self.plus(Duration::from_secs(secs))
    }

    /// The time from `earlier` to here.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration(self.0.saturating_sub(earlier.0).saturating_mul(1_000))
    }

    /// The full second before.
    #[must_use]
    pub const fn floor_to_secs(self) -> Self {
        if self.is_never() {
            self
        } else {
            Self::from_secs(self.as_secs())
        }
    }

    /// The nearest full second, halves up.
    #[must_use]
    pub const fn round_to_secs(self) -> Self {
        if self.is_never() {
            self
        } else {
            Self::from_micros(self.0.saturating_add(500_000)).floor_to_secs()
        }
    }

    /// RFC 3339 in UTC with as many digits of the fraction as there are, at most six:
    /// `2022-12-08T10:11:12.5Z`.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        match self.parts() {
            Some((t, 0)) => format!("{}Z", date_and_time(&t, 'T')),
            Some((t, micros)) => {
                let fraction = format!("{micros:06}");
                format!(
                    "{}.{}Z",
                    date_and_time(&t, 'T'),
                    fraction.trim_end_matches('0')
                )
            }
            None => "9999-12-31T23:59:59Z".to_owned(),
        }
    }

    /// The form that stands in error texts: `2022-12-08 10:11:12 +0000 UTC`.
    #[must_use]
    pub fn to_text(self) -> String {
        match self.parts() {
            Some((t, _)) => format!("{} +0000 UTC", date_and_time(&t, ' ')),
            None => "9999-12-31 23:59:59 +0000 UTC".to_owned(),
        }
    }

    /// Reads RFC 3339 with any offset; what is finer than a microsecond is cut off.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let t = time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339)
            .ok()?;
        i64::try_from(t.unix_timestamp_nanos().div_euclid(1_000))
            .ok()
            .map(Self)
    }

    /// An HTTP date (RFC 9110 §5.6.7): `Thu, 08 Dec 2022 10:41:00 GMT`.
    #[must_use]
    pub fn to_http_date(self) -> String {
        const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        const MONTHS: [&str; 12] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ];
        let Some((t, _)) = self.parts() else {
            return "Fri, 31 Dec 9999 23:59:59 GMT".to_owned();
        };
        format!(
            "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
            DAYS[usize::from(t.weekday().number_days_from_monday())],
            t.day(),
            MONTHS[usize::from(u8::from(t.month())) - 1],
            t.year(),
            t.hour(),
            t.minute(),
            t.second(),
        )
    }

    fn parts(self) -> Option<(time::OffsetDateTime, i64)> {
        let t = time::OffsetDateTime::from_unix_timestamp(self.as_secs()).ok()?;
        Some((t, self.0.rem_euclid(1_000_000)))
    }
}

fn date_and_time(t: &time::OffsetDateTime, between: char) -> String {
    format!(
        "{:04}-{:02}-{:02}{between}{:02}:{:02}:{:02}",
        t.year(),
        u8::from(t.month()),
        t.day(),
        t.hour(),
        t.minute(),
        t.second()
    )
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_rfc3339())
    }
}

/// Tells the time. Functions below the provider take `now` as an argument instead.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the machine"
    )]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_print_in_the_three_forms_of_the_wire() {
        for (micros, rfc3339, text, http) in [
            (
                0,
                "1970-01-01T00:00:00Z",
                "1970-01-01 00:00:00 +0000 UTC",
                "Thu, 01 Jan 1970 00:00:00 GMT",
            ),
            (
                1_670_494_272_345_600,
                "2022-12-08T10:11:12.3456Z",
                "2022-12-08 10:11:12 +0000 UTC",
                "Thu, 08 Dec 2022 10:11:12 GMT",
            ),
        ] {
            let t = Timestamp::from_micros(micros);
            assert_eq!(t.to_rfc3339(), rfc3339);
            assert_eq!(t.to_text(), text);
            assert_eq!(t.to_http_date(), http);
            assert_eq!(Timestamp::parse_rfc3339(rfc3339), Some(t));
        }
    }

    #[test]
    fn never_stays_never() {
        assert!(Timestamp::NEVER.plus_secs(-5).is_never());
        assert!(Timestamp::NEVER > Timestamp::from_secs(253_402_300_799));
    }

    #[test]
    fn halves_round_up() {
        assert_eq!(
            Timestamp::from_micros(1_500_000).round_to_secs(),
            Timestamp::from_secs(2)
        );
        assert_eq!(
            Timestamp::from_micros(1_499_999).round_to_secs(),
            Timestamp::from_secs(1)
        );
    }
}
