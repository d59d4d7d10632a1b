//! Reads numbers, times and words from the front of a text, and knows where it is for the error.

use std::str::FromStr;

use super::error::SelectorError;
use crate::{Position, PositionError};

/// Digits after a point that count: millionths. What is smaller is cut off, as ffmpeg does.
const DECIMALS: usize = 6;
const MILLION: u64 = 1_000_000;

/// Here, since it is read by the same scanner as all that people type.
impl FromStr for Position {
    type Err = PositionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut scanner = Scanner::new(text.trim());
        let position = scanner.time("a time");
        let position = position.and_then(|position| scanner.end().map(|()| position));
        position.map_err(|_| PositionError::Time(text.to_owned()))
    }
}

/// A text, and how far it was read.
pub(crate) struct Scanner<'a> {
    text: &'a str,
    /// In bytes, at the start of a character.
    at: usize,
}

/// One to four numbers, and a fraction of the last one: `10.5`, `1:02`, `01:00:10:13`, `01;00;10;13`.
pub(crate) struct Numbers<'a> {
    /// Where they start, in bytes.
    pub(super) start: usize,
    /// The digits of each, with where they start. At least one digit.
    pub(super) fields: Vec<(usize, &'a str)>,
    /// One of four follows a semicolon.
    pub(super) drop: bool,
    /// The digits after the point, if there is one; maybe none.
    fraction: Option<&'a str>,
    /// There is a plus sign in front.
    plus: bool,
}

impl<'a> Scanner<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Where it is, in bytes.
    pub(super) const fn place(&self) -> usize {
        self.at
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The error of this place.
    pub(super) fn error(&self, expected: impl Into<String>) -> SelectorError {
        self.error_at(self.at, expected)
    }

    pub(super) fn error_at(&self, place: usize, expected: impl Into<String>) -> SelectorError {
        SelectorError::new(self.text, place, expected)
    }

    /// Takes what each of the first characters `is`.
    fn take(&mut self, is: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = &rest[..rest.find(|letter| !is(letter)).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }

    pub(super) fn eat(&mut self, expected: char) -> bool {
        let is_it = self.rest().starts_with(expected);
        if is_it {
            self.at += expected.len_utf8();
        }
        is_it
    }

    /// Whether there were any.
    pub(super) fn skip_spaces(&mut self) -> bool {
        !self.take(char::is_whitespace).is_empty()
    }

    /// The letters that come next; maybe none.
    pub(super) fn word(&mut self) -> &'a str {
        self.take(|letter| letter.is_ascii_alphabetic())
    }

    /// The same, but stays where it is.
    pub(super) fn next_word(&mut self) -> &'a str {
        let at = self.at;
        let word = self.word();
        self.at = at;
        word
    }

    /// The end of the text, but for spaces.
    pub(crate) fn end(&mut self) -> Result<(), SelectorError> {
        self.skip_spaces();
        if self.rest().is_empty() {
            Ok(())
        } else {
            Err(self.error("nothing more"))
        }
    }

    /// A whole number from 1 to `max`.
    pub(super) fn count(&mut self, max: u32) -> Result<u32, SelectorError> {
        let start = self.at;
        let digits = self.take(|digit| digit.is_ascii_digit());
        let count = digits.parse().ok().filter(|count| (1..=max).contains(count));
        count.ok_or_else(|| self.error_at(start, format!("a number from 1 to {max}")))
    }

    /// `expected` says what could be here in place of numbers.
    pub(super) fn numbers(&mut self, expected: &str) -> Result<Numbers<'a>, SelectorError> {
        let start = self.at;
        let plus = self.eat('+');
        let mut fields = Vec::new();
        let mut drop = None;
        loop {
            let place = self.at;
            let digits = self.take(|digit| digit.is_ascii_digit());
            if digits.is_empty() {
                let expected = if place == start { expected } else { "a digit" };
                return Err(self.error(expected));
            }
            fields.push((place, digits));
            let separator = self.at;
            let is_drop = fields.len() < 4 && self.eat(';');
            if is_drop {
                drop = Some(drop.unwrap_or(separator));
            } else if fields.len() == 4 || !self.eat(':') {
                break;
            }
        }
        if let (Some(separator), 1..=3) = (drop, fields.len()) {
            return Err(self.error_at(
                separator,
                "four numbers where there is a semicolon, as in 01:00:10;13,",
            ));
        }
        let fraction = self.eat('.').then(|| self.take(|digit| digit.is_ascii_digit()));
        Ok(Numbers {
            start,
            fields,
            drop: drop.is_some(),
            fraction,
            plus,
        })
    }

    /// The time that `numbers` and the unit after them say; without a unit, seconds. `units` says which ones could be here.
    pub(super) fn time_of(&mut self, numbers: &Numbers, units: &str) -> Result<Position, SelectorError> {
        let place = self.at;
        let unit = match self.word() {
            "" | "s" => MILLION,
            "ms" => 1_000,
            "us" => 1,
            _ => return Err(self.error_at(place, units)),
        };
        if let Some((place, _)) = numbers.fields.get(3) {
            return Err(self.error_at(*place, "hours, minutes and seconds"));
        }
        if numbers.plus && numbers.fields.len() > 1 {
            return Err(self.error_at(numbers.start, "a digit"));
        }
        let mut seconds = Some(0_u64);
        for (index, &(place, digits)) in numbers.fields.iter().enumerate() {
            // Only the first field may exceed 59.
            let value = if index == 0 {
                digits.parse().ok()
            } else {
                Some(sixty(digits).ok_or_else(|| self.error_at(place, "0 to 59"))?)
            };
            seconds = seconds
                .and_then(|seconds| seconds.checked_mul(60))
                .zip(value)
                .and_then(|(seconds, value)| seconds.checked_add(value));
        }
        let micros = seconds
            .and_then(|seconds| seconds.checked_mul(unit))
            .and_then(|micros| micros.checked_add(numbers.millionths() * unit / MILLION));
        micros
            .filter(|&micros| micros <= Position::MAX.as_micros())
            .map(Position::from_micros)
            .ok_or_else(|| self.error_at(numbers.start, "a shorter time"))
    }

    /// `[[HH:]MM:]SS[.fraction][s|ms|us]`.
    pub(crate) fn time(&mut self, expected: &str) -> Result<Position, SelectorError> {
        let numbers = self.numbers(expected)?;
        self.time_of(&numbers, "s or ms")
    }
}

impl Numbers<'_> {
    /// Of the digits after the point, the millionths.
    pub(super) fn millionths(&self) -> u64 {
        let digits = self.fraction.unwrap_or_default();
        let digits = &digits[..digits.len().min(DECIMALS)];
        digits.parse().unwrap_or(0) * 10_u64.pow((DECIMALS - digits.len()) as u32)
    }

    /// The digits, where there is one number without a sign, a fraction or colons.
    pub(super) fn whole(&self) -> Option<&str> {
        let plain = self.fields.len() == 1 && self.fraction.is_none() && !self.plus;
        plain.then(|| self.fields[0].1)
    }

    /// The same, but there may be a fraction.
    pub(super) fn single(&self) -> Option<&str> {
        (self.fields.len() == 1 && !self.plus).then(|| self.fields[0].1)
    }

    pub(super) const fn has_fraction(&self) -> bool {
        self.fraction.is_some()
    }
}

/// One or two digits below 60.
pub(super) fn sixty(digits: &str) -> Option<u64> {
    let value = digits.parse().ok();
    value.filter(|&value| digits.len() <= 2 && value < 60)
}
