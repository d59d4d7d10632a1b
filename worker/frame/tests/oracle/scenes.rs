//! Scenes of clips whose cuts and fades are known.

use posterframe_frame::{Rule, Video};

use crate::support::{Clip, sequence};

const H264: &str = "-c:v libx264 -pix_fmt yuv420p";

/// Different pictures.
const SOURCES: [&str; 5] = ["testsrc2", "smptehdbars", "mandelbrot", "testsrc", "rgbtestsrc"];

/// The numbers of the scenes' first frames.
fn scenes(clip: &Clip) -> Vec<usize> {
    let index = clip.index();
    let mut video = Video::open(&clip.path).unwrap();
    let picks = video.picks(Rule::Scenes, &mut |_| {}).unwrap();
    let numbers = picks.iter().map(|pick| index.number_at(pick.position).unwrap());
    numbers.collect()
}

// Breaks if a cut is missed, found at another frame, or invented, wherever keyframes are.
#[test]
fn cuts_at_their_frames() {
    let lengths = [50, 40, 63, 27, 25, 75, 31];
    let starts: Vec<usize> = (0..lengths.len())
        .map(|number| lengths[..number].iter().sum())
        .collect();
    let part = |(number, frames): (usize, &usize)| {
        let source = SOURCES[number % SOURCES.len()];
        format!("{source}=s=320x180:r=25,trim=end_frame={frames}")
    };
    let graph = sequence(&lengths.iter().enumerate().map(part).collect::<Vec<_>>());
    for (name, options) in [
        ("clip.mp4", format!("{H264} -g 250 -bf 3")),
        ("blind.mp4", format!("{H264} -g 33 -sc_threshold 0 -bf 2")),
        ("clip.ts", format!("{H264} -g 50")),
        ("clip.mkv", format!("{H264} -g 25 -output_ts_offset 3")),
        ("intra.mov", "-c:v mjpeg -q:v 3".to_owned()),
    ] {
        let clip = Clip::new(name, &format!("-f lavfi -i {graph} {options}"));
        assert_eq!(scenes(&clip), starts, "{name}");
    }
}

/// How many frames late the end of a fade may be found, of 25 a second: the last of it changes hardly more than what moves.
const LATE: usize = 8;

// Breaks if a scene begins in the black between two, or while it fades in, or twice.
#[test]
fn fades_and_dissolves_begin_one_scene() {
    let near = |found: &[usize], expected: &[usize], name: &str| {
        let is_near = found.iter().zip(expected).all(|(a, b)| a.abs_diff(*b) <= LATE);
        assert!(
            is_near && found.len() == expected.len(),
            "{name}: {found:?}, not {expected:?}"
        );
    };
    let source = |name: &str, frames: u32| {
        format!("{name}=s=320x180:r=25,trim=end_frame={frames},format=yuv420p,setsar=1")
    };
    let through_black = format!(
        "{},fade=out:60:25[a];{},fade=in:0:25[b];{},fade=in:0:50[c];[a][b][c]concat=n=3",
        source("smptehdbars", 100),
        source("testsrc2", 100),
        source("rgbtestsrc", 100)
    );
    let dissolve = format!(
        "{}[a];{}[b];[a][b]xfade=duration=1:offset=3",
        source("smptehdbars", 100),
        source("rgbtestsrc", 100)
    );
    let into = format!("{},fade=in:0:30", source("testsrc2", 100));
    for (graph, expected) in [
        (through_black, vec![0, 125, 250]),
        (dissolve, vec![0, 100]),
        (into, vec![30]),
    ] {
        for options in ["-g 250", "-g 20 -sc_threshold 0"] {
            let clip = Clip::new("clip.mp4", &format!("-f lavfi -i {graph} {H264} {options}"));
            near(&scenes(&clip), &expected, &graph);
        }
    }
}

// Breaks if a flash, noise or motion begins a scene, or a video has none.
#[test]
fn what_is_no_scene() {
    let flash = "drawbox=c=white:t=fill:enable='between(n,40,42)'";
    for (graph, expected) in [
        (format!("smptehdbars=s=320x180:r=25:d=4,{flash}"), 0),
        ("testsrc2=s=320x180:r=25:d=6,noise=alls=40:allf=t".to_owned(), 0),
        (
            "mandelbrot=s=320x180:r=25,trim=end_frame=150,scroll=h=0.02".to_owned(),
            0,
        ),
        ("color=black:s=320x180:r=25:d=2".to_owned(), 0),
    ] {
        let clip = Clip::new("clip.mp4", &format!("-f lavfi -i {graph} {H264} -g 20"));
        assert_eq!(scenes(&clip), [expected], "{graph}");
    }
}
