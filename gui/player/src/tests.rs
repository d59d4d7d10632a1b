//! Tests of the player with clips made by ffmpeg, and with plain bytes as pictures.

mod distant;
mod interpretation;

use std::path::{Path, PathBuf};
use std::sync::mpsc;

use posterframe_clips::encode;

use super::*;

type Picture = Arc<(u32, u32, Vec<u8>)>;

fn clip(folder: &Path) -> PathBuf {
    let source = "testsrc2=size=320x180:rate=24:duration=2";
    encode(folder.join("clip.mp4"), source, &["-g", "12"])
}

fn open(path: &Path) -> (Player<Picture>, mpsc::Receiver<Event<Picture>>) {
    open_source(path)
}

fn open_source(source: impl Into<VideoSource>) -> (Player<Picture>, mpsc::Receiver<Event<Picture>>) {
    open_with(source, PlayerOptions::default())
}

fn open_with(
    source: impl Into<VideoSource>,
    options: PlayerOptions,
) -> (Player<Picture>, mpsc::Receiver<Event<Picture>>) {
    let (sender, events) = mpsc::channel();
    let tell = move |event| {
        let _ = sender.send(event);
    };
    let paint = |width, height, rgba: &[u8]| Arc::new((width, height, rgba.to_vec()));
    let player = Player::open(source, options, paint, tell).unwrap();
    (player, events)
}

fn next<T>(
    events: &mpsc::Receiver<Event<Picture>>,
    mut wanted: impl FnMut(Event<Picture>) -> Option<T>,
) -> T {
    loop {
        let event = events.recv_timeout(Duration::from_secs(20)).expect("an event");
        if let Some(found) = wanted(event) {
            return found;
        }
    }
}

fn exact(event: Event<Picture>) -> Option<(u64, Arc<ExactFrame<Picture>>)> {
    match event {
        Event::Exact { generation, frame } => Some((generation, frame)),
        Event::Failed { failure, .. } => panic!("{failure:?}"),
        _ => None,
    }
}

fn request(millis: u64) -> Request {
    Request {
        position: Duration::from_millis(millis),
        motion: Motion::Jump,
        clamp: false,
        fit: (160, 160),
    }
}

// Breaks if the picture for the screen is hashed instead of the exact pixels, steps by the index miss a frame, or the
// answer to a burst of requests is not for the last one.
#[test]
fn the_newest_request_gets_its_exact_frame() {
    let folder = tempfile::tempdir().unwrap();
    let (player, events) = open(&clip(folder.path()));
    for millis in [1900, 300, 900] {
        player.request(request(millis));
    }
    let newest = player.request(request(500));
    let frame = loop {
        let (generation, frame) = next(&events, exact);
        if generation == newest {
            break frame;
        }
    };
    assert_eq!(
        (frame.time, frame.position.as_micros()),
        (Duration::from_millis(500), 500_000)
    );
    assert_eq!((frame.picture.0, frame.picture.1), (160, 90));
    assert_eq!((frame.image.width(), frame.image.height()), (320, 180));
    assert_eq!(frame.proof().sha256, frame.image.pixel_sha256());
    assert_eq!(frame.proof().flaw, None);

    // The index event may have been skipped above, so the index is made again.
    let index = player.footage().index(&Cancel::default()).unwrap();
    assert_eq!((index.len(), index.number_at(frame.time)), (48, Some(12)));
    let origin = StepOrigin {
        time: frame.time,
        tick: frame.tick,
        frame_rate: None,
        duration: None,
        index: Some(&index),
    };
    let position = target(Step::NextFrame, origin).unwrap();
    player.request(Request {
        position,
        ..request(0)
    });
    let (_, after) = next(&events, exact);
    assert_eq!(index.number_at(after.time), Some(13));
    // Without the index, the step finds the same frame.
    let position = target(
        Step::NextFrame,
        StepOrigin {
            index: None,
            ..origin
        },
    )
    .unwrap();
    player.request(Request {
        position,
        ..request(0)
    });
    assert_eq!(next(&events, exact).1.time, after.time);
}

