//! Tests of what is asked for, and of what several readers share.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::server::{Response, Seen, serve};
use super::{bytes, object, quick, web};
use crate::reader::Reader;
use crate::{Cache, Ranges as _, Remote, RemoteOptions, SourceError, source_error};

const KB: u64 = 1 << 10;

/// What a leap may ask for: on a busy machine, an answer may take as long as one of a server far away.
const LEAP: std::ops::RangeInclusive<u64> = 64 * KB..=256 * KB;

fn large() -> Vec<u8> {
    (0..20_u64 << 20).map(|n| (n * 31 / 7) as u8).collect()
}

/// The ranges that the server was asked for.
fn asked(seen: &Seen) -> Vec<Range<u64>> {
    let requests = (0..seen.count()).map(|number| seen.request(number));
    let ranges = requests.map(|lines| {
        let range = lines
            .iter()
            .find_map(|line| line.strip_prefix("range: bytes="))
            .unwrap();
        let (start, end) = range.split_once('-').unwrap();
        start.parse().unwrap()..end.parse::<u64>().unwrap() + 1
    });
    ranges.collect()
}

fn overlap(ranges: &[Range<u64>]) -> bool {
    ranges
        .iter()
        .enumerate()
        .any(|(at, a)| ranges[..at].iter().any(|b| a.start < b.end && b.start < a.end))
}

fn read_at(reader: &mut Reader, offset: u64, count: usize) -> Vec<u8> {
    let mut read = vec![0; count];
    reader.seek(SeekFrom::Start(offset)).unwrap();
    reader.read_exact(&mut read).unwrap();
    read
}

/// Runs `work` on a thread that may block, with a video of 20 MB on a server.
async fn with_large<T: Send + 'static>(
    responses: Vec<Response>,
    options: RemoteOptions,
    work: impl FnOnce(Remote, Vec<u8>) -> T + Send + 'static,
) -> (T, Seen) {
    let (address, seen) = serve(large(), "\"one\"", responses);
    let remote = Remote::new(web(&address), options);
    let worked = tokio::task::spawn_blocking(move || work(remote, large()));
    (worked.await.unwrap(), seen)
}

// Breaks if a byte is wrong or fetched twice, or a long read takes far more requests than doubling needs.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_doubles_its_requests() {
    let (read, seen) = with_large(vec![Response::Serve], quick(), |remote, bytes| {
        let mut read = Vec::new();
        remote.reader().read_to_end(&mut read).unwrap();
        (read == bytes, remote.stats().requests_and_bytes())
    })
    .await;
    let asked = asked(&seen);
    assert!(read.0 && !overlap(&asked), "{asked:?}");
    assert!(asked.len() <= 12, "{asked:?}");
    assert_eq!(read.1, (asked.len() as u64, 20 << 20));
}

// Breaks if a read after a seek fetches far more than it needs, or reading again costs a second request.
#[tokio::test(flavor = "multi_thread")]
async fn leaps_are_modest_and_remembered() {
    let ((), seen) = with_large(vec![Response::Serve], quick(), |remote, bytes| {
        let mut reader = remote.reader();
        for offset in [9 << 20, 5 << 20, 0, 9 << 20, (5 << 20) - 2] {
            let expected = &bytes[offset as usize..][..4];
            assert_eq!(read_at(&mut reader, offset, 4), expected);
        }
    })
    .await;
    let asked = asked(&seen);
    assert_eq!(asked.len(), 4, "{asked:?}");
    assert_eq!(asked[1].start, 9 << 20);
    assert!(LEAP.contains(&(asked[1].end - asked[1].start)), "{asked:?}");
    // The last request ends where a kept block begins.
    assert_eq!(asked[3], (5 << 20) - 2..5 << 20);
}

// Breaks if an index at the end costs more than one request.
#[tokio::test(flavor = "multi_thread")]
async fn a_leap_to_the_end_takes_it_all() {
    let ((), seen) = with_large(vec![Response::Serve], quick(), |remote, bytes| {
        let start = (20 << 20) - 700 * KB;
        let mut reader = remote.reader();
        assert_eq!(read_at(&mut reader, start, 8), &bytes[start as usize..][..8]);
        reader.will_read(start..20 << 20);
        assert!(read_at(&mut reader, start, 700 << 10) == bytes[start as usize..]);
    })
    .await;
    assert_eq!(seen.count(), 2);
}

// Breaks if a hinted range costs more than one request, or more bytes.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_is_one_request() {
    let ((), seen) = with_large(vec![Response::Serve], quick(), |remote, bytes| {
        let mut reader = remote.reader();
        let hinted = 5 << 20..6 << 20;
        reader.will_read(hinted.clone());
        assert!(read_at(&mut reader, hinted.start, 1 << 20) == bytes[5 << 20..6 << 20]);
        // A short read after the hinted range.
        reader.read_exact(&mut [0; 4]).unwrap();
    })
    .await;
    let asked = asked(&seen);
    assert_eq!(asked[..2], [0..64 * KB, 5 << 20..6 << 20]);
    assert_eq!((asked.len(), asked[2].start), (3, 6 << 20));
    assert!(LEAP.contains(&(asked[2].end - asked[2].start)), "{asked:?}");
}

