//! Videos that are read otherwise than their files say: another track, another rotation, without edit lists.

use std::num::NonZeroU16;
use std::time::Duration;

use posterframe_frame::{Error, FrameIndex, Interpretation, Options, Rotation, Rule, Video};

use crate::support::{Clip, MOVING, make};

/// Two videos of different sizes, rates, lengths and pictures. The second one begins later, and has other keyframes.
const TWO: &str = "-f lavfi -i testsrc2=size=176x144:rate=25:duration=3 -itsoffset 0.4 -f lavfi -i \
                   mandelbrot=size=160x120:rate=30 -map 0 -map 1 -t 4 -pix_fmt yuv420p";
const H264: &str = "-c:v libx264 -bf 2 -g:v:0 20 -g:v:1 33";

fn track(number: u16) -> Interpretation {
    Interpretation {
        track: NonZeroU16::new(number),
        ..Interpretation::default()
    }
}

fn turned(rotation: Rotation) -> Interpretation {
    Interpretation {
        rotate: Some(rotation),
        ..Interpretation::default()
    }
}

const WITHOUT_EDITS: Interpretation = Interpretation {
    track: None,
    rotate: None,
    ignore_edits: true,
};

fn index(clip: &Clip, interpretation: Interpretation) -> FrameIndex {
    let options = Options {
        interpretation,
        ..Options::default()
    };
    FrameIndex::scan(&clip.path, &options).unwrap()
}

// Breaks if frames, numbers, keyframes or seeks are those of another track than the one that is asked for, in a container that
// has an index or one that has none.
#[test]
fn tracks() {
    for (name, codec) in [
        ("two.mp4", H264),
        ("two.mov", "-c:v mpeg4 -q:v 4 -bf 2 -g 25"),
        ("two.mkv", H264),
        ("two.ts", H264),
    ] {
        let mut clip = Clip::new(name, &format!("{TWO} {codec}"));
        clip.compare();
        let shown = clip.open().unwrap().info().clone();
        assert!(shown.tracks[0].is_shown && !shown.tracks[1].is_shown, "{name}");
        for (number, size) in [(1, (176, 144)), (2, (160, 120))] {
            clip.read_as(track(number)).compare();
            let info = clip.open().unwrap().info().clone();
            assert_eq!((info.width, info.height), size, "{name}");
            let tracks: Vec<_> = info
                .tracks
                .iter()
                .map(|track| (track.number.get(), (track.width, track.height), track.is_shown))
                .collect();
            let expected = [(1, (176, 144), number == 1), (2, (160, 120), number == 2)];
            assert_eq!(tracks, expected, "{name}");
            assert_eq!(info.tracks[usize::from(number) - 1].frame_rate, info.frame_rate);
        }
        let error = clip.read_as(track(3)).open().err().unwrap();
        assert!(matches!(error, Error::NoTrack { tracks: 2, .. }), "{error:?}");
        assert_eq!(
            error.to_string(),
            "the video has 2 video tracks; there is no track 3"
        );
    }
}

// Breaks if a rule or a step goes by another track than the one that is asked for.
#[test]
fn rules_follow_the_track() {
    let mut clip = Clip::new("two.mp4", &format!("{TWO} {H264} -sc_threshold 0"));
    let mut found = Vec::new();
    for number in [1, 2] {
        let mut video = clip.read_as(track(number)).open().unwrap();
        let index = index(&clip, track(number));
        let keyframes: Vec<Duration> = index
            .keyframes()
            .iter()
            .map(|&number| index.time(number))
            .collect();
        let picks = video.picks(Rule::Keyframes, &mut |_| {}).unwrap();
        let picked: Vec<Duration> = picks.iter().map(|pick| pick.time).collect();
        assert_eq!(picked, keyframes, "track {number}");
        let first = video.frame_at(Duration::ZERO).unwrap();
        let second = video.next_frame(first.pts).unwrap().unwrap();
        assert_eq!(second.time, index.time(1), "track {number}");
        found.push((index.len(), picked));
    }
    assert_ne!(found[0].1, found[1].1);
    assert_ne!(found[0].0, found[1].0);
}