// Breaks if a drag shows nothing before the pointer rests, or never shows the exact frame.
#[test]
fn dragging_shows_the_keyframe_then_the_frame() {
    let folder = tempfile::tempdir().unwrap();
    let (player, events) = open(&clip(folder.path()));
    let generation = player.request(Request {
        motion: Motion::Drag,
        clamp: true,
        ..request(5000)
    });
    // Two threads send them: on a busy machine the exact frame may come first.
    let (mut keyframe, mut shown) = (None, None);
    next(&events, |event| {
        match event {
            Event::Keyframe { generation, .. } => keyframe = Some(generation),
            event => shown = shown.take().or_else(|| exact(event)),
        }
        (keyframe.is_some() && shown.is_some()).then_some(())
    });
    let (exact_generation, frame) = shown.expect("the exact frame");
    assert_eq!((keyframe, exact_generation), (Some(generation), generation));
    assert_eq!(frame.position.as_micros() / 1000, 1958);
    player.request(request(5000));
    let failure = next(&events, |event| match event {
        Event::Failed { failure, .. } => Some(failure),
        _ => None,
    });
    assert!(failure.text.contains("last frame"), "{failure:?}");
}

// Breaks if a step back to a decoded frame reads the disk again, if previous frames are not decoded ahead, or if a wrong
// one is sent.
#[test]
fn steps_back_are_ready() {
    let folder = tempfile::tempdir().unwrap();
    let (player, events) = open(&clip(folder.path()));
    let index = player.footage().index(&Cancel::default()).unwrap();
    let step = |number: usize| Request {
        position: index.position(number),
        motion: Motion::Step,
        ..request(0)
    };
    player.request(step(40));
    assert_eq!(index.number_at(next(&events, exact).1.time), Some(40));
    player.request(step(39));
    assert_eq!(index.number_at(next(&events, exact).1.time), Some(39));
    // The previous frames are cached, so their events are sent during the request.
    let mut number = 38;
    for _ in 0..200 {
        let ready = player.frames.ready(&step(number)).is_some();
        if ready {
            let generation = player.request(step(number));
            let answer = events.try_iter().find_map(exact).expect("an answer at once");
            assert_eq!(
                (answer.0, index.number_at(answer.1.time)),
                (generation, Some(number))
            );
            number -= 1;
        }
        if number == 20 {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("frame {number} is not made ready");
}

// Breaks if the strip has gaps, or a file that is no video causes no event or a panic.
#[test]
fn strips_and_files_that_are_no_video() {
    let folder = tempfile::tempdir().unwrap();
    let (player, events) = open(&clip(folder.path()));
    player.request(request(0));
    let strip = |to| Strip {
        part: Duration::ZERO..Duration::from_secs(to),
        count: 6,
        max: (79, 48),
    };
    player.strip(strip(1));
    let newest = player.strip(strip(2));
    let mut seen = [false; 6];
    while seen.contains(&false) {
        seen[next(&events, |event| match event {
            Event::Still { strip, index, .. } if strip == newest => Some(index),
            _ => None,
        })] = true;
    }
    let text = folder.path().join("notes.mp4");
    std::fs::write(&text, "not a video at all").unwrap();
    let (_player, events) = open(&text);
    let failure = next(&events, |event| match event {
        Event::NotOpened(failure) => Some(failure),
        _ => None,
    });
    assert!(!failure.text.is_empty() && !failure.advice.is_empty());
}

// Breaks if the threads of a closed video do not end soon.
#[test]
fn dropping_ends_the_threads() {
    let folder = tempfile::tempdir().unwrap();
    let (player, events) = open(&clip(folder.path()));
    player.request(request(1000));
    let threads = player.threads.clone();
    drop(player);
    threads.join().unwrap();
    // This ends because no thread holds a sender any more.
    let left = events.iter().count();
    assert!(left < 100, "{left} events");
}

// Breaks if a panic in a decoder leaves a request without an answer, or ends a thread: the next request, and the helpers'
// next tasks, must find a newly opened video.
#[test]
fn a_panic_is_told_and_survived() {
    use std::sync::atomic::{AtomicBool, Ordering};

    let folder = tempfile::tempdir().unwrap();
    let (sender, events) = mpsc::channel();
    let breaks = Arc::new(AtomicBool::new(true));
    let paint = {
        let breaks = breaks.clone();
        move |width, height, rgba: &[u8]| {
            assert!(!breaks.load(Ordering::Relaxed), "as the test wants it");
            Arc::new((width, height, rgba.to_vec()))
        }
    };
    let tell = move |event| {
        let _ = sender.send(event);
    };
    let player = Player::open(&clip(folder.path()), PlayerOptions::default(), paint, tell).unwrap();
    let broken = |event| match event {
        Event::Broken(failure) => Some(failure),
        _ => None,
    };
    let generation = player.request(request(500));
    let (failed, failure) = next(&events, |event| match event {
        Event::Failed { generation, failure } => Some((generation, failure)),
        _ => None,
    });
    assert_eq!(failed, generation);
    assert!(
        failure.text.contains("broke down: as the test wants it"),
        "{failure:?}"
    );
    assert!(!failure.advice.is_empty());
    assert_eq!(next(&events, broken), failure);

    // The helpers start after the first successful frame.
    breaks.store(false, Ordering::Relaxed);
    let generation = player.request(request(700));
    assert_eq!(next(&events, exact).0, generation);
    breaks.store(true, Ordering::Relaxed);
    let strip = Strip {
        part: Duration::ZERO..Duration::from_secs(2),
        count: 3,
        max: (79, 48),
    };
    player.strip(strip.clone());
    assert!(next(&events, broken).text.contains("film strip"));
    breaks.store(false, Ordering::Relaxed);
    let number = player.strip(strip);
    next(&events, |event| match event {
        Event::Still { strip, .. } if strip == number => Some(()),
        _ => None,
    });
    let threads = player.threads.clone();
    drop(player);
    threads.join().unwrap();
}

// Breaks if a black frame gets no better ones, a good one is reported as flawed, or a sharper frame is not found.
#[test]
fn better_frames_beside_a_bad_one() {
    let folder = tempfile::tempdir().unwrap();
    // One second of black, and then a test picture that is blurred for a quarter of a second from 2.5 s.
    let source = "testsrc2=size=640x360:rate=24:duration=4,drawbox=t=fill:color=black:enable='lt(t,1)',\
                  gblur=sigma=6:enable='between(t,2.5,2.75)'";
    let clip = encode(folder.path().join("flaws.mp4"), source, &["-qp", "12"]);
    let (player, events) = open(&clip);
    player.request(request(0));
    let look = |millis| {
        player.look_around(Duration::from_millis(millis));
        next(&events, |event| match event {
            Event::Neighbours { neighbours, .. } => Some(neighbours),
            _ => None,
        })
    };
    let black = look(500);
    assert_eq!(black.flaw, Some(Flaw::NearlyBlack));
    assert!(!black.better.is_empty());
    assert!(
        black
            .better
            .iter()
            .all(|frame| frame.time >= Duration::from_secs(1))
    );
    let blurred = look(2600);
    assert_eq!(blurred.flaw, Some(Flaw::Blurred));
    let sharp = |frame: &Better<Picture>| {
        let millis = frame.time.as_millis();
        !(2500..=2750).contains(&millis)
    };
    assert!(
        !blurred.better.is_empty() && blurred.better.iter().all(sharp),
        "{:?}",
        blurred.better
    );
    let good = look(1900);
    assert_eq!((good.flaw, good.better.len()), (None, 0));
}

// Breaks if a hovering pointer gets no picture, or a click on that picture waits for the decoder.
#[test]
fn a_glance() {
    let folder = tempfile::tempdir().unwrap();
    let (player, events) = open(&clip(folder.path()));
    player.request(request(0));
    player.glance(Duration::from_millis(700), (80, 80), (160, 160));
    let mut pictures = 0;
    while pictures < 2 {
        let (position, picture) = next(&events, |event| match event {
            Event::Glance { position, picture } => Some((position, picture)),
            _ => None,
        });
        assert_eq!((position, picture.0), (Duration::from_millis(700), 80));
        pictures += 1;
    }
    // The event is sent before the request returns.
    let generation = player.request(request(700));
    let answer = events.try_iter().find_map(exact);
    assert_eq!(answer.map(|(answered, _)| answered), Some(generation));
}

// Breaks if the window shows HDR otherwise than an SDR output of the same size is made, or the exact pixels are tone-mapped.
#[test]
fn hdr_is_shown_as_its_sdr_output() {
    let folder = tempfile::tempdir().unwrap();
    let clip = folder.path().join("hdr.mp4");
    posterframe_clips::make(
        &clip,
        "-f lavfi -i testsrc2=size=160x90:rate=24:duration=1 -c:v libx265 -preset ultrafast -pix_fmt yuv420p10le \
         -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc -x265-params log-level=none:max-cll=700,90",
    );
    let (player, events) = open(&clip);
    player.request(request(500));
    let (_, frame) = next(&events, exact);
    let output = "png:8:sdr".parse().unwrap();
    let sdr = posterframe_picture::render(&frame.image, &output).unwrap();
    assert!(frame.picture.2 == sdr.to_rgba8());
    let video = posterframe_frame::Video::open(&clip).unwrap();
    let worker = video.into_frame_at(Duration::from_millis(500)).unwrap().image;
    assert!(*frame.image == worker && frame.picture.2 != worker.to_rgba8());
    assert_eq!(frame.proof().sha256, worker.pixel_sha256());
}

/// The pictures of playing until it ends: their times, and when each came.
fn played(
    player: &Player<Picture>,
    events: &mpsc::Receiver<Event<Picture>>,
    play: Play,
) -> Vec<(Duration, std::time::Instant)> {
    let generation = player.play(play);
    let mut times = Vec::new();
    next(events, |event| match event {
        Event::Played {
            generation: number,
            time,
            ..
        } if number == generation => {
            times.push((time, std::time::Instant::now()));
            None
        }
        Event::PlayEnded {
            generation: number,
            failure,
        } if number == generation => {
            assert_eq!(failure, None);
            Some(())
        }
        _ => None,
    });
    times
}

// Breaks if playing leaves the order of the frames, does not reach the end or the start, or goes faster than the video.
#[test]
fn playing_both_ways() {
    let folder = tempfile::tempdir().unwrap();
    let (player, events) = open(&clip(folder.path()));
    let play = |from: u64, speed| Play {
        from: Duration::from_millis(from),
        speed,
        fit: (160, 160),
        again: None,
    };
    let forwards = played(&player, &events, play(1000, 1));
    assert_eq!(forwards[0].0, Duration::from_secs(1));
    assert!(forwards.is_sorted_by(|a, b| a.0 < b.0));
    let last = forwards.last().unwrap();
    assert_eq!(last.0, Duration::from_micros(1_958_333));
    assert!(last.1 - forwards[0].1 >= Duration::from_millis(900));
    let backwards = played(&player, &events, play(1000, -2));
    assert!(backwards.is_sorted_by(|a, b| a.0 > b.0));
    assert_eq!(backwards.last().unwrap().0, Duration::ZERO);
    let fast = played(&player, &events, play(0, 8));
    assert!(fast.is_sorted_by(|a, b| a.0 < b.0) && !fast.is_empty());
}

// Breaks if playing goes on after it was stopped, or a newer one does not take its place.
#[test]
fn playing_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let (player, events) = open(&clip(folder.path()));
    let from = Duration::ZERO;
    let again = Some((from, Duration::from_millis(500)));
    let endless = Play {
        from,
        speed: 4,
        fit: (160, 160),
        again,
    };
    let generation = player.play(endless);
    let mut turns = 0;
    let mut newest = Duration::ZERO;
    next(&events, |event| match event {
        Event::Played {
            generation: number,
            time,
            ..
        } if number == generation => {
            assert!(time <= Duration::from_millis(500));
            turns += u32::from(time < std::mem::replace(&mut newest, time));
            (turns == 2).then_some(())
        }
        _ => None,
    });
    player.stop_playing();
    let generation = player.play(Play {
        from: Duration::from_millis(1900),
        speed: 1,
        again: None,
        ..endless
    });
    let ended = next(&events, |event| match event {
        Event::PlayEnded { generation, .. } => Some(generation),
        _ => None,
    });
    assert_eq!(ended, generation);
}