// Breaks if two readers that want the same bytes at the same time ask for them twice, or one of them waits until all have
// arrived.
#[tokio::test(flavor = "multi_thread")]
async fn readers_share_what_is_on_its_way() {
    let pause = Duration::from_millis(150);
    let responses = vec![Response::Serve, Response::Slow(pause)];
    let (first, seen) = with_large(responses, quick(), |remote, bytes| {
        let hinted = 5 << 20..6 << 20;
        let readers: Vec<_> = (0..3).map(|_| remote.reader()).collect();
        remote.reader().read_exact(&mut [0]).unwrap();
        let bytes = Arc::new(bytes);
        let threads: Vec<_> = readers
            .into_iter()
            .map(|mut reader| {
                let (bytes, hinted) = (bytes.clone(), hinted.clone());
                std::thread::spawn(move || {
                    let began = Instant::now();
                    reader.will_read(hinted.clone());
                    read_at(&mut reader, hinted.start, 10);
                    let first = began.elapsed();
                    assert!(read_at(&mut reader, hinted.start, 1 << 20) == bytes[5 << 20..6 << 20]);
                    (first, began.elapsed())
                })
            })
            .collect();
        let times: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        times
    })
    .await;
    assert_eq!(seen.count(), 2);
    for (first, all) in first {
        assert!(first + pause < all, "{first:?} of {all:?}");
    }
}

// Breaks if what nobody wants any more goes on to load the link, or its bytes that did arrive are fetched again.
#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_wants_is_given_up() {
    let responses = vec![
        Response::Serve,
        Response::Slow(Duration::from_millis(200)),
        Response::Serve,
    ];
    let (expected, seen) = with_large(responses, quick(), |remote, bytes| {
        let mut reader = remote.reader();
        reader.will_read(5 << 20..9 << 20);
        read_at(&mut reader, 5 << 20, 10);
        reader.will_read(12 << 20..13 << 20);
        read_at(&mut reader, 12 << 20, 10);
        while remote.stats().counts().expected > 0 {
            std::thread::sleep(Duration::from_millis(10));
        }
        let (_, received) = remote.stats().requests_and_bytes();
        assert!(received < 4 << 20, "{received}");
        reader.will_read(5 << 20..9 << 20);
        assert!(read_at(&mut reader, 5 << 20, 4 << 20) == bytes[5 << 20..9 << 20]);
        remote.stats().requests_and_bytes().1
    })
    .await;
    // All that was read, each byte once.
    let read = 64 * KB + (1 << 20) + (4 << 20);
    let asked = asked(&seen);
    assert_eq!(expected, read, "{asked:?}");
}

// Breaks if a reader that is to stop waits for a server that says nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_wait_can_be_stopped() {
    let options = RemoteOptions {
        patience: Duration::from_secs(20),
        tries: None,
        ..quick()
    };
    let responses = vec![Response::Serve, Response::Silence];
    let (waited, _) = with_large(responses, options, |remote, _| {
        let mut reader = remote.reader();
        reader.seek(SeekFrom::Start(5 << 20)).unwrap();
        let began = Instant::now();
        let error = reader.read_while(&mut [0; 4], &|| began.elapsed() < Duration::from_millis(100));
        assert!(source_error(&error.unwrap_err()).is_none());
        began.elapsed()
    })
    .await;
    assert!(waited < Duration::from_millis(900), "{waited:?}");
}

// Breaks if a lost network ends a reader that is to wait for it, or what is wrong is not said meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_network_is_waited_for() {
    let mut responses = vec![Response::Serve];
    responses.extend([Response::Status(503); 9]);
    responses.push(Response::Serve);
    let options = RemoteOptions {
        tries: None,
        ..quick()
    };
    let (trouble, seen) = with_large(responses, options, |remote, bytes| {
        let mut reader = remote.reader();
        let watched = remote.clone();
        let watch = std::thread::spawn(move || {
            while watched.stats().counts().trouble.is_none() {
                std::thread::yield_now();
            }
            watched.stats().counts().trouble
        });
        assert_eq!(read_at(&mut reader, 5 << 20, 4), &bytes[5 << 20..][..4]);
        assert_eq!(remote.stats().counts().trouble, None);
        watch.join().unwrap()
    })
    .await;
    assert!(trouble.is_some_and(|trouble| trouble.contains("503")));
    assert_eq!(seen.count(), 11);
}

