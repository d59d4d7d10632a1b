//! The best frames of clips of which parts are flawed: a clip for each flaw.

use std::ops::Range;
use std::time::Duration;

use posterframe_frame::{MIN_SCORE, Pick, Rule, Video};

use crate::support::{Clip, sequence};

/// Pictures of which stills can be made.
const GOOD: [&str; 2] = [
    "mandelbrot=s=480x270:r=25:start_scale=0.05:end_scale=0.01,trim=end_frame=100",
    "testsrc2=s=480x270:r=25,noise=alls=12:all_seed=7,trim=end_frame=100",
];

/// A clip of parts of a hundred frames each, at 25 frames a second.
fn clip(parts: &[&str]) -> Clip {
    let graph = sequence(parts);
    Clip::new(
        "clip.mp4",
        &format!("-f lavfi -i {graph} -c:v libx264 -pix_fmt yuv420p -g 50 -bf 2"),
    )
}

fn best(clip: &Clip, count: u32, apart: Duration) -> Vec<Pick> {
    let mut video = Video::open(&clip.path).unwrap();
    let picks = video.picks(Rule::Best { count, apart }, &mut |_| {}).unwrap();
    for pick in &picks {
        assert_eq!(video.frame_at(pick.position).unwrap().pts, pick.pts, "{pick:?}");
    }
    picks
}

/// The numbers of the frames among which the best are, each in one of `expected`.
fn check(name: &str, parts: &[&str], expected: &[Range<usize>]) -> Vec<Pick> {
    let clip = clip(parts);
    let index = clip.index();
    let picks = best(&clip, 5, Duration::ZERO);
    assert!(!picks.is_empty() && picks.len() <= 5, "{name}: {picks:?}");
    for pick in &picks {
        let number = index.number_at(pick.position).unwrap();
        let is_good = expected.iter().any(|range| range.contains(&number));
        assert!(is_good, "{name}: frame {number} of {picks:?}");
        assert!(pick.score >= Some(MIN_SCORE), "{name}: {picks:?}");
    }
    assert_eq!(picks, best(&clip, 5, Duration::ZERO), "{name}: another answer");
    picks
}

// Breaks if a frame that shows nothing is chosen.
#[test]
fn nothing_that_is_blank() {
    for (name, flawed) in [
        (
            "black",
            "color=black:s=480x270:r=25,noise=alls=6:allf=t,trim=end_frame=100",
        ),
        (
            "white",
            "color=white:s=480x270:r=25,noise=alls=6:allf=t,trim=end_frame=100",
        ),
        ("flat", "color=0x4060a0:s=480x270:r=25,trim=end_frame=100"),
    ] {
        let picks = check(
            name,
            &[flawed, GOOD[0], flawed, GOOD[1], flawed],
            &[103..198, 303..398],
        );
        assert!(picks.len() >= 2, "{name}: {picks:?}");
    }
}

// Breaks if a blurred picture, one in bars or a title card is chosen before one that is whole.
#[test]
fn whole_and_sharp_ones_first() {
    let blurred = format!("{},boxblur=6", GOOD[1]);
    let bars = format!("{},crop=480:180,pad=480:270:0:45", GOOD[1]);
    let title = "testsrc2=s=240x30:r=25[t{n}];color=0x203040:s=480x270:r=25[c{n}];[c{n}][t{n}]overlay=120:120,\
                 trim=end_frame=100";
    for (name, flawed) in [
        ("blurred", blurred.as_str()),
        ("letterbox", &bars),
        ("title card", title),
    ] {
        let clip = clip(&[flawed, GOOD[1], flawed]);
        let index = clip.index();
        let picks = best(&clip, 1, Duration::ZERO);
        let number = index.number_at(picks[0].position).unwrap();
        assert!((103..198).contains(&number), "{name}: frame {number}, {picks:?}");
    }
}

// Breaks if a frame is chosen that is not all there yet.
#[test]
fn not_in_a_fade_nor_at_a_cut() {
    let faded = format!("{},fade=in:0:40,fade=out:70:30", GOOD[0]);
    check("fade", &[&faded, &faded], &[38..72, 138..172]);
    let short = |seed: u32| format!("testsrc2=s=480x270:r=25,hue=h={},trim=end_frame=20", seed * 77);
    let parts: Vec<String> = (0..10).map(short).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let between: Vec<Range<usize>> = (0..10)
        .map(|part| part * 20 + if part == 0 { 0 } else { 3 }..part * 20 + 18)
        .collect();
    check("cut", &parts, &between);
}

// Breaks if a picture is chosen twice, or two that are closer than asked.
#[test]
fn each_picture_once() {
    let still = |source: &str| {
        format!("{source},trim=end_frame=1,loop=99:1,setpts=N/25/TB,fps=25,trim=end_frame=100")
    };
    let (a, b) = (still(GOOD[1]), still(&format!("{},hue=h=150,vflip", GOOD[1])));
    let same = clip(&[&a, &b, &a, &b, &a]);
    assert_eq!(best(&same, 5, Duration::ZERO).len(), 2);
    assert_eq!(best(&same, 1, Duration::ZERO).len(), 1);
    let apart = Duration::from_secs(5);
    let moving = clip(&[GOOD[0], GOOD[1], GOOD[0]]);
    let picks = best(&moving, 5, apart);
    assert!(
        picks
            .windows(2)
            .all(|pair| pair[1].time.abs_diff(pair[0].time) >= apart),
        "{picks:?}"
    );
    assert!(best(&moving, 0, Duration::ZERO).is_empty());
}

// Breaks if a video in which nothing is good has no best frame.
#[test]
fn the_least_bad_one() {
    for graph in [
        "color=black:s=96x64:r=25,trim=end_frame=50",
        "testsrc2=s=96x64:r=25,trim=end_frame=1",
    ] {
        let picks = best(&clip(&[graph]), 3, Duration::ZERO);
        assert_eq!(picks.len(), 1, "{graph}");
    }
}
