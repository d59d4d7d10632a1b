//! Places and rules, beside what the ffmpeg program says of the same clip.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use posterframe_frame::{Cancel, Error, Moment, Options, Pick, Rule, Stride, Video};

use crate::support::{Clip, MOVING, make, oracle};

const H264: &str = "-c:v libx264 -pix_fmt yuv420p";

fn open(clip: &Clip) -> Video {
    Video::open(&clip.path).unwrap()
}

fn picks(clip: &Clip, rule: Rule) -> Vec<Pick> {
    open(clip).picks(rule, &mut |_| {}).unwrap()
}

/// That the pick's position leads to its frame, and that this is the ffmpeg program's frame at `at`.
fn check(clip: &Clip, pick: &Pick, at: Duration) {
    let place = format!("{} at {at:?}: {pick:?}", clip.path.display());
    let frame = open(clip).frame_at(pick.position).unwrap();
    assert_eq!((frame.pts, frame.time), (pick.pts, pick.time), "{place}");
    let expected = oracle(&clip.path, at).expect(&place).image;
    assert!(
        frame.image.to_rgba8() == expected.to_rgba8(),
        "{place}: other pixels"
    );
}

/// Clips whose packets and whose containers tell times in different ways.
fn clips() -> Vec<Clip> {
    let moving = |name, more: &str| Clip::new(name, &format!("{MOVING} {more}"));
    vec![
        moving("clip.mp4", &format!("{H264} -g 30 -bf 3")),
        moving(
            "open.mp4",
            &format!("{H264} -bf 3 -x264-params open-gop=1:keyint=20:min-keyint=20"),
        ),
        moving("late.mkv", &format!("{H264} -g 25 -bf 2 -output_ts_offset 7.3")),
        moving(
            "hidden.webm",
            "-c:v libvpx -auto-alt-ref 1 -lag-in-frames 16 -g 40",
        ),
        moving("film.mov", &format!("-r 24000/1001 {H264} -g 48")),
        moving("clip.ts", &format!("{H264} -g 25 -bf 2")),
        moving("clip.avi", "-c:v mpeg4 -g 20 -bf 2"),
        Clip::new(
            "slides.mp4",
            &format!("-f lavfi -i testsrc2=size=96x64:rate=1/20:duration=160 {H264} -g 4 -bf 2"),
        ),
        Clip::new(
            "crowded.mp4",
            &format!("-f lavfi -i testsrc2=size=96x64:rate=3000:duration=0.1 {H264} -g 40 -bf 2"),
        ),
        Clip::by("cut.mp4", |path| {
            make(
                &path.with_file_name("whole.mp4"),
                &format!("{MOVING} {H264} -g 30 -bf 2"),
            );
            make(path, "-ss 1.7 -i {dir}/whole.mp4 -c copy");
        }),
    ]
}

// Breaks if packets promise another frame than the one that is decoded, or a position that leads elsewhere.
#[test]
fn each_time_is_the_frame_that_is_decoded() {
    for clip in clips() {
        let index = clip.index();
        let name = clip.path.display();
        let mut positions: Vec<Duration> = (0..index.len())
            .flat_map(|number| {
                [
                    index.position(number),
                    index.time(number) + Duration::from_micros(99),
                ]
            })
            .collect();
        // In no order.
        positions.sort_by_key(|at| at.as_micros() % 7_919);
        let (mut picking, mut decoding) = (open(&clip), open(&clip));
        for at in positions.into_iter().step_by(3) {
            match (picking.pick(Moment::Time(at)), decoding.frame_at(at)) {
                (Ok(pick), Ok(frame)) => {
                    assert_eq!((pick.pts, pick.time), (frame.pts, frame.time), "{name} at {at:?}");
                    let number = index.number_at(at).unwrap();
                    assert_eq!(pick.position, index.position(number), "{name} at {at:?}");
                }
                (Err(Error::PastTheEnd { last: a, .. }), Err(Error::PastTheEnd { last: b, .. })) => {
                    assert_eq!(a, b, "{name} at {at:?}");
                }
                other => panic!("{name} at {at:?}: {other:?}"),
            }
        }
    }
}

// Breaks if a place leads to another frame than ffmpeg's, or to one that does not exist.
#[test]
fn places() {
    for clip in clips() {
        let index = clip.index();
        let (count, name) = (index.len(), clip.path.display());
        let last = index.time(count - 1);
        let mut video = open(&clip);
        let pick = video.pick(Moment::Last).unwrap();
        assert_eq!(pick.time, last, "{name}");
        check(&clip, &pick, last);
        check(&clip, &video.pick(Moment::Part(0)).unwrap(), Duration::ZERO);
        assert_eq!(
            video.pick(Moment::Part(100_000_000)).unwrap().time,
            last,
            "{name}"
        );
        check(
            &clip,
            &video.pick(Moment::Part(33_300_000)).unwrap(),
            last * 333 / 1000,
        );
        let back = last / 3;
        check(
            &clip,
            &video.pick(Moment::FromEnd(back)).unwrap(),
            last.checked_sub(back).unwrap(),
        );
        let too_far = video.pick(Moment::FromEnd(last + Duration::from_secs(1)));
        assert!(
            matches!(too_far, Err(Error::BeforeTheStart { .. })),
            "{name}: {too_far:?}"
        );
        for number in [0, 1, count / 2, count - 1] {
            let pick = video.pick(Moment::Number(number as u64)).unwrap();
            assert_eq!(
                (pick.time, pick.number),
                (index.time(number), Some(number as u64)),
                "{name}"
            );
            check(&clip, &pick, index.time(number));
            // With the index as without.
            assert_eq!(video.pick(Moment::Time(pick.position)).unwrap(), pick, "{name}");
        }
        let none = video.pick(Moment::Number(count as u64));
        assert!(
            matches!(none, Err(Error::NoSuchFrame { last, .. }) if last == count as u64 - 1),
            "{name}: {none:?}"
        );
        // The video goes on as if nothing had been.
        let frame = video.frame_at(index.position(count / 2)).unwrap();
        assert_eq!(frame.time, index.time(count / 2), "{name}");
    }
}

