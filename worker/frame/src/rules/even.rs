//! Frames at equal distances, and keyframes.

use std::time::Duration;

use super::places::Place;
use crate::Error;
use crate::frame::{to_ticks, to_time};
use crate::video::Video;

impl Video {
    pub(super) fn every_time(
        &mut self,
        step: Duration,
        progress: &mut dyn FnMut(f64),
    ) -> Result<Vec<Place>, Error> {
        let time_base = self.time_base();
        let step = u64::try_from(step.as_micros()).unwrap_or(u64::MAX).max(1);
        let at = |number: u64| Duration::from_micros(number.saturating_mul(step));
        let whole = self.info.duration.unwrap_or_default().as_secs_f64();
        let (mut places, mut number) = (Vec::new(), 0_u64);
        while let Some(place) = self.place_from(to_ticks(at(number), time_base))? {
            places.push(place);
            self.allow_picks(places.len())?;
            let time = to_time(place.pts, time_base);
            progress(time.as_secs_f64() / whole.max(f64::MIN_POSITIVE));
            // Frames may be further apart than the steps.
            number = (time.as_micros() as u64 / step).max(number) + 1;
            if at(number) == Duration::from_micros(u64::MAX) {
                break;
            }
            while to_ticks(at(number), time_base) <= place.pts {
                number += 1;
            }
        }
        Ok(places)
    }

    pub(super) fn every_frames(&mut self, step: u64) -> Result<Vec<Place>, Error> {
        let count = self.exact_index()?.len() as u64;
        let step = usize::try_from(step.max(1)).unwrap_or(usize::MAX);
        (0..count)
            .step_by(step)
            .map(|number| self.place_of(number))
            .collect()
    }

    pub(super) fn evenly(&mut self, count: u32, progress: &mut dyn FnMut(f64)) -> Result<Vec<Place>, Error> {
        let last = self.last_pts()?;
        let last = to_time(last, self.time_base()).as_micros();
        let mut places: Vec<Place> = Vec::new();
        for number in 0..count {
            let micros = last * u128::from(2 * u64::from(number) + 1) / u128::from(2 * u64::from(count));
            let place = self.place_at(Duration::from_micros(micros as u64))?;
            if places.last().is_none_or(|newest| newest.pts < place.pts) {
                places.push(place);
            }
            progress(f64::from(number + 1) / f64::from(count));
        }
        Ok(places)
    }

    pub(super) fn all_keyframes(&mut self) -> Result<Vec<Place>, Error> {
        let numbers = self.exact_index()?.keyframes().to_vec();
        numbers
            .into_iter()
            .map(|number| self.place_of(number as u64))
            .collect()
    }
}
