use oauth_types::Duration;

/// The pattern that durations are held against, as it appears in messages.
pub(crate) const PATTERN: &str = r"^(\d+(ns|us|ms|s|m|h))+$";

/// Reads `1h5m1s`: integers with a unit, concatenated; no sign, no fraction, no days. `None` for
/// anything else and for more than a 64-bit count of nanoseconds (292 years).
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut nanos: i64 = 0;
    loop {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, tail) = rest.split_at(digits);
        let letters = tail
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let number: i64 = number.parse().ok()?;
        nanos = nanos.checked_add(number.checked_mul(nanos_per(unit)?)?)?;
        if tail.is_empty() {
            return Some(Duration::from_nanos(nanos));
        }
        rest = tail;
    }
}

fn nanos_per(unit: &str) -> Option<i64> {
    Some(match unit {
        "ns" => 1,
        "us" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_whole_numbers_with_units() {
        for (text, nanos) in [
            ("1h", Some(3_600_000_000_000)),
            ("1h30m15s250ms", Some(5_415_250_000_000)),
            ("0s", Some(0)),
            ("5ns5us", Some(5_005)),
            ("2562047h", Some(9_223_369_200_000_000_000)),
            ("2562048h", None),
            ("99999999999999999999s", None),
            ("1d", None),
            ("10", None),
            ("1.5h", None),
            ("-5m", None),
            ("", None),
            ("1 h", None),
            ("h", None),
            ("1h ", None),
            ("1H", None),
        ] {
            assert_eq!(parse(text).map(Duration::as_nanos), nanos, "{text}");
        }
    }
}