// Breaks if a step is missed, made twice, or not ffmpeg's frame.
#[test]
fn every_so_often() {
    for clip in clips() {
        let index = clip.index();
        let name = clip.path.display();
        let last = index.time(index.len() - 1);
        let step = (last / 7).max(Duration::from_millis(1));
        let every = picks(&clip, Rule::Every(Stride::Time(step)));
        let mut expected: Vec<usize> = (0..)
            .map(|number| step * number)
            .map_while(|at| index.number_at(at))
            .collect();
        expected.dedup();
        let times: Vec<Duration> = every.iter().map(|pick| pick.time).collect();
        assert_eq!(
            times,
            expected
                .iter()
                .map(|&number| index.time(number))
                .collect::<Vec<_>>(),
            "{name}"
        );
        check(&clip, &every[1], step);

        let frames = picks(&clip, Rule::Every(Stride::Frames(9)));
        let numbers: Vec<u64> = frames.iter().filter_map(|pick| pick.number).collect();
        assert_eq!(
            numbers,
            (0..index.len() as u64).step_by(9).collect::<Vec<_>>(),
            "{name}"
        );
        if let Some(second) = frames.get(1) {
            check(&clip, second, index.time(9));
        }
    }
    // Frames that are further apart than the steps come once.
    let slides = Clip::new(
        "slides.mp4",
        &format!("-f lavfi -i testsrc2=size=96x64:rate=1/20:duration=160 {H264} -g 4"),
    );
    let every = picks(&slides, Rule::Every(Stride::Time(Duration::from_secs(8))));
    assert_eq!(
        every
            .iter()
            .map(|pick| pick.time.as_secs() / 20)
            .collect::<Vec<_>>(),
        [0, 1, 2, 3, 4, 5, 6, 7]
    );
}

// Breaks if frames are not evenly spread, or the first or the last is at an end.
#[test]
fn so_many() {
    for clip in clips() {
        let index = clip.index();
        let last = index.time(index.len() - 1);
        let found = picks(&clip, Rule::Count(4));
        assert_eq!(found.len(), 4, "{}", clip.path.display());
        for (pick, part) in found.iter().zip([1, 3, 5, 7]) {
            check(&clip, pick, last * part / 8);
        }
        assert!(found[0].pts > 0 && found[3].time <= last);
        let all = picks(&clip, Rule::Count(1_000));
        assert!(all.len() <= index.len() && all.windows(2).all(|pair| pair[0].pts < pair[1].pts));
        assert!(picks(&clip, Rule::Count(0)).is_empty());
    }
}

/// The times of the keyframes, by ffprobe, since the start.
fn probed_keyframes(path: &Path) -> Vec<f64> {
    let probe = |entries: &str| {
        let output = Command::new("ffprobe")
            .args(["-v", "error", "-select_streams", "v:0", "-of", "csv=p=0"])
            .args(["-show_entries", entries])
            .arg(path)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let start: f64 = probe("format=start_time").trim().parse().unwrap();
    let frames = probe("frame=key_frame,best_effort_timestamp_time");
    let keyframes = frames.lines().filter_map(|line| line.strip_prefix("1,"));
    let times = keyframes.map(|time| time.trim_end_matches(',').parse::<f64>().unwrap() - start);
    times.filter(|&time| time >= 0.0).collect()
}

// Breaks if a keyframe is missed or invented.
#[test]
fn keyframes_are_those_of_ffprobe() {
    for clip in clips() {
        let found = picks(&clip, Rule::Keyframes);
        let expected = probed_keyframes(&clip.path);
        let name = clip.path.display();
        assert_eq!(found.len(), expected.len(), "{name}: {expected:?}");
        for (pick, expected) in found.iter().zip(expected) {
            assert!(
                (pick.time.as_secs_f64() - expected).abs() < 1e-3,
                "{name}: {pick:?}, not {expected}"
            );
            check(&clip, pick, pick.time);
        }
    }
}

// Breaks if a rule cannot be stopped, or the next call after that is wrong.
#[test]
fn a_rule_is_cancelled() {
    let clip = Clip::new("clip.mp4", &format!("{MOVING} {H264} -g 10"));
    let rules = [
        Rule::Every(Stride::Time(Duration::from_millis(100))),
        Rule::Count(50),
        Rule::Scenes,
        Rule::Best {
            count: 3,
            apart: Duration::ZERO,
        },
    ];
    for rule in rules {
        let cancel = Cancel::default();
        let options = Options {
            cancel: cancel.clone(),
            ..Options::default()
        };
        let mut video = Video::open_with(&clip.path, options).unwrap();
        let mut parts = Vec::new();
        let stopped = video.picks(rule, &mut |part| {
            parts.push(part);
            cancel.cancel();
        });
        assert!(matches!(stopped, Err(Error::Cancelled)), "{rule:?}: {stopped:?}");
        assert_eq!(parts.len(), 1, "{rule:?}");
        cancel.reset();
        parts.clear();
        let again = video.picks(rule, &mut |part| parts.push(part)).unwrap();
        assert_eq!(again, picks(&clip, rule), "{rule:?}");
        assert!(
            parts.windows(2).all(|pair| pair[0] < pair[1]) && parts.last() == Some(&1.0),
            "{parts:?}"
        );
    }
}
