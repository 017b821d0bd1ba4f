//! Durations as text, on the command line and in control routes: `500ms`, `90s`, `3m`, `1h`.

use std::time::Duration;

/// Parses a duration such as `500ms`, `90s`, `3m`, `1h` or `5` (seconds).
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit());
    let (number, unit) = text.split_at(digits.unwrap_or(text.len()));
    let number: u64 = number
        .parse()
        .map_err(|_| "a duration is a number with a unit: 500ms, 90s, 3m or 1h".to_owned())?;
    match unit {
        "ms" => Ok(Duration::from_millis(number)),
        "" | "s" => Ok(Duration::from_secs(number)),
        "m" => Ok(Duration::from_secs(number.saturating_mul(60))),
        "h" => Ok(Duration::from_secs(number.saturating_mul(3600))),
        _ => Err(format!("`{unit}` is not a unit of time: use ms, s, m or h")),
    }
}

/// Parses a duration that may be negative, such as `-12m`. Returns milliseconds.
pub(crate) fn parse_signed_duration(text: &str) -> Result<i64, String> {
    let text = text.trim();
    let (sign, duration) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let millis = i64::try_from(parse_duration(duration)?.as_millis());
    let millis = millis.map_err(|_| "the duration is too long".to_owned())?;
    Ok(sign * millis)
}

/// Formats a duration so that [`parse_duration`] can read it.
pub(crate) fn format_duration(duration: Duration) -> String {
    match duration.subsec_millis() {
        0 => format!("{}s", duration.as_secs()),
        _ => format!("{}ms", duration.as_millis()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_parsed_with_their_units() {
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("3m"), Ok(Duration::from_secs(180)));
        assert_eq!(parse_duration("5"), Ok(Duration::from_secs(5)));
        assert!(parse_duration("3d").is_err());
        assert!(parse_duration("").is_err());
    }

    #[test]
    fn signed_durations_are_parsed_as_milliseconds() {
        assert_eq!(parse_signed_duration("-12m"), Ok(-720_000));
        assert_eq!(parse_signed_duration("+500ms"), Ok(500));
        assert_eq!(parse_signed_duration("5"), Ok(5000));
        for invalid in ["--5s", "-", "", "5d", "9999999999999999999h"] {
            assert!(parse_signed_duration(invalid).is_err(), "{invalid}");
        }
    }
}
