//! Tests of the cache on disk.

use super::*;

fn version(etag: &str) -> Version {
    Version {
        etag: Some(format!("\"{etag}\"")),
        last_modified: None,
    }
}

fn block(byte: u8, length: usize) -> Bytes {
    vec![byte; length].into()
}

fn only_file(cache: &Cache) -> PathBuf {
    let mut files = cache.files();
    assert_eq!(files.len(), 1);
    files.pop().unwrap().path
}

// Breaks if bytes come back wrong, from another version or another object, or not at all at the next start.
#[test]
fn blocks_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::new(folder.path().join("videos"), 1 << 20);
    assert!(!cache.has_head("s3://b/v"));
    let (one, spans) = cache.version("s3://b/v", &version("1"), 500);
    assert_eq!(spans.at(0), None);
    cache.write(&one, 0, &block(7, 100)).unwrap();
    cache.write(&one, 300, &block(8, 50)).unwrap();
    let again = Cache::new(folder.path().join("videos"), 1 << 20);
    let (one, spans) = again.version("s3://b/v", &version("1"), 500);
    assert_eq!(
        (spans.at(99), spans.at(100), spans.at(320)),
        (Some(0..100), None, Some(300..350))
    );
    assert_eq!(Cache::read(&one, &(300..350)), Some(block(8, 50)));
    assert!(again.has_head("s3://b/v") && !again.has_head("s3://b/w"));
    assert_eq!(again.bytes(), 150 + 2 * HEAD_BYTES);
    // Another version: the bytes of the old one are gone.
    let (_, spans) = again.version("s3://b/v", &version("2"), 500);
    assert_eq!((spans.at(0), again.bytes()), (None, 0));
}

// Breaks if a block that was cut off, changed or renamed on disk is served.
#[test]
fn damaged_blocks_are_not_served() {
    type Damage = fn(&Path);
    let damages: [Damage; 4] = [
        |path| {
            File::options()
                .write(true)
                .open(path)
                .unwrap()
                .set_len(60)
                .unwrap();
        },
        |path| {
            let mut bytes = fs::read(path).unwrap();
            bytes[HEAD_BYTES as usize + 3] ^= 1;
            fs::write(path, bytes).unwrap();
        },
        |path| {
            let length = fs::metadata(path).unwrap().len();
            fs::write(path, vec![0; length as usize]).unwrap();
        },
        |path| fs::write(path, b"").unwrap(),
    ];
    for damage in damages {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path(), 1 << 20);
        let (of, _) = cache.version("s3://b/v", &version("1"), 500);
        cache.write(&of, 0, &block(7, 100)).unwrap();
        let path = only_file(&cache);
        damage(&path);
        assert_eq!(Cache::read(&of, &(0..100)), None);
        assert!(!path.exists());
        cache.write(&of, 0, &block(7, 100)).unwrap();
        assert_eq!(Cache::read(&of, &(0..100)), Some(block(7, 100)));
    }
}

// Breaks if the cache grows beyond its limit, by one program or by two, or drops what was just used.
#[test]
fn what_was_used_longest_ago_goes() {
    let folder = tempfile::tempdir().unwrap();
    let limit = 100_000;
    let (cache, other) = (Cache::new(folder.path(), limit), Cache::new(folder.path(), limit));
    let (of, _) = cache.version("s3://b/v", &version("1"), 1 << 30);
    cache.write(&of, 0, &block(1, 5_000)).unwrap();
    for number in 1..40 {
        // Each file has a time of its own, and this one is used again and again.
        std::thread::sleep(Duration::from_millis(2));
        let used = File::options()
            .write(true)
            .open(of.0.join(name_of(&(0..5_000))))
            .unwrap();
        used.set_modified(SystemTime::now() - Duration::from_secs(61))
            .unwrap();
        assert!(Cache::read(&of, &(0..5_000)).is_some(), "{number}");
        let writer = if number % 2 == 0 { &cache } else { &other };
        writer.write(&of, number * 10_000, &block(2, 5_000)).unwrap();
        assert!(cache.bytes() <= limit, "{}", cache.bytes());
        let (_, spans) = cache.version("s3://b/v", &version("1"), 1 << 30);
        assert!(spans.at(number * 10_000).is_some());
    }
    assert!(cache.write(&of, 0, &block(1, 60_000)).is_err());
    cache.clear().unwrap();
    assert_eq!(other.bytes(), 0);
    assert_eq!(Cache::read(&of, &(0..5_000)), None);
    cache.write(&of, 0, &block(1, 10)).unwrap();
}

// Breaks if others on this machine can read what is kept, or an unfinished file stays for ever.
#[cfg(unix)]
#[test]
fn files_are_for_their_owner() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::new(folder.path().join("a/videos"), 1 << 20);
    let (of, _) = cache.version("s3://b/v", &version("1"), 500);
    cache.write(&of, 0, &block(7, 100)).unwrap();
    let file = only_file(&cache);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&file), 0o600);
    for folder in [of.0.as_path(), of.0.parent().unwrap(), cache.folder()] {
        assert_eq!(mode(folder), 0o700, "{}", folder.display());
    }
    let left = of.0.join(".tmpAbC");
    fs::write(&left, b"x").unwrap();
    assert_eq!(cache.files().len(), 2);
    let old = SystemTime::now() - Duration::from_hours(3);
    File::options()
        .write(true)
        .open(&left)
        .unwrap()
        .set_modified(old)
        .unwrap();
    assert_eq!(cache.files().len(), 1);
    assert!(!left.exists());
}
