//! The targets of steps. With the index they are exact. Without it, they are estimated from the frame on the screen and
//! the frame rate, which finds the neighbour in nearly every video; the decoder then reports the actual frame.

use std::time::Duration;

use posterframe_frame::FrameIndex;

/// A step from the frame on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// One frame forward.
    NextFrame,
    /// One frame back.
    PreviousFrame,
    /// One second forward.
    NextSecond,
    /// One second back.
    PreviousSecond,
    /// Ten seconds forward.
    NextTenSeconds,
    /// Ten seconds back.
    PreviousTenSeconds,
    /// To the next keyframe.
    NextKeyframe,
    /// To the previous keyframe.
    PreviousKeyframe,
    /// To the first frame.
    First,
    /// To the last frame.
    Last,
}

/// The start of a step.
#[derive(Clone, Copy, Debug)]
pub struct StepOrigin<'a> {
    /// The frame's time since the start of the video.
    pub time: Duration,
    /// One unit of the stream's time base.
    pub tick: Duration,
    /// The frame rate as numerator and denominator, if it is known.
    pub frame_rate: Option<(u32, u32)>,
    /// The video's length, if it is known.
    pub duration: Option<Duration>,
    /// The index, once it is made.
    pub index: Option<&'a FrameIndex>,
}

/// The position to request; `None` if the step has no target, or needs an index that is not made yet.
pub fn target(step: Step, origin: StepOrigin<'_>) -> Option<Duration> {
    let second = Duration::from_secs(1);
    match step {
        Step::First => return Some(Duration::ZERO),
        Step::NextSecond => return Some(origin.time + second),
        Step::PreviousSecond => return Some(origin.time.saturating_sub(second)),
        Step::NextTenSeconds => return Some(origin.time + second * 10),
        Step::PreviousTenSeconds => return Some(origin.time.saturating_sub(second * 10)),
        _ => {}
    }
    let Some(index) = origin.index.filter(|index| !index.is_empty()) else {
        return without_index(step, origin);
    };
    let number = index.number_at(origin.time)?;
    let number = match step {
        Step::NextFrame => (number + 1).min(index.len() - 1),
        Step::PreviousFrame => number.saturating_sub(1),
        Step::NextKeyframe => index.next_keyframe(number)?,
        Step::PreviousKeyframe => index.previous_keyframe(number)?,
        _ => index.len() - 1,
    };
    Some(index.position(number))
}

fn without_index(step: Step, origin: StepOrigin<'_>) -> Option<Duration> {
    match step {
        Step::NextFrame => Some(origin.time + origin.tick),
        Step::PreviousFrame => {
            let (num, den) = origin.frame_rate.filter(|(num, den)| *num > 0 && *den > 0)?;
            // Half a frame before the previous frame, so that rounding cannot select a wrong one.
            let back = Duration::from_secs_f64(1.5 * f64::from(den) / f64::from(num));
            Some(origin.time.saturating_sub(back))
        }
        // For a position past the end, the decoder answers with the last frame.
        Step::Last => origin.duration,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if stepping before the index is there stays on the frame, or skips one.
    #[test]
    fn steps_before_the_index_is_there() {
        // Frame 10 at 24 frames a second.
        let time = Duration::from_nanos(416_666_666);
        let tick = Duration::from_nanos(81_380);
        let origin = StepOrigin {
            time,
            tick,
            frame_rate: Some((24, 1)),
            duration: None,
            index: None,
        };
        let next = target(Step::NextFrame, origin).unwrap();
        assert!(next > time && next < Duration::from_millis(458));
        let previous = target(Step::PreviousFrame, origin).unwrap();
        assert!(previous > Duration::from_millis(334) && previous < Duration::from_millis(374));
        assert_eq!(target(Step::NextKeyframe, origin), None);
        assert_eq!(target(Step::Last, origin), None);
        assert_eq!(target(Step::PreviousSecond, origin), Some(Duration::ZERO));
    }
}
