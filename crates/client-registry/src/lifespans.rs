use oauth_types::Duration;

/// How long tokens of a client live where that differs from the server's settings.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Lifespans {
    /// `authorization_code_grant_access_token_lifespan`.
    pub authorization_code_grant_access_token: Option<Duration>,
    /// `authorization_code_grant_id_token_lifespan`.
    pub authorization_code_grant_id_token: Option<Duration>,
    /// `authorization_code_grant_refresh_token_lifespan`.
    pub authorization_code_grant_refresh_token: Option<Duration>,
    /// `client_credentials_grant_access_token_lifespan`.
    pub client_credentials_grant_access_token: Option<Duration>,
    /// `implicit_grant_access_token_lifespan`.
    pub implicit_grant_access_token: Option<Duration>,
    /// `implicit_grant_id_token_lifespan`.
    pub implicit_grant_id_token: Option<Duration>,
    /// `jwt_bearer_grant_access_token_lifespan`.
    pub jwt_bearer_grant_access_token: Option<Duration>,
    /// `refresh_token_grant_id_token_lifespan`.
    pub refresh_token_grant_id_token: Option<Duration>,
    /// `refresh_token_grant_access_token_lifespan`.
    pub refresh_token_grant_access_token: Option<Duration>,
    /// `refresh_token_grant_refresh_token_lifespan`.
    pub refresh_token_grant_refresh_token: Option<Duration>,
}

const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Reads a duration as Go writes it: an optional sign, then groups of a decimal number and a unit
/// (`ns`, `us`, `ms`, `s`, `m`, `h`) that add up; `0` needs no unit.
///
/// # Errors
/// A sentence that names the text.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let invalid = || format!("time: invalid duration \"{text}\"");
    let (negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (whole, behind) = digits(rest);
        let (fraction, behind) = match behind.strip_prefix('.') {
            Some(behind) => digits(behind),
            None => ("", behind),
        };
        if whole.is_empty() && fraction.is_empty() {
            return Err(invalid());
        }
        let end = behind
            .find(|c: char| c == '.' || c.is_ascii_digit())
            .unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(end);
        if unit.is_empty() {
            return Err(format!("time: missing unit in duration \"{text}\""));
        }
        let scale = UNITS.iter().find(|(name, _)| *name == unit);
        let Some((_, scale)) = scale else {
            return Err(format!(
                "time: unknown unit \"{unit}\" in duration \"{text}\""
            ));
        };
        total = group(whole, fraction, *scale)
            .and_then(|nanos| total.checked_add(nanos))
            .filter(|total| *total <= 1 << 63)
            .ok_or_else(invalid)?;
        rest = behind;
    }
    let nanos = if negative {
        0_i64.checked_sub_unsigned(total)
    } else {
        i64::try_from(total).ok()
    };
    nanos.map(Duration::from_nanos).ok_or_else(invalid)
}

/// Writes a duration as Go does: hours are not folded into days, minutes and seconds follow a larger
/// unit even where they are zero, and less than a second is in one of the small units.
#[must_use]
pub fn print_duration(duration: Duration) -> String {
    let nanos = duration.as_nanos().unsigned_abs();
    let sign = if duration.as_nanos() < 0 { "-" } else { "" };
    let (secs, below) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    if nanos == 0 {
        return "0s".to_owned();
    }
    if secs == 0 {
        let (scale, unit) = match nanos {
            0..1_000 => (1, "ns"),
            1_000..1_000_000 => (1_000, "\u{b5}s"),
            _ => (1_000_000, "ms"),
        };
        return format!(
            "{sign}{}{unit}",
            decimal(nanos / scale, nanos % scale, scale)
        );
    }
    let seconds = decimal(secs % 60, below, 1_000_000_000);
    match (secs / 3600, secs / 60 % 60) {
        (0, 0) => format!("{sign}{seconds}s"),
        (0, minutes) => format!("{sign}{minutes}m{seconds}s"),
        (hours, minutes) => format!("{sign}{hours}h{minutes}m{seconds}s"),
    }
}

fn digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

