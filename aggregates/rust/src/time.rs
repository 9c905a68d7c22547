// SPDX-License-Identifier: MIT
//! Instants, as events have them and states show them.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

const SECONDS_PER_DAY: i64 = 86_400;
/// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
const FIRST_SECOND: i64 = -62_135_596_800;
const LAST_SECOND: i64 = 253_402_300_799;

/// An instant in UTC, of the years 1 to 9999. In a state's JSON it is RFC 3339 with `Z` and no more
/// digits than needed; an `Option<Time>` that may be absent wants
/// `#[serde(skip_serializing_if = "Option::is_none")]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time {
    seconds: i64,
    nanos: u32,
}

impl Time {
    /// Seconds since 1970-01-01T00:00:00Z, and nanoseconds behind that second; `None` where that is
    /// no instant of these years.
    pub fn new(seconds: i64, nanos: u32) -> Option<Time> {
        let good = (FIRST_SECOND..=LAST_SECOND).contains(&seconds) && nanos < 1_000_000_000;
        good.then_some(Time { seconds, nanos })
    }

    pub fn seconds(self) -> i64 {
        self.seconds
    }

    pub fn nanos(self) -> u32 {
        self.nanos
    }

    /// RFC 3339 with any offset and up to nine digits of fraction. A leap second (only where it is
    /// 23:59:60 in UTC) is the first second of the next minute.
    pub fn parse(text: &str) -> Option<Time> {
        let bytes = text.as_bytes();
        let (front, rest) = (bytes.get(..19)?, bytes.get(19..)?);
        if front[4] != b'-' || front[7] != b'-' || front[13] != b':' || front[16] != b':' || front[10] | 32 != b't' {
            return None;
        }
        let year = digits(&front[..4])?;
        let (month, day) = (digits(&front[5..7])?, digits(&front[8..10])?);
        let (hour, minute, second) = (digits(&front[11..13])?, digits(&front[14..16])?, digits(&front[17..19])?);
        if !is_date(year, month, day) || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let (nanos, rest) = parse_fraction(rest)?;
        let minutes = days_from_date(year, month, day) * 1440 + hour * 60 + minute - parse_offset(rest)?;
        let seconds = minutes * 60 + second;
        if second == 60 && seconds.rem_euclid(SECONDS_PER_DAY) != 0 {
            return None;
        }
        Time::new(seconds, nanos)
    }

    /// A JSON number: below 1e11 (by magnitude) seconds, else milliseconds; exact to the
    /// nanosecond, further digits are cut.
    pub(crate) fn from_number(token: &str) -> Option<Time> {
        let (mantissa, exponent) = match token.find(['e', 'E']) {
            Some(at) => (&token[..at], clamped(&token[at + 1..])),
            None => (token, 0),
        };
        let (negative, mantissa) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa),
        };
        let point = mantissa.find('.').unwrap_or(mantissa.len());
        let digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
        let zeros = digits.iter().take_while(|digit| **digit == 0).count();
        let digits = &digits[zeros..];
        // With 0.d1d2… × 10^place and d1 not 0, place > 11 says exactly: at least 1e11.
        let mut place = point as i64 - zeros as i64 + exponent;
        if digits.is_empty() {
            return Time::new(0, 0);
        }
        if place > 11 {
            place -= 3;
        }
        if place > 12 {
            return None;
        }
        let digit = |at: i64| usize::try_from(place + at).ok().and_then(|at| digits.get(at)).copied().unwrap_or(0);
        let seconds = (-12..0).fold(0, |sum, at| sum * 10 + i64::from(digit(at)));
        let nanos = (0..9).fold(0, |sum, at| sum * 10 + u32::from(digit(at)));
        match (negative, nanos) {
            (false, _) => Time::new(seconds, nanos),
            (true, 0) => Time::new(-seconds, 0),
            (true, _) => Time::new(-seconds - 1, 1_000_000_000 - nanos),
        }
    }
}

/// An exponent, where more than some millions either way is as good as those.
fn clamped(text: &str) -> i64 {
    let magnitude = text.trim_start_matches(['+', '-']).bytes();
    let value = magnitude.fold(0, |sum: i64, digit| (sum * 10 + i64::from(digit - b'0')).min(1 << 40));
    if text.starts_with('-') {
        -value
    } else {
        value
    }
}

fn digits(bytes: &[u8]) -> Option<i64> {
    bytes.iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
}

fn parse_fraction(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let rest = match bytes {
        [b'.', rest @ ..] => rest,
        _ => return Some((0, bytes)),
    };
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if count == 0 || count > 9 {
        return None;
    }
    let value = digits(&rest[..count])? as u32 * 10u32.pow(9 - count as u32);
    Some((value, &rest[count..]))
}

