//! From places and rules to frames of an open video. Window and command line select with it as the task does, so that a rule gives
//! the same frames wherever it is resolved.

use std::fmt;
use std::time::Duration;

use posterframe_contract::{MAX_STILLS, Moment, Position, Rule, Selector, Stride, TaskExit};
use posterframe_frame::{Pick, Video};

use crate::exit::frame_exit;

/// Most frames that a log line names one by one: what there are more is in the manifest.
const MAX_NAMED: usize = 20;

/// A frame that is selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picked {
    /// The position that leads to it, or at which it is looked for.
    pub position: Position,
    /// Its number, counted from 0 in the order of display, where it is known.
    pub number: Option<u64>,
    /// How good a still it makes, from 0 to 100, where the rule `best` chose it.
    pub score: Option<u8>,
}

/// Frames that are selected, in the order of what selects them.
#[derive(Clone, Debug, Default)]
pub struct Selection(Vec<Picked>);

/// Why nothing, or not that, can be selected.
#[derive(Debug, thiserror::Error)]
pub enum SelectError {
    /// The video has no such frame, or cannot be read.
    #[error(transparent)]
    Frame(#[from] posterframe_frame::Error),
    /// A rule gives none.
    #[error("no frame fits the rule “{0}”")]
    Nothing(Rule),
    /// A task makes fewer.
    #[error(
        "a task makes at most {MAX_STILLS} stills, and with “{0}” these are more: take a longer step or a smaller count"
    )]
    TooMany(Selector),
}

impl SelectError {
    /// How a task exits for it.
    pub fn exit(&self) -> TaskExit {
        match self {
            Self::Frame(error) => frame_exit(error),
            Self::TooMany(_) => TaskExit::BadConfiguration,
            Self::Nothing(_) => TaskExit::OutputImpossible,
        }
    }
}

impl Selection {
    /// What is selected so far.
    pub fn frames(&self) -> &[Picked] {
        &self.0
    }

    /// Selects whatever is at a time. Whether there is a frame is seen where it is decoded.
    ///
    /// # Errors
    /// They are too many.
    pub fn add_time(&mut self, position: Position) -> Result<(), SelectError> {
        self.0.push(Picked {
            position,
            number: None,
            score: None,
        });
        self.limited(Selector::At(Moment::Time(position)))
    }

    /// Selects what `selector` says, and tells which of [`Self::frames`] that is. A frame of a rule that is selected already is not
    /// selected once more. `progress` is told what part of the work is done, from 0 to 1.
    ///
    /// # Errors
    /// There is no such frame, or they are too many. Then what was selected before still is.
    pub fn add(
        &mut self,
        video: &mut Video,
        selector: Selector,
        progress: &mut dyn FnMut(f64),
    ) -> Result<Vec<usize>, SelectError> {
        let before = self.0.len();
        let added = match selector {
            Selector::At(Moment::Time(position)) => {
                self.add_time(position)?;
                return Ok(vec![before]);
            }
            Selector::At(moment) => {
                let found = picked(&video.pick(frame_place(moment))?);
                let number = match moment {
                    Moment::Frame(number) => Some(number),
                    _ => found.number,
                };
                self.0.push(Picked { number, ..found });
                vec![before]
            }
            Selector::Rule(rule) => {
                let found = video.picks(of_frames(rule), progress);
                let found = found.map_err(|error| match error {
                    posterframe_frame::Error::TooManyFrames(_) => SelectError::TooMany(selector),
                    error => error.into(),
                })?;
                if found.is_empty() {
                    return Err(SelectError::Nothing(rule));
                }
                found.iter().map(|pick| self.add_once(picked(pick))).collect()
            }
        };
        let limited = self.limited(selector);
        if limited.is_err() {
            self.0.truncate(before);
        }
        limited.map(|()| added)
    }

    /// Where the frame is among those that are selected, from now on at least.
    fn add_once(&mut self, new: Picked) -> usize {
        let same = self.0.iter().position(|old| old.position == new.position);
        let at = same.unwrap_or(self.0.len());
        match self.0.get_mut(at) {
            Some(old) => {
                old.number = old.number.or(new.number);
                old.score = old.score.or(new.score);
            }
            None => self.0.push(new),
        }
        at
    }

    fn limited(&self, newest: Selector) -> Result<(), SelectError> {
        if self.0.len() > MAX_STILLS {
            return Err(SelectError::TooMany(newest));
        }
        Ok(())
    }
}

fn picked(pick: &Pick) -> Picked {
    Picked {
        position: position_at(pick.position),
        number: pick.number,
        score: pick.score,
    }
}

/// What a place or a rule became, as a log says it: `best 1: frame 75 at 00:00:03.000, score 71`.
pub(crate) struct Became<'a> {
    pub(crate) selector: Selector,
    pub(crate) frames: &'a [Picked],
}

impl fmt::Display for Became<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.selector)?;
        if self.frames.len() != 1 {
            write!(f, "{} frames: ", self.frames.len())?;
        }
        for (index, frame) in self.frames.iter().take(MAX_NAMED).enumerate() {
            f.write_str(if index == 0 { "frame" } else { "; frame" })?;
            if let Some(number) = frame.number {
                write!(f, " {number}")?;
            }
            write!(f, " at {}", frame.position)?;
            if let Some(score) = frame.score {
                write!(f, ", score {score}")?;
            }
        }
        match self.frames.len().saturating_sub(MAX_NAMED) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

