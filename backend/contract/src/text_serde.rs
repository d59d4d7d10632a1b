//! Serde for the types that have one spelling as text: they are stored as that text.

use std::fmt;
use std::str::FromStr;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::request::Every;
use crate::{JobId, Moment, OutputSize, Position, Step, Stride, Timecode};

macro_rules! as_text {
    ($($type:ty),*) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                parse(deserializer)
            }
        }
    )*};
}

as_text!(JobId, Moment, OutputSize, Position, Every, Step, Stride, Timecode);

fn parse<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(deserializer: D) -> Result<T, D::Error> {
    String::deserialize(deserializer)?
        .parse()
        .map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if what the history stores cannot be read back.
    #[test]
    fn round_trips() {
        let before = (JobId::new(), Position::from_micros(10_541_666));
        let text = serde_json::to_string(&before).unwrap();
        assert!(text.contains("00:00:10.541666"));
        assert_eq!(serde_json::from_str::<(JobId, Position)>(&text).unwrap(), before);
    }
}
