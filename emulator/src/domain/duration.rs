//! Durations as text: `500ms`, `90s`, `3m`, `1h`, `2d` or `4w` on the command line and in control routes, and `3 minutes`
//! or `4 weeks` in settings, as Descope's Terraform provider writes them. Both forms are accepted everywhere.

use std::time::Duration;

/// The units of durations in settings, longest first, each with its seconds.
const UNITS: [(&str, u64); 5] = [
    ("weeks", 7 * 24 * 3600),
    ("days", 24 * 3600),
    ("hours", 3600),
    ("minutes", 60),
    ("seconds", 1),
];

/// Parses a duration such as `500ms`, `90s`, `3m`, `1h`, `2d`, `4w`, `5` (seconds) or `3 minutes`.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit());
    let (number, unit) = text.split_at(digits.unwrap_or(text.len()));
    let number: u64 = number
        .parse()
        .map_err(|_| "a duration is a number with a unit: 500ms, 90s, 3m or 1h".to_owned())?;
    let unit = unit.trim_start();
    if unit == "ms" {
        return Ok(Duration::from_millis(number));
    }
    match seconds_of(unit) {
        Some(seconds) => Ok(Duration::from_secs(number.saturating_mul(seconds))),
        None => Err(format!(
            "`{unit}` is not a unit of time: use ms, s, m, h, d or w, or seconds, minutes, hours, days or weeks"
        )),
    }
}

/// How many seconds a unit has. `None` if there is no such unit.
fn seconds_of(unit: &str) -> Option<u64> {
    match unit {
        "" | "s" => Some(1),
        "m" => Some(60),
        "h" => Some(3600),
        "d" => Some(24 * 3600),
        "w" => Some(7 * 24 * 3600),
        word => {
            let is_word = |name: &str| name == word || name.strip_suffix('s') == Some(word);
            let found = UNITS.iter().find(|(name, _)| is_word(name));
            found.map(|(_, seconds)| *seconds)
        }
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

/// Formats a duration as settings show it: `4 weeks`. A part of a second is shown in milliseconds.
pub(crate) fn format_in_words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let divides = |(_, unit): &&(&str, u64)| seconds >= *unit && seconds.is_multiple_of(*unit);
    match UNITS.iter().find(divides) {
        _ if duration.subsec_nanos() != 0 => format_duration(duration),
        Some((name, unit)) => format!("{} {name}", seconds / unit),
        None => "0 seconds".to_owned(),
    }
}

/// For `#[serde(with = "…")]` on a duration in settings.
pub(super) mod in_words {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        duration: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::format_in_words(*duration))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        let text = String::deserialize(deserializer)?;
        super::parse_duration(&text).map_err(serde::de::Error::custom)
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
        assert_eq!(
            parse_duration("4 weeks"),
            Ok(Duration::from_secs(2_419_200))
        );
        assert_eq!(parse_duration("1 hour"), parse_duration("1h"));
        assert_eq!(parse_duration("4w"), parse_duration("28d"));
        assert_eq!(parse_duration("28d"), parse_duration("4 weeks"));
        assert!(parse_duration("3y").is_err());
        assert!(parse_duration("").is_err());
    }

    #[test]
    fn durations_in_words_have_the_longest_unit_that_fits_and_can_be_parsed() {
        for (text, words) in [
            ("672h", "4 weeks"),
            ("25h", "25 hours"),
            ("90s", "90 seconds"),
            ("180s", "3 minutes"),
            ("0s", "0 seconds"),
            ("1500ms", "1500ms"),
        ] {
            let duration = parse_duration(text).unwrap_or_default();
            assert_eq!(format_in_words(duration), words);
            assert_eq!(parse_duration(words), Ok(duration));
        }
    }

    #[test]
    fn signed_durations_are_parsed_as_milliseconds() {
        assert_eq!(parse_signed_duration("-12m"), Ok(-720_000));
        assert_eq!(parse_signed_duration("+500ms"), Ok(500));
        assert_eq!(parse_signed_duration("5"), Ok(5000));
        for invalid in ["--5s", "-", "", "5y", "9999999999999999999h"] {
            assert!(parse_signed_duration(invalid).is_err(), "{invalid}");
        }
    }
}
