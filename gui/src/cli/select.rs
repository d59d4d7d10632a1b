//! Which frames are wanted, as the command line says it.

use posterframe_contract::{Moment, Rule, Selector, Step, Stride};

use super::marks::MarkArgs;

#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct SelectArgs {
    /// Where a frame is: 10.5, 1:02.5, 01:02:03.500, 500ms, 253f, 50%, last, -5s before the last, or a timecode such as
    /// 01:00:10:13, or 01:00:10;13 (in quotation marks for the shell); once for each frame, and
    /// all of them are one job
    #[arg(
        long,
        value_name = "POSITION",
        allow_hyphen_values = true,
        required_unless_present_any = ["sheet", "marks", "every", "count", "keyframes", "scenes", "best"]
    )]
    pub(super) at: Vec<Moment>,
    /// The first frame, and one at each further step: 10s, 0.5s or 250f
    #[arg(long, value_name = "STEP")]
    every: Option<Stride>,
    /// So many frames, evenly over the video
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    count: Option<u32>,
    /// All keyframes
    #[arg(long)]
    keyframes: bool,
    /// The first whole frame of each scene
    #[arg(long)]
    scenes: bool,
    /// So many frames that make good stills: not black, blank, blurred or like another one
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    best: Option<u32>,
    /// The least time between two of the best, such as 5s
    #[arg(long, value_name = "TIME", requires = "best")]
    apart: Option<Step>,
    #[command(flatten)]
    pub(super) marks: MarkArgs,
}

impl SelectArgs {
    /// Those places alone.
    pub(super) fn at(at: Vec<Moment>) -> Self {
        Self {
            at,
            ..Self::default()
        }
    }

    /// All that is selected: places in their order, and then the rules.
    pub(super) fn selectors(&self) -> Vec<Selector> {
        let best = self.best.map(|count| Rule::Best {
            count,
            apart: self.apart,
        });
        let rules = [
            self.every.map(Rule::Every),
            self.count.map(Rule::Count),
            self.keyframes.then_some(Rule::Keyframes),
            self.scenes.then_some(Rule::Scenes),
            best,
        ];
        let rules = rules.into_iter().flatten().map(Selector::Rule);
        self.at.iter().copied().map(Selector::At).chain(rules).collect()
    }

    /// Whether more than one frame may be selected.
    pub(super) fn may_be_several(&self) -> bool {
        let selectors = self.selectors();
        self.marks.is_given() || selectors.len() > 1 || matches!(selectors[..], [Selector::Rule(_)])
    }
}