// Breaks if a cover picture counts as a track, or is not shown any more where it is all that there is.
#[test]
fn covers_are_no_tracks() {
    let mut clip = Clip::by("cover.mp4", |path| {
        make(
            &path.with_file_name("film.mp4"),
            &format!("{MOVING} -t 1 -c:v libx264 -pix_fmt yuv420p"),
        );
        make(
            &path.with_file_name("cover.png"),
            "-f lavfi -i testsrc=size=320x240 -frames:v 1",
        );
        let inputs =
            "-i {dir}/cover.png -i {dir}/film.mp4 -map 0 -map 1 -c copy -disposition:v:0 attached_pic";
        make(path, inputs);
    });
    assert_eq!(clip.open().unwrap().info().tracks.len(), 1);
    clip.read_as(track(1)).compare();
    let error = clip.read_as(track(2)).open().err().unwrap().to_string();
    assert_eq!(error, "the video has 1 video track; there is no track 2");

    let song = Clip::by("song.m4a", |path| {
        make(
            &path.with_file_name("cover.png"),
            "-f lavfi -i testsrc=size=320x240 -frames:v 1",
        );
        let sound = "-f lavfi -i sine=duration=1 -i {dir}/cover.png -map 0 -map 1 -c:a aac -c:v copy";
        make(path, &format!("{sound} -disposition:v:0 attached_pic -f mp4"));
    });
    let video = song.open().unwrap();
    assert_eq!((video.info().width, video.info().tracks.len()), (320, 0));
}

// Breaks if a picture is turned otherwise than ffmpeg does it, or the file's own rotation is added to the one that is asked for.
#[test]
fn rotations() {
    for (name, arguments) in [
        ("straight.mp4", "-c:v libx264 -pix_fmt yuv420p -bf 2 -g 10"),
        ("sideways.mp4", "-c:v libx264 -pix_fmt yuv420p -bf 2 -g 10"),
        ("ten.mkv", "-c:v libx264 -pix_fmt yuv422p10le -g 10"),
        ("wide.mov", "-vf setsar=16/11 -c:v mpeg4 -g 10"),
        ("grey.mkv", "-c:v ffv1 -pix_fmt gray16le"),
        ("alpha.mov", "-c:v qtrle -pix_fmt argb"),
    ] {
        let mut clip = Clip::by(name, |path| {
            let straight = path.with_file_name(format!("straight-{name}"));
            make(&straight, &format!("{MOVING} -t 1 {arguments}"));
            let turn = if name == "sideways.mp4" {
                "-metadata:s:v:0 rotate=90"
            } else {
                ""
            };
            make(path, &format!("-i {{dir}}/straight-{name} -c copy {turn}"));
        });
        let own = clip.open().unwrap().info().rotation_degrees;
        assert_eq!(own, if name == "sideways.mp4" { 270 } else { 0 }, "{name}");
        for rotation in Rotation::ALL {
            // From the start, and by a seek.
            clip.read_as(turned(rotation)).compare_at(&[0.0, 0.85]);
            let mut video = clip.open().unwrap();
            let info = video.info().clone();
            assert_eq!(info.rotation_degrees, i32::from(rotation.degrees()), "{name}");
            let frame = video.frame_at(Duration::ZERO).unwrap();
            assert_eq!(
                (info.width, info.height),
                (frame.image.width(), frame.image.height())
            );
            let small = video.keyframe_near(Duration::ZERO, (64, 64)).unwrap().image;
            let is_upright = |width: u32, height: u32| width < height;
            assert_eq!(
                is_upright(small.width(), small.height()),
                is_upright(info.display_size.0, info.display_size.1),
                "{name} at {rotation}"
            );
        }
    }
}

// Breaks if what an edit list leaves out stays out although it is asked for, or times are still counted from the cut.
#[test]
fn without_edit_lists() {
    for name in ["cut.mp4", "cut.mov"] {
        let mut clip = Clip::by(name, |path| {
            let whole = path.with_file_name("whole.mp4");
            make(
                &whole,
                &format!("{MOVING} -c:v libx264 -pix_fmt yuv420p -bf 2 -g 30"),
            );
            make(path, "-ss 1.7 -i {dir}/whole.mp4 -c copy");
        });
        clip.compare();
        let cut = index(&clip, Interpretation::default()).len();
        clip.read_as(WITHOUT_EDITS).compare();
        let whole = index(&clip, WITHOUT_EDITS).len();
        assert!(whole > cut, "{name}: {whole}, {cut}");
    }
    // What has no edit lists is read as before.
    let mut clip = Clip::new(
        "plain.mkv",
        &format!("{MOVING} -t 1 -c:v libx264 -pix_fmt yuv420p"),
    );
    clip.read_as(WITHOUT_EDITS);
    let video: Video = clip.open().unwrap();
    assert_eq!(
        video.info().duration,
        Video::open(&clip.path).unwrap().info().duration
    );
}

// Breaks if one of the three undoes another.
#[test]
fn all_at_once() {
    let mut clip = Clip::by("two.mov", |path| {
        make(&path.with_file_name("whole.mov"), &format!("{TWO} {H264}"));
        make(path, "-ss 1.7 -i {dir}/whole.mov -map 0 -c copy");
    });
    let all = Interpretation {
        track: NonZeroU16::new(2),
        rotate: Some(Rotation::ThreeQuarters),
        ignore_edits: true,
    };
    clip.read_as(all).compare();
    let info = clip.open().unwrap().info().clone();
    assert_eq!((info.width, info.height), (120, 160));
}
