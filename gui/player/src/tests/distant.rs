//! Tests of a video at a distance.

use posterframe_clips::server::{How, WebServer};
use posterframe_remote::{Remote, RemoteOptions, Web};

use super::*;

/// A few MB, so that jumps read other parts, with its index at the end.
fn large_clip(folder: &Path) -> PathBuf {
    let source = "testsrc2=size=640x360:rate=25:duration=16,noise=alls=30:allf=t";
    encode(
        folder.join("large.mp4"),
        source,
        &["-preset", "ultrafast", "-b:v", "4M", "-g", "50", "-bf", "2"],
    )
}

fn options() -> RemoteOptions {
    RemoteOptions {
        memory_bytes: 32 << 20,
        tries: None,
        first_pause: Duration::from_millis(5),
        ..RemoteOptions::default()
    }
}

/// The answer to the request with this number.
fn answer(events: &mpsc::Receiver<Event<Picture>>, number: u64) -> Arc<ExactFrame<Picture>> {
    next(events, |event| {
        exact(event).filter(|(generation, _)| *generation == number)
    })
    .1
}

// Breaks if a frame at a distance has other pixels than that of the file, also where the jump before was stopped in the middle
// of a read, or a second look and a step back ask the server.
#[test]
fn jumps_end_at_the_same_frames() {
    let folder = tempfile::tempdir().unwrap();
    let clip = large_clip(folder.path());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _inside = runtime.enter();
    let how = How {
        latency: Duration::from_millis(15),
        ..How::default()
    };
    let server = WebServer::start(&clip, how);
    let remote = Remote::new(Web::new(server.url("large.mp4").parse().unwrap()), options());
    let (here, here_events) = open(&clip);
    let (there, there_events) = open_source(remote.clone());
    for (stopped, wanted) in [
        (3_000, 9_500),
        (14_000, 2_040),
        (9_000, 5_000),
        (1_000, 15_000),
        (7_000, 9_480),
    ] {
        there.request(request(stopped));
        std::thread::sleep(Duration::from_millis(stopped / 500));
        let frame = answer(&there_events, there.request(request(wanted)));
        let expected = answer(&here_events, here.request(request(wanted)));
        assert_eq!(frame.time, expected.time);
        assert_eq!(
            Proof::of(&frame.image).sha256,
            Proof::of(&expected.image).sha256,
            "{wanted}"
        );
    }
    let all = std::fs::metadata(&clip).unwrap().len();
    let settle = || {
        while remote.stats().counts().expected > 0 {
            std::thread::sleep(Duration::from_millis(5));
        }
        server.counts()
    };
    let before = settle();
    answer(&there_events, there.request(request(9_480)));
    answer(
        &there_events,
        there.request(Request {
            motion: Motion::Step,
            ..request(9_440)
        }),
    );
    assert_eq!(settle(), before);
    assert!(before.1 <= all, "{before:?} of {all}");
}

// Breaks if all frames of a large video at a distance are looked up, which would read it whole, or that is not said.
#[test]
fn a_large_video_is_not_indexed() {
    let folder = tempfile::tempdir().unwrap();
    let clip = large_clip(folder.path());
    // A box that players skip, and that takes no room on the disk: 40 MB.
    let mut bytes = std::fs::read(&clip).unwrap();
    bytes.extend((40_000_000_u32).to_be_bytes());
    bytes.extend(b"free");
    bytes.resize(bytes.len() + 40_000_000 - 8, 0);
    std::fs::write(&clip, bytes).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _inside = runtime.enter();
    let server = WebServer::start(&clip, How::default());
    let remote = Remote::new(Web::new(server.url("large.mp4").parse().unwrap()), options());
    let (player, events) = open_source(remote.clone());
    player.request(request(1_000));
    let failure = next(&events, |event| match event {
        Event::NotIndexed(failure) => Some(failure),
        Event::Indexed(_) => panic!("it was read"),
        _ => None,
    });
    assert!(failure.text.contains("not numbered"), "{failure:?}");
    assert!(server.counts().1 < 24_000_000, "{:?}", server.counts());
}

// Breaks if a video that cannot be opened at a distance does not say why in words.
#[test]
fn errors_of_the_network_are_told() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _inside = runtime.enter();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v.mp4?sig=secret", listener.local_addr().unwrap());
    drop(listener);
    let (_player, events) = open_source(Remote::new(Web::new(url.parse().unwrap()), options()));
    let failure = next(&events, |event| match event {
        Event::NotOpened(failure) => Some(failure),
        _ => None,
    });
    assert!(
        failure.text.contains("cannot be read") && !failure.text.contains("secret"),
        "{failure:?}"
    );
}