/// A place in the terms of the frame library.
pub const fn frame_place(moment: Moment) -> posterframe_frame::Moment {
    use posterframe_frame::Moment as Place;
    match moment {
        Moment::Time(position) => Place::Time(time_at(position)),
        Moment::Frame(number) => Place::Number(number),
        Moment::Part(part) => Place::Part(part.millionths()),
        Moment::Last => Place::Last,
        Moment::FromEnd(distance) => Place::FromEnd(time_at(distance)),
        Moment::Timecode(timecode) => Place::Timecode(timecode),
    }
}

/// A position as a time since the start of the video.
pub const fn time_at(position: Position) -> Duration {
    Duration::from_micros(position.as_micros())
}

/// A time since the start of the video as it is written and submitted: in whole microseconds.
pub const fn position_at(time: Duration) -> Position {
    Position::from_micros(time.as_micros() as u64)
}

/// A rule in the terms of the frame library.
fn of_frames(rule: Rule) -> posterframe_frame::Rule {
    use posterframe_frame::Rule as Frames;
    match rule {
        Rule::Every(Stride::Time(step)) => Frames::Every(posterframe_frame::Stride::Time(
            Duration::from_micros(step.as_micros()),
        )),
        Rule::Every(Stride::Frames(count)) => Frames::Every(posterframe_frame::Stride::Frames(count.get())),
        Rule::Count(count) => Frames::Count(count),
        Rule::Keyframes => Frames::Keyframes,
        Rule::Scenes => Frames::Scenes,
        Rule::Best { count, apart } => Frames::Best {
            count,
            apart: apart.map_or(Duration::ZERO, |apart| Duration::from_micros(apart.as_micros())),
        },
    }
}

#[cfg(test)]
mod tests {
    use posterframe_frame::Options;

    use super::*;

    fn sample() -> Video {
        let clip = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/sample.mp4");
        let options = Options {
            max_picks: MAX_STILLS,
            ..Options::default()
        };
        Video::open_with(&clip, options).unwrap()
    }

    fn selector(text: &str) -> Selector {
        text.parse().unwrap()
    }

    fn add(selection: &mut Selection, video: &mut Video, text: &str) -> Result<Vec<usize>, SelectError> {
        selection.add(video, selector(text), &mut |_| {})
    }

    // Breaks if a frame that two rules give is made twice, a place that leads nowhere takes others with it, or the order is
    // another one than the request's.
    #[test]
    fn each_frame_once_in_the_order_of_what_selects_it() {
        let (mut video, mut selection) = (sample(), Selection::default());
        assert_eq!(add(&mut selection, &mut video, "253f").unwrap(), [0]);
        assert_eq!(add(&mut selection, &mut video, "every 5s").unwrap(), [1, 2, 3]);
        for nowhere in ["9000f", "-1:00", "01:00:10:13"] {
            add(&mut selection, &mut video, nowhere).unwrap_err();
        }
        assert_eq!(add(&mut selection, &mut video, "every 120f").unwrap(), [1, 2, 3]);
        assert_eq!(add(&mut selection, &mut video, "1:00").unwrap(), [4]);
        let micros = selection.frames().iter().map(|frame| frame.position.as_micros());
        assert_eq!(
            micros.collect::<Vec<_>>(),
            [10_541_000, 0, 5_000_000, 10_000_000, 60_000_000]
        );
        // The second rule knows the numbers of the frames.
        assert_eq!(selection.frames()[2].number, Some(120));
    }

    // Breaks if a rule can make a task of any length, or what was selected before it is lost.
    #[test]
    fn no_more_than_a_task_makes() {
        let (mut video, mut selection) = (sample(), Selection::default());
        for _ in 0..MAX_STILLS - 3 {
            selection.add_time(Position::default()).unwrap();
        }
        let error = add(&mut selection, &mut video, "count 4").unwrap_err();
        assert_eq!(error.exit(), TaskExit::BadConfiguration);
        assert!(
            error
                .to_string()
                .contains("at most 1000 stills, and with “count 4”"),
            "{error}"
        );
        assert_eq!(
            add(&mut selection, &mut video, "count 3").unwrap(),
            [997, 998, 999]
        );
        assert!(selection.add_time(Position::default()).is_err());
    }

    // Breaks if a log line of many frames grows without end.
    #[test]
    fn a_line_is_short() {
        let frame = Picked {
            position: Position::from_micros(3_000_000),
            number: Some(75),
            score: Some(71),
        };
        let line = |selector, frames: &[Picked]| Became { selector, frames }.to_string();
        assert_eq!(
            line(selector("best 1"), &[frame]),
            "best 1: frame 75 at 00:00:03.000, score 71"
        );
        let many = line(selector("every 0.1s"), &vec![frame; 1_000]);
        assert!(many.starts_with("every 0.1s: 1000 frames: frame 75 at"), "{many}");
        assert!(many.ends_with("; and 980 more") && many.len() < 1_000, "{many}");
    }
}