// Breaks if the second look at a video fetches what the first has left on disk, or shows another version's bytes.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_look_reads_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let with_cache = || RemoteOptions {
        cache: Some(Arc::new(Cache::new(folder.path(), 100 << 20))),
        ..quick()
    };
    let look = |remote: Remote, bytes: Vec<u8>| {
        let mut reader = remote.reader();
        for offset in [0, 5 << 20, 9 << 20] {
            let expected = &bytes[offset..][..1_000];
            assert_eq!(read_at(&mut reader, offset as u64, 1_000), expected);
        }
        remote.stats().counts()
    };
    let (first, _) = with_large(vec![Response::Serve], with_cache(), look).await;
    assert_eq!((first.requests, first.from_disk), (3, 0));
    // The server's port is part of the address, so one server is asked twice here.
    let (address, seen) = serve(
        bytes(),
        "\"one\"",
        vec![Response::Serve, Response::Serve, Response::Etag("\"two\"")],
    );
    let read = |remote: Remote| async move {
        let done = tokio::task::spawn_blocking(move || {
            read_at(&mut remote.reader(), 0, 64 << 10);
            remote.stats().counts()
        });
        done.await.unwrap()
    };
    let counts = read(Remote::new(web(&address), with_cache())).await;
    assert_eq!((counts.requests, counts.bytes), (1, 64 * KB));
    // Written in the background.
    let cache = Cache::new(folder.path(), 0);
    while !cache.has_head(&web(&address).identity()) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let counts = read(Remote::new(web(&address), with_cache())).await;
    assert_eq!((counts.requests, counts.bytes, counts.from_disk), (1, 1, 64 * KB));
    assert_eq!(asked(&seen)[1], 0..1);
    let counts = read(Remote::new(web(&address), with_cache())).await;
    assert_eq!((counts.requests, counts.from_disk), (2, 0));
}

// Breaks if a bucket in another region cannot be read, or each request is redirected anew.
#[tokio::test(flavor = "multi_thread")]
async fn regions_are_followed() {
    let (address, seen) = serve(
        bytes(),
        "\"one\"",
        vec![Response::Region("eu-central-1"), Response::Serve],
    );
    let remote = Remote::new(object(&address), quick());
    remote.open().await.unwrap();
    let mut reader = remote.reader();
    let read = tokio::task::spawn_blocking(move || read_at(&mut reader, 500_000, 4));
    assert_eq!(read.await.unwrap(), bytes()[500_000..500_004]);
    let region = |number: usize| {
        let lines = seen.request(number);
        let line = lines
            .iter()
            .find(|line| line.starts_with("authorization:"))
            .unwrap();
        line.contains("/eu-central-1/s3/")
    };
    assert_eq!(
        (region(0), region(1), region(2), seen.count()),
        (false, true, true, 3)
    );
    // A server that names the same region again and again is not followed.
    let (address, seen) = serve(bytes(), "\"one\"", vec![Response::Region("eu-west-1")]);
    assert!(Remote::new(object(&address), quick()).open().await.is_err());
    assert_eq!(seen.count(), 1);
}

// Breaks if a missing right is not named, or a page for people is read as a video.
#[tokio::test(flavor = "multi_thread")]
async fn errors_say_what_to_do() {
    let (address, _) = serve(bytes(), "\"one\"", vec![Response::Status(403)]);
    let error = Remote::new(object(&address), quick()).open().await.unwrap_err();
    assert!(error.is_denied());
    let advice = error.advice();
    assert!(
        advice.contains("s3:GetObject on arn:aws:s3:::bucket/video.mp4")
            && advice.contains("s3:ListBucket on arn:aws:s3:::bucket,"),
        "{advice}"
    );
    let (address, _) = serve(bytes(), "\"one\"", vec![Response::Status(403)]);
    let error = Remote::new(web(&address), quick()).open().await.unwrap_err();
    assert!(error.is_denied() && error.advice().contains("expired"), "{error}");
    let (address, _) = serve(bytes(), "\"one\"", vec![Response::Page]);
    let error = Remote::new(web(&address), quick()).open().await.unwrap_err();
    assert!(matches!(error, SourceError::IsPage(_)), "{error}");
}

// Breaks if a seek past either end causes a panic or returns wrong bytes.
#[tokio::test(flavor = "multi_thread")]
async fn ends() {
    let ((), _) = with_large(vec![Response::Serve], quick(), |remote, _| {
        let mut reader = remote.reader();
        assert!(reader.seek(SeekFrom::Current(-1)).is_err());
        assert_eq!(reader.seek(SeekFrom::End(5)).unwrap(), (20 << 20) + 5);
        assert_eq!(reader.read(&mut [0; 4]).unwrap(), 0);
        reader.will_read((19 << 20) + 1..u64::MAX);
        assert_eq!(read_at(&mut reader, (19 << 20) + 1, 100).len(), 100);
    })
    .await;
}