/// Z, or hours and minutes ahead of UTC, in minutes.
fn parse_offset(bytes: &[u8]) -> Option<i64> {
    match bytes {
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), hours @ .., b':', tens, ones] if hours.len() == 2 => {
            let (hours, minutes) = (digits(hours)?, digits(&[*tens, *ones])?);
            let offset = hours * 60 + minutes;
            (hours <= 23 && minutes <= 59).then_some(if *sign == b'-' { -offset } else { offset })
        }
        _ => None,
    }
}

fn is_date(year: i64, month: i64, day: i64) -> bool {
    const DAYS: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    (1..=12).contains(&month) && day >= 1 && day <= DAYS[month as usize - 1] + i64::from(month == 2 && leap)
}

/// Days since 1970-01-01. A year that begins on 1 March has its leap day at its end.
fn days_from_date(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn date_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march = (5 * day_of_year + 2) / 153;
    let month = if march < 10 { march + 3 } else { march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * march + 2) / 5 + 1)
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let (year, month, day) = date_from_days(self.seconds.div_euclid(SECONDS_PER_DAY));
        let second = self.seconds.rem_euclid(SECONDS_PER_DAY);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if self.nanos != 0 {
            let fraction = format!("{:09}", self.nanos);
            write!(f, ".{}", fraction.trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Time;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a time: RFC 3339, seconds or milliseconds")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Time, E> {
                Time::parse(text).ok_or_else(|| E::custom("is not a time"))
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<Time, E> {
                Time::from_number(&number.to_string()).ok_or_else(|| E::custom("is not a time"))
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<Time, E> {
                Time::from_number(&number.to_string()).ok_or_else(|| E::custom("is not a time"))
            }
        }
        deserializer.deserialize_any(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        Time::parse(text).map_or("none".into(), |time| time.to_string())
    }

    #[test]
    fn are_read_with_any_offset_and_shown_in_utc() {
        for (text, expected) in [
            ("2017-06-22T10:11:12Z", "2017-06-22T10:11:12Z"),
            ("2017-06-22t10:11:12.120z", "2017-06-22T10:11:12.12Z"),
            ("2017-06-22T10:11:12.123456789+02:30", "2017-06-22T07:41:12.123456789Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"),
            ("2016-02-29T00:00:00-23:59", "2016-02-29T23:59:00Z"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
            ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z"),
        ] {
            assert_eq!(shown(text), expected);
        }
        for text in [
            "",
            "2017-06-22",
            "2017-06-22T10:11:12",
            "2017-06-22 10:11:12Z",
            "2017-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2017-06-22T24:00:00Z",
            "2017-06-22T10:11:60Z",
            "2017-06-22T10:11:12.Z",
            "2017-06-22T10:11:12.1234567891Z",
            "2017-06-22T10:11:12+24:00",
            "2017-06-22T10:11:12+1:00",
            "0000-12-31T23:59:59Z",
            "0001-01-01T00:00:00+00:01",
            "2017-06-22T10:11:12ZZ",
            "２017-06-22T10:11:12Z",
        ] {
            assert_eq!(shown(text), "none", "{text}");
        }
    }

    #[test]
    fn are_numbers_of_seconds_or_of_milliseconds() {
        let shown = |token| Time::from_number(token).map_or("none".into(), |time: Time| time.to_string());
        assert_eq!(shown("0"), "1970-01-01T00:00:00Z");
        assert_eq!(shown("-0.0e5"), "1970-01-01T00:00:00Z");
        assert_eq!(shown("1498126272"), "2017-06-22T10:11:12Z");
        assert_eq!(shown("1498126272123"), "2017-06-22T10:11:12.123Z");
        assert_eq!(shown("1498126272.0000000019"), "2017-06-22T10:11:12.000000001Z");
        assert_eq!(shown("1.498126272e9"), "2017-06-22T10:11:12Z");
        assert_eq!(shown("-0.5"), "1969-12-31T23:59:59.5Z");
        assert_eq!(shown("99999999999"), "5138-11-16T09:46:39Z");
        assert_eq!(shown("100000000000"), "1973-03-03T09:46:40Z");
        assert_eq!(shown("1e-400000000000000000000"), "1970-01-01T00:00:00Z");
        assert_eq!(shown("1e400000000000000000000"), "none");
        assert_eq!(shown("253402300800000"), "none");
    }

    #[test]
    fn come_back_from_a_states_json() {
        let time = Time::new(1, 5).unwrap();
        let text = serde_json::to_string(&Some(time)).unwrap();
        assert_eq!(text, "\"1970-01-01T00:00:01.000000005Z\"");
        assert_eq!(serde_json::from_str::<Option<Time>>(&text).unwrap(), Some(time));
        assert!(serde_json::from_str::<Time>("\"yesterday\"").is_err());
    }
}