/// Nanoseconds of one group; what is finer than a nanosecond is cut off.
fn group(whole: &str, fraction: &str, scale: u64) -> Option<u64> {
    let whole: u64 = match whole {
        "" => 0,
        digits => digits.parse().ok()?,
    };
    let nanos = whole.checked_mul(scale)?;
    let (mut part, mut divisor) = (0_u128, 1_u128);
    // Digits behind the 18th are worth less than a nanosecond, even those of hours.
    for digit in fraction.bytes().take(18) {
        part = part * 10 + u128::from(digit - b'0');
        divisor *= 10;
    }
    let part = part * u128::from(scale) / divisor;
    nanos.checked_add(u64::try_from(part).ok()?)
}

fn decimal(whole: u64, below: u64, scale: u64) -> String {
    if below == 0 {
        return whole.to_string();
    }
    let width = scale.ilog10() as usize;
    let fraction = format!("{below:0width$}");
    format!("{whole}.{}", fraction.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, printed: &str) {
        let duration = parse_duration(text).unwrap();
        assert_eq!(print_duration(duration), printed, "{text}");
        assert_eq!(parse_duration(printed), Ok(duration), "{printed}");
    }

    #[test]
    fn durations_come_back_in_one_form() {
        for (text, printed) in [
            ("1h", "1h0m0s"),
            ("90m", "1h30m0s"),
            ("720h", "720h0m0s"),
            ("90s", "1m30s"),
            ("30s", "30s"),
            ("1500ms", "1.5s"),
            ("100ms", "100ms"),
            ("1us", "1\u{b5}s"),
            ("1\u{b5}s", "1\u{b5}s"),
            ("1\u{3bc}s", "1\u{b5}s"),
            ("1ns", "1ns"),
            ("0", "0s"),
            ("-0", "0s"),
            ("0s", "0s"),
            ("-1h", "-1h0m0s"),
            ("+5m", "5m0s"),
            ("1.5h", "1h30m0s"),
            ("1h30m", "1h30m0s"),
            ("1m1h", "1h1m0s"),
            ("1h1h", "2h0m0s"),
            (".5s", "500ms"),
            ("1.s", "1s"),
            ("-0.5s", "-500ms"),
            ("1.5us", "1.5\u{b5}s"),
            ("1.5ms", "1.5ms"),
            ("2562047h", "2562047h0m0s"),
            ("1h0m0.000000001s", "1h0m0.000000001s"),
            ("0.0000000019s", "1ns"),
            ("2562047h47m16.854775807s", "2562047h47m16.854775807s"),
            ("-2562047h47m16.854775808s", "-2562047h47m16.854775808s"),
        ] {
            check(text, printed);
        }
    }

    #[test]
    fn what_is_no_duration_is_refused_in_go_s_words() {
        for (text, why) in [
            ("", "time: invalid duration \"\""),
            (" ", "time: invalid duration \" \""),
            ("x", "time: invalid duration \"x\""),
            ("h", "time: invalid duration \"h\""),
            ("-", "time: invalid duration \"-\""),
            (".s", "time: invalid duration \".s\""),
            (" 1h", "time: invalid duration \" 1h\""),
            ("1", "time: missing unit in duration \"1\""),
            ("3600", "time: missing unit in duration \"3600\""),
            ("1d", "time: unknown unit \"d\" in duration \"1d\""),
            ("1H", "time: unknown unit \"H\" in duration \"1H\""),
            ("1 h", "time: unknown unit \" h\" in duration \"1 h\""),
            ("1h ", "time: unknown unit \"h \" in duration \"1h \""),
            ("1h-5m", "time: unknown unit \"h-\" in duration \"1h-5m\""),
            ("1e3s", "time: unknown unit \"e\" in duration \"1e3s\""),
            ("2562048h", "time: invalid duration \"2562048h\""),
            (
                "2562047h47m16.854775808s",
                "time: invalid duration \"2562047h47m16.854775808s\"",
            ),
            (
                "99999999999999999999s",
                "time: invalid duration \"99999999999999999999s\"",
            ),
        ] {
            assert_eq!(parse_duration(text), Err(why.to_owned()));
        }
    }
}
