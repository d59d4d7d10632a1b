//! Positions in the unit that is chosen: time, timecode, or frame number; and places that are typed in it.

use std::time::Duration;

use posterframe_contract::{Entry, Moment, Position, TimecodeRate};
use posterframe_frame::Timecodes;

use super::{OpenVideo, position_at, time_at};
use crate::format::DisplayUnit;

/// What can be typed.
const EXPECTED: &str = "Type a time such as 10.5, 1:02.5 or 01:02:03.500, a timecode such as 01:00:10:13, a frame such as 253f, 50%, last or -5s";

impl OpenVideo {
    /// Its timecodes.
    ///
    /// # Errors
    /// Why there are none, as a sentence.
    pub fn timecodes(&self) -> Result<Timecodes, String> {
        let unknown = || "The video is not open yet".to_owned();
        let info = self.info.as_ref().ok_or_else(unknown)?;
        let timecodes = self.timecodes.as_ref().unwrap_or(&info.timecodes);
        timecodes
            .as_ref()
            .map(|timecodes| *timecodes)
            .map_err(|reason| posterframe_client::capitalized(&reason.to_string()))
    }

    /// A position in the chosen unit.
    pub fn shown(&self, position: Position) -> String {
        let number = self.number_of(time_at(position)).map(|number| number as u64);
        self.unit.text(position, number, self.timecodes().ok().as_ref())
    }

    /// The next unit that the video has.
    pub fn next_unit(&self) -> DisplayUnit {
        let all = DisplayUnit::ALL;
        let at = all.iter().position(|unit| *unit == self.unit).unwrap_or_default();
        let next = all[(at + 1) % all.len()];
        match next {
            DisplayUnit::Timecode if self.timecodes().is_err() => DisplayUnit::Frame,
            next => next,
        }
    }

    /// Goes to a typed place: a time, a timecode, a frame's number, a part of the way, the last frame, or so far from here.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub fn go_to_typed(&mut self, typed: &str) -> Result<(), String> {
        let is_number = !typed.is_empty() && typed.bytes().all(|byte| byte.is_ascii_digit());
        let entry = match typed.parse() {
            Ok(number) if self.unit == DisplayUnit::Frame && is_number => Entry::To(Moment::Frame(number)),
            _ => Entry::parse(typed, self.unit.counts_frames()).map_err(|_| EXPECTED.to_owned())?,
        };
        if let Entry::To(Moment::Time(position)) = entry {
            let time = time_at(position);
            if let Some(index) = self.index.as_deref().filter(|index| index.is_exact())
                && let Some(last) = index.len().checked_sub(1)
                && index.number_at(time).is_none()
            {
                let last = position_at(index.position(last));
                return Err(format!("The last frame is at {}", self.shown(last)));
            }
            self.go_to(time);
            return Ok(());
        }
        let time = self.time_of(entry)?;
        self.go_to(time);
        Ok(())
    }

    fn time_of(&self, entry: Entry) -> Result<Duration, String> {
        let Some(index) = self.index.as_deref().filter(|index| !index.is_empty()) else {
            return Err("The frames are still being counted".to_owned());
        };
        let last = index.len() - 1;
        let end = index.position(last);
        let of_number = |number: u64| match usize::try_from(number) {
            Ok(number) if number <= last => Ok(index.position(number)),
            _ => Err(format!("The last frame is {last}")),
        };
        match entry {
            Entry::By(step) => {
                let rate = self.timecodes().ok().map(|timecodes| timecodes.scale().rate());
                let told = self.info.as_ref().and_then(|info| info.frame_rate);
                let rate = rate.or_else(|| TimecodeRate::of(told?, false));
                let rate = rate.ok_or("The video tells no frame rate: type a time")?;
                let here = self.number().ok_or("The frames are still being counted")?;
                let number = (here as i64).saturating_add(step.frames(rate));
                Ok(index.position(number.clamp(0, last as i64) as usize))
            }
            Entry::To(Moment::Time(position)) => Ok(time_at(position)),
            Entry::To(Moment::Frame(number)) => of_number(number),
            Entry::To(Moment::Part(part)) => Ok(end.mul_f64(f64::from(part.millionths()) / 1e8)),
            Entry::To(Moment::FromEnd(distance)) => end
                .checked_sub(time_at(distance))
                .ok_or_else(|| format!("The last frame is at {}", self.shown(position_at(end)))),
            Entry::To(Moment::Last) => Ok(end),
            Entry::To(Moment::Timecode(timecode)) => {
                let scale = self.timecodes()?.scale();
                let number = scale
                    .number(timecode)
                    .map_err(|error| posterframe_client::capitalized(&error.to_string()))?;
                if number > last as u64 {
                    let (first, last) = (scale.start(), scale.timecode(last as u64));
                    return Err(format!("The video has {first} to {last}"));
                }
                of_number(number)
            }
        }
    }
}
